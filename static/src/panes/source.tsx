// The code that runs, with every thread's line in it, and what this revision changed.
import { signal } from "@preact/signals";
import { Listings } from "../listing";
import { t } from "../messages";
import { labelled, usePlayer } from "../player";
import type { Player } from "../player";
import { againstParent } from "../store";
import { Thread } from "../markup";
import { shortName } from "../revisions";
import type { Frame, Step } from "../types";

export function Source() {
  const player = usePlayer();
  const run = player.trace.value;
  const here = shownFrame(player);
  const fn = here && run ? run.functions[here[0]] : undefined;
  // In user code no line runs: the listing shows where the thread was or will be.
  const idle = !player.step.value?.stack.length;
  return (
    <section class={`pane boxed p-source code ${idle ? "idle" : ""} ${player.swift.value ? "swift" : ""}`} aria-label={labelled(t("running_code"), player)}><div class="pane-in">
      <h2>
        <span title={t("running_how")}>{t("running_in_python")}</span>
        {fn && <span key={fn.kernel + !!fn.diff}>{fn.kernel === run?.kernel.id ? shortName(fn.kernel) : t("unchanged_since", { kernel: shortName(fn.kernel) })}{fn.diff ? <Toggle /> : null}</span>}
      </h2>
      {run && fn ? <><Crumbs /><p class="about" title={fn.doc}>{idle ? t("user_code") : fn.doc.split("\n")[0]!.replace(/ \([^()]*\)\.$/, ".")}</p><Listings id={here![0]} run={run} /></> : <p class="small pad">{t("user_code")}</p>}
    </div></section>
  );
}

function Toggle() {
  return (
    <>
      {" · "}
      <button type="button" class="linkish" aria-pressed={againstParent.value} onClick={() => (againstParent.value = !againstParent.value)}>
        {againstParent.value ? t("hide_changes") : t("show_changes")}
      </button>
    </>
  );
}

// The step's own stack; before and between handlers, the last one that this thread stood in.
export function standing({ trace, step, position }: Player): Step | null {
  const run = trace.value;
  const now = step.value;
  if (!run) return null;
  if (!now) return run.steps.find((s) => s.stack.length > 0) ?? null;
  if (now.stack.length > 0) return now;
  for (let n = position.value; n >= 1; n -= 1) {
    const s = run.steps[n - 1]!;
    if (s.thread === now.thread && s.stack.length > 0) return s;
  }
  return run.steps.find((s) => s.thread === now.thread && s.stack.length > 0) ?? null;
}

function shownFrame(player: Player): Frame | null {
  const at = standing(player);
  const run = player.trace.value;
  if (!at || !run) return null;
  const visible = at.stack.filter(([id]) => !run.functions[id]?.inline);
  const picked = player.pickedFrame.value;
  return visible[picked ?? visible.length - 1] ?? visible[visible.length - 1] ?? null;
}

function Crumbs() {
  const player = usePlayer();
  const { pickedFrame } = player;
  const run = player.trace.value!;
  const at = standing(player)!;
  const visible = at.stack.filter(([id]) => !run.functions[id]?.inline);
  const current = pickedFrame.value ?? visible.length - 1;
  const hidden = allCrumbs.value ? 0 : Math.max(0, visible.length - SHOWN_CRUMBS);
  return (
    <nav key={visible.map(([id]) => id).join()} class={allCrumbs.value ? "crumbs all" : "crumbs"} aria-label={labelled(t("call_stack"), player)}>
      <Thread id={at.thread} />
      {hidden > 0 && <button type="button" class="crumb" aria-label={t("outer_functions", { n: hidden })} onClick={() => (allCrumbs.value = true)}>…</button>}
      {visible.map(([id], i) => i >= hidden && (
        <button key={i} type="button" class={i === current ? "crumb on" : "crumb"} aria-current={i === current ? "true" : undefined} onClick={() => (pickedFrame.value = i)}>
          {run.functions[id]?.name ?? id}{run.functions[id]?.diff && <span class="delta" title={t("changed_here")}><span class="visually-hidden">, {t("changed_here")}</span></span>}
        </button>
      ))}
    </nav>
  );
}

const SHOWN_CRUMBS = 3;
const allCrumbs = signal(false);
