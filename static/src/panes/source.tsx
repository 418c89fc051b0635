// The code that runs, with every thread's line in it, and what this revision changed.
import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../messages";
import { labelled, usePlayer } from "../player";
import type { Player } from "../player";
import { againstParent, card } from "../store";
import { theme } from "../theme";
import { threadIndex } from "../format";
import { Thread } from "../markup";
import { toLine } from "../moves";
import { shortName } from "../revisions";
import { highlight } from "../python";
import type { Fn, Frame, Step, Trace } from "../types";

export function Source() {
  const player = usePlayer();
  const run = player.trace.value;
  const here = shownFrame(player);
  const fn = here && run ? run.functions[here[0]] : undefined;
  // In user code no line runs: the listing shows where the thread was or will be.
  const idle = !player.step.value?.stack.length;
  return (
    <section class={idle ? "pane p-source code idle" : "pane p-source code"} aria-label={labelled(t("running_code"), player)}>
      <h2>
        <span>{t("running_code")}</span>
        {fn && <span>{fn.kernel === run?.kernel.id ? shortName(fn.kernel) : t("unchanged_since", { kernel: shortName(fn.kernel) })}{fn.diff ? <Toggle /> : null}</span>}
      </h2>
      {run && fn ? <><Crumbs /><p class="about" title={fn.doc}>{idle ? t("user_code") : fn.doc.split("\n")[0]!.replace(/ \([^()]*\)\.$/, ".")}</p><Listing fn={fn} id={here![0]} run={run} /></> : <p class="small pad">{t("user_code")}</p>}
    </section>
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
function standing({ trace, step, position }: Player): Step | null {
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
    <nav class={allCrumbs.value ? "crumbs all" : "crumbs"} aria-label={labelled(t("call_stack"), player)}>
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

const SIGN = { same: "", added: "+", gone: "−" };

type Row = { line: number | null; text: string; kind: "same" | "added" | "gone" };

function rowsOf(fn: Fn): Row[] {
  const gone = againstParent.value ? fn.diff?.removed ?? [] : [];
  const added = new Set(againstParent.value ? fn.diff?.added ?? [] : []);
  const rows: Row[] = [];
  const lost = (line: number) => {
    for (const hunk of gone) if (hunk.after === line) for (const text of hunk.lines) rows.push({ line: null, text, kind: "gone" });
  };
  lost(fn.line - 1);
  const [docFrom, docTo] = docstring(fn.source);
  fn.source.forEach((text, i) => {
    const line = fn.line + i;
    if (i >= docFrom && i <= docTo) return; // shown above, in words
    rows.push({ line, text, kind: added.has(line) ? "added" : "same" });
    lost(line);
  });
  return rows;
}

// First and last index of the docstring's lines.
function docstring(source: string[]): [number, number] {
  const from = source.findIndex((text) => text.trim().startsWith('"""'));
  if (from < 0 || !/^\s*def |^\s*\)/.test(source[from - 1] ?? "")) return [1, 0];
  if (source[from]!.trim().length > 3 && source[from]!.trim().endsWith('"""')) return [from, from];
  const to = source.findIndex((text, i) => i > from && text.trim().endsWith('"""'));
  return [from, to < 0 ? from : to];
}

// Half the indentation, so that lines fit; the text is untouched.
const narrow = (text: string): string => text.replace(/^ +/, (spaces) => spaces.slice(spaces.length / 2));

function Listing({ fn, id, run }: { fn: Fn; id: string; run: Trace }) {
  const player = usePlayer();
  const { step } = player;
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(fn).map((row) => ({ ...row, body: <span class="text">{highlight(narrow(row.text))}</span> })), [fn, againstParent.value]);
  const at = standingLines(player, id, run);
  const acting = step.value ? at.get(step.value.thread) : undefined;
  useEffect(() => {
    const row = box.current?.querySelector<HTMLElement>(".line.here") ?? box.current?.querySelector<HTMLElement>(".line.stood");
    if (row && box.current) box.current.scrollTop = wholeLine(box.current, row);
  }, [id, acting, againstParent.value, theme.value, card.value]);
  return (
    <div class="listing" ref={box} tabIndex={0} role="region" aria-label={labelled(t("listing", { fn: fn.name, file: fn.file }), player)} onKeyDown={(e) => lineKeys(e, player, id)} onFocus={() => (cursor.value = acting ?? null)} onBlur={() => (cursor.value = null)}>
      <ol>
        {rows.map((row, i) => {
          const who = row.line === null ? [] : [...at].filter(([, line]) => line === row.line).map(([t]) => t);
          const mine = who.includes(step.value?.thread ?? "");
          const lead = who.length ? threadIndex(run, mine ? step.value!.thread : who[0]!) % 8 : 0;
          const state = mine && step.value?.stack.length ? "here" : who.length ? "stood" : "";
          return (
            <li key={i} class={`line ${row.kind} ${state} ${who.length ? `t${lead}` : ""} ${row.line !== null && row.line === cursor.value ? "cursor" : ""}`} data-line={row.line ?? undefined} aria-current={state === "here" ? "true" : undefined}>
              <span class="gutter">{who.map((t) => <Thread key={t} id={t} />)}</span>
              <span class="num" title={row.line === null ? undefined : t("run_to_line")} onClick={(e) => row.line !== null && toLine(player, id, row.line, e.shiftKey ? -1 : 1)}>{row.line ?? ""}</span>
              <span class="sign">{SIGN[row.kind]}</span>
              {row.body}
            </li>
          );
        })}
      </ol>
      <p class="cites">{fn.cites}</p>
    </div>
  );
}

// The line is in the upper half of the box, whose first line is a whole one.
function wholeLine(box: HTMLElement, row: HTMLElement): number {
  const wanted = row.offsetTop - box.clientHeight * 0.45;
  const first = [...box.querySelectorAll<HTMLElement>(".line")].find((line) => line.offsetTop >= wanted);
  return wanted <= 0 || !first ? 0 : first.offsetTop;
}

// Where each thread stood last, in this function.
function standingLines({ position }: Player, id: string, run: Trace): Map<string, number> {
  const found = new Map<string, number>();
  const settled = new Set<string>();
  for (let n = position.value; n >= 1 && settled.size < run.threads.length; n -= 1) {
    const s = run.steps[n - 1]!;
    if (settled.has(s.thread)) continue;
    settled.add(s.thread);
    const frame = [...s.stack].reverse().find(([f]) => f === id);
    if (frame) found.set(s.thread, frame[1]);
  }
  return found;
}

// The line that the arrows have reached in a listing with the focus; Enter runs to it.
const cursor = signal<number | null>(null);

function lineKeys(event: KeyboardEvent, player: Player, id: string): void {
  const fn = player.trace.value!.functions[id]!;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    event.preventDefault();
    const to = Math.min(Math.max((cursor.value ?? fn.line) + by, fn.line), fn.line + fn.source.length - 1);
    cursor.value = to;
    (event.currentTarget as HTMLElement).querySelector(`[data-line="${to}"]`)?.scrollIntoView({ block: "nearest" });
  }
  if (event.key === "Enter" && cursor.value !== null) toLine(player, id, cursor.value, event.shiftKey ? -1 : 1);
}
