// The stage goes where the presentation is, until somebody here takes a step of his own.
import { batch, computed, effect, signal } from "@preact/signals";
import * as api from "../api";
import { loaded, questions } from "../predict";
import { mode, open, stage } from "../store";
import type { Trace } from "../types";
import { cursor, inRoom, name, state } from "./follower";
import { kept } from "./part";
import { pass } from "./tally";

export const following = signal(true);
// The run of the room that is on the stage, and the one that was fetched last.
let had: { run: string; trace: Trace | null } = { run: "", trace: null };
export const missing = signal(false);
// What this tab saw last of the room, for who comes back to its address when the class is over.
const last = (): string => `faultwalk.last.${name}`;
export const lastRun = (): string | null => kept("sessionStorage", last());
let fetching = false;
let tries = 0;
let ours = false;

export const wandering = computed(() => !following.value && state.value !== "over");

export function goBack(): void {
  following.value = true;
}

export function guide(): void {
  effect(() => {
    void [loaded.value, questions.value]; // a question that was on its way may have been in it
    // not in here, where what follows from each change would wait for the end
    if (cursor.value && following.value && state.value !== "over") queueMicrotask(follow);
  });
  let before: unknown[] = [];
  effect(() => {
    const now = [stage.trace.value, stage.position.value, mode.value, stage.playing.value];
    const same = now.every((one, i) => one === before[i]);
    const moved = before.length > 0 && !same && !ours && !fetching;
    before = now;
    if (moved) following.value = false;
  });
}

function follow(): void {
  const to = cursor.peek();
  if (!to?.run || fetching || !following.peek()) return;
  if (to.run !== had.run || stage.trace.peek() !== had.trace) return void fetchRun(to.run);
  mine(() => {
    stage.playing.value = false;
    mode.value = to.mode;
    pass(to.at);
  });
  if (stage.position.peek() !== to.at) mine(() => stage.seek(to.at));
}

function mine(act: () => void): void {
  ours = true;
  batch(act);
  ours = false;
}

// Of a run that is gone by now the next cursor tells another; all else is tried again, not by all at once.
async function fetchRun(run: string): Promise<void> {
  fetching = true;
  try {
    const { link } = await api.ask<{ link: string }>(`/${inRoom(`runs/${run}`)}`);
    const to = cursor.peek()!;
    const opened = await open({ link }, to.at, false, () => {}, to.mode);
    if (!opened) throw new Error(link);
    had = { run, trace: stage.trace.peek() };
    kept("sessionStorage", last(), link);
    tries = 0;
    missing.value = false;
  } catch {
    tries += 1;
    missing.value = tries > 2;
    await new Promise((done) => setTimeout(done, Math.min(8000, 300 * 2 ** tries) * (0.5 + Math.random())));
  }
  fetching = false;
  follow();
}
