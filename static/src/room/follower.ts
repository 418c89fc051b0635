// Who follows a room: the newest cursor of it, and how the line is. One page is one follower, without a name.
import { signal } from "@preact/signals";
import { stream } from "./detours";
import { Line } from "./line";
import type { Order } from "./line";
import { kept, token } from "./part";
import { FULL, NO_ROOM, whole } from "./says";
import type { Cursor } from "./says";

export type State = "finding" | "none" | "full" | "on" | "lost" | "over";
export const state = signal<State>("finding");
export const cursor = signal<Cursor | null>(null);
// Counts the times that the line was made: what was said on an earlier one may be lost.
export const lines = signal(0);

export let name = "";
export let who = "";
let line: Line | null = null;
let newest: Cursor | null = null;
let frame = 0;
let answered = (_refused: string): void => {};

export const inRoom = (rest: string): string => `api/rooms/${name}/${rest}`;

export function join(room: string, onAnswer: (refused: string) => void): void {
  name = room;
  answered = onAnswer;
  who = kept("sessionStorage", `faultwalk.who.${room}`) ?? token(18);
  kept("sessionStorage", `faultwalk.who.${room}`, who);
  const ears = { heard, lost, opened: () => void (lines.value += 1) };
  line = new Line(inRoom(`follow?who=${who}`), ears, stream(inRoom("events")));
}

// Whether there was a socket to say it through.
export const say = (what: Order): boolean => line?.send(what) ?? false;

function heard(text: string): void {
  const said = JSON.parse(text);
  if ("vote" in said) return answered(said.vote);
  state.value = "on";
  if (said.n <= (newest?.n ?? -1)) return;
  newest = whole(said);
  if (newest.gone) leave();
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    cursor.value = newest;
  });
}

function leave(): void {
  state.value = "over";
  line?.end();
  kept("sessionStorage", `faultwalk.who.${name}`, null);
}

function lost(code: number): void {
  if (code === NO_ROOM) state.value = newest ? "lost" : "none";
  else if (code === FULL) state.value = "full";
  else if (state.value !== "none" || newest) state.value = newest ? "lost" : "finding";
}
