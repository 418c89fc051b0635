// What if: at this step, something else. Each answer is a run of its own, a fork of this one.
import { computed, effect, signal } from "@preact/signals";
import * as api from "./api";
import { t } from "./messages";
import { mode, open, stage, trouble } from "./store";
import type { Offer, Trace } from "./types";

// at: where the way back leads. parts: the last step that both share. order: only who moves when is another. replay: not
// made here by one change.
export type Fork = { origin: Trace; at: number; parts: number; said: string; restarts: boolean; order: boolean; replay: boolean; link: string };

export const offers = signal<Offer[]>([]);
export const looking = signal(false);
// The forks that led here, newest last. They last as long as the page; the runs themselves are links.
export const forks = signal<Fork[]>([]);

// The fork that the run on the stage came from, if it did.
export const fork = computed<Fork | null>(() => {
  const run = stage.trace.value;
  return forks.value.findLast((f) => f.link === run?.link) ?? null;
});

const request = (run: Trace) => ({ scenario: run.scenario, kernel: run.kernel.id });

let wanted = "";
async function look(run: Trace, at: number): Promise<void> {
  const key = `${run.link}@${at}`;
  if (wanted === key) return;
  wanted = key;
  looking.value = true;
  try {
    const found = await api.offers(request(run), at);
    if (wanted === key) offers.value = found.offers;
  } catch (error) {
    wanted = "";
    if (error instanceof api.Failure) trouble.value = error.trouble;
  } finally {
    looking.value = wanted !== key && wanted !== "";
  }
}

export async function apply(edit: string): Promise<void> {
  const origin = stage.trace.value;
  const at = stage.position.value;
  if (!origin) return;
  try {
    const made = await api.whatif(request(origin), at, edit);
    const opened = await open({ scenario: made.scenario, kernel: made.kernel }, made.restarts ? 0 : at);
    const now = stage.trace.value;
    if (!opened || !now) return;
    forks.value = [...forks.value, { origin, at, parts: at, said: made.said, restarts: made.restarts, order: edit.startsWith("run:"), replay: false, link: now.link }];
    // where one goes on: the button that made it may be gone
    requestAnimationFrame(() => document.querySelector<HTMLElement>(".forked")?.focus({ preventScroll: true }));
  } catch (error) {
    if (error instanceof api.Failure) trouble.value = error.trouble;
  }
}

// Another order of turns is on the stage now. However many are tried, the way back leads to the one that was there first.
export function reordered(before: Trace, at: number): void {
  const now = stage.trace.value;
  const first = forks.value.findLast((f) => f.link === before.link && f.order);
  const from = first ? { origin: first.origin, at: first.at } : { origin: before, at };
  const parts = now?.steps.findIndex((step, i) => step.thread !== from.origin.steps[i]?.thread) ?? -1;
  if (!now || parts < 0) return;
  const said = t("another_order", { step: `#${parts + 1}` });
  forks.value = [...forks.value, { ...from, parts, said, restarts: false, order: true, replay: true, link: now.link }];
}

// Back to the run that was forked, at the step of the fork. The fork stays a link in the history.
export function undo(): void {
  const here = fork.value;
  if (!here) return;
  void open({ scenario: here.origin.scenario, kernel: here.origin.kernel.id }, here.at);
}

export function whatifs(): void {
  let timer = 0;
  effect(() => {
    const run = stage.trace.value;
    const at = stage.position.value;
    clearTimeout(timer);
    if (mode.value !== "whatif" || !run || stage.playing.value) return;
    timer = window.setTimeout(() => void look(run, at), 120);
  });
}
