// What the whole page shares: which run is on the stage, the lists, and what went wrong.
import { batch, computed, effect, signal } from "@preact/signals";
import * as api from "./api";
import { flush, forget, readHash, writeHash } from "./address";
import { t } from "./messages";
import type { Key } from "./messages";
import { afterPause } from "./pause";
import { Player } from "./player";
import { titleOf } from "./told";
import type { KernelInfo, Listed, RunRequest, Trace, Trouble } from "./types";

export const FLAGSHIP = "two-threads-one-page";
export const MODES: readonly Mode[] = ["play", "predict", "whatif", "schedules"];
export type Mode = "play" | "predict" | "whatif" | "schedules";

export const stage = new Player();
export const mode = signal<Mode>("play");
export const kernels = signal<KernelInfo[]>([]);
export const gallery = signal<Listed[]>([]);
export const trouble = signal<Trouble | null>(null);
export const busy = signal(false);
export type Card = "mode" | "path" | "entry" | "code" | "threads";
export const card = signal<Card>("entry");
// The modes with a pane that has a tab where panes do; a question stands over them.
export const paned = computed(() => mode.value === "whatif" || mode.value === "schedules");
effect(() => {
  const at = card.peek();
  if (paned.value) card.value = "mode";
  else if (at === "mode") card.value = "entry";
});
export const againstParent = signal(false);
// Whether somebody is here for the first time, and by no link.
export const fresh = signal(false);
// Where the stage came to rest: for what only matters once moving pauses.
export const rested = signal(0);
const resting = afterPause(200, () => (rested.value = stage.position.peek()));

// A part of the page that did not come. title: which.
export const unfetched = (title: Key): void => void (trouble.value = { title: t(title), errors: [{ where: t("network"), what: t("network_what"), instead: t("network_instead") }] });

const announce = (what: Trouble): void => void (trouble.value = what);

// as: in this mode, told in the new entry of the history only.
export async function open(request: RunRequest, at: number | "keep", push = true, fail = announce, as?: Mode): Promise<boolean> {
  busy.value = true;
  stage.playing.value = false;
  try {
    const run = await api.run(request);
    if (push) flush();
    batch(() => {
      if (as) mode.value = as;
      stage.barrier.value = null;
      stage.show(run, at === "keep" ? stage.position.value : at);
    });
    if (run.drift) trouble.value = moved(run.drift);
    writeHash(run.link, stage.position.value, push, mode.value);
    return true;
  } catch (error) {
    fail(error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] });
    return false;
  } finally {
    busy.value = false;
  }
}

function moved(drift: { step: number | null; event: string | null }): Trouble {
  const where = drift.step === null ? t("this_link") : t("step_n", { n: drift.step });
  const what = drift.event === null ? t("drift_unknown") : t("drift_event", { event: drift.event });
  return { title: t("drift_title"), errors: [{ where, what, instead: "" }] };
}

export function switchKernel(kernel: string): void {
  const run = stage.trace.value;
  if (!run || run.kernel.id === kernel) return;
  trouble.value = null;
  void open({ scenario: run.scenario, kernel }, "keep");
}

export function pick(id: string): void {
  trouble.value = null;
  void open({ gallery: id }, 0);
}

// Who comes for the first time is asked to predict: it is what makes a demonstration teach. Later a visit by no link
// begins in Play or Predict, whichever was chosen last: the other modes begin where a run has been seen.
function modeAtHome(): Mode {
  try {
    fresh.value = localStorage.getItem("faultwalk.been") === null;
    localStorage.setItem("faultwalk.been", "yes");
    if (fresh.value) localStorage.setItem("faultwalk.mode", "predict");
    return localStorage.getItem("faultwalk.mode") === "predict" ? "predict" : "play";
  } catch {
    return "play";
  }
}

export function choose(m: Mode): void {
  mode.value = m;
  try {
    localStorage.setItem("faultwalk.mode", m);
  } catch {
    // it is not remembered, then
  }
}

async function fromAddress(): Promise<void> {
  forget();
  const wanted = readHash();
  trouble.value = null;
  if (stage.trace.value && wanted && "link" in wanted.request && wanted.request.link === stage.trace.value.link) return goBack(wanted.step, wanted.mode);
  fresh.value = false;
  const as = MODES.find((m) => m === wanted?.mode) ?? (wanted ? "play" : modeAtHome());
  if (!stage.trace.value) mode.value = as;
  if (wanted && (await open(wanted.request, wanted.step, false, announce, as))) return;
  mode.value = as;
  if (!stage.trace.value || !wanted) await open({ gallery: FLAGSHIP }, 0, false);
}

// Another place in the run that is on the stage.
function goBack(step: number, as: string): void {
  written = { run: stage.trace.value, at: step };
  batch(() => {
    mode.value = MODES.find((m) => m === as) ?? "play";
    stage.seek(step);
  });
}

// A jump is a place to come back to; steps, and what follows at once as in scrubbing, are not.
let written: { run: Trace | null; at: number } = { run: null, at: 0 };
function follow(run: Trace, at: number): void {
  const jump = run === written.run && Math.abs(at - written.at) > 1 && !stage.swift.peek() && !stage.playing.peek();
  written = { run, at };
  if (jump) flush();
  writeHash(run.link, at, jump, mode.value);
}

// led: somebody else says what is on the stage.
export async function start(led: boolean): Promise<void> {
  if (!led) window.addEventListener("popstate", () => void fromAddress());
  effect(() => {
    const run = stage.trace.value;
    if (run) follow(run, stage.position.value);
  });
  effect(() => {
    const title = titleOf(stage.trace.value).text;
    document.title = title ? `${title} · Faultwalk` : "Faultwalk";
  });
  effect(() => {
    void stage.position.value;
    resting.again();
  });
  stage.run();
  await Promise.all([
    led ? undefined : fromAddress(),
    api.kernels().then((list) => (kernels.value = list), () => undefined),
    api.scenarios().then((list) => (gallery.value = list), () => undefined),
  ]);
}
