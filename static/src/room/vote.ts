// The answer of this page to the room's question: it may change until the question is closed.
import { effect, signal } from "@preact/signals";
import * as api from "../api";
import { pausing, SKIPPED } from "../predict";
import { stage } from "../store";
import { cursor, inRoom, lines, say, state, who } from "./follower";
import { following } from "./guided";
import type { Poll } from "./says";
import { reveal } from "./tally";

export type Mine = { q: string; round: number; choice: number; sent: boolean; refused: boolean };
export const mine = signal<Mine | null>(null);

const TOGETHER = 300; // milliseconds: of taps that follow each other at once the last one is sent
const SURE = 700; // a question that is missing for so long is over; after a break it may come again
let timer = 0;
let ending = 0;
let last: Poll | null = null;

export function choose(poll: Poll, choice: number): void {
  if (!poll.open || choice >= poll.choices) return;
  mine.value = { q: poll.q, round: poll.round, choice, sent: false, refused: false };
  clearTimeout(timer);
  timer = window.setTimeout(send, TOGETHER);
}

function send(): void {
  const given = mine.peek();
  if (!given) return;
  const { q, round, choice } = given;
  if (say({ type: "vote", q, round, choice })) return;
  if (state.peek() !== "on") return; // it is sent once the line is there again
  api.fetched(`/${inRoom("votes")}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ who, q, round, choice }) })
    .then(() => arrived(""), (error: unknown) => arrived(error instanceof api.Failure ? error.trouble.title : String(error)));
}

export function arrived(refused: string): void {
  if (mine.peek()) mine.value = { ...mine.peek()!, sent: !refused, refused: refused !== "" };
}

export function ballots(): void {
  let line = 0;
  let gap = false; // whether the room may have forgotten what was answered
  effect(() => {
    const poll = cursor.value?.poll ?? null;
    gap ||= !poll || lines.peek() !== line;
    line = lines.peek();
    clearTimeout(ending);
    if (poll) {
      asked(poll, gap);
      gap = false;
    } else if (last) {
      const over = last;
      ending = window.setTimeout(() => ended(over), SURE);
    }
  });
}

function asked(poll: Poll, gap: boolean): void {
  const given = mine.peek();
  if (given && given.q !== poll.q) mine.value = null;
  else if (given && gap && poll.open && given.round === poll.round) send();
  last = poll;
  if (following.peek() && pausing.peek()) stage.forward(); // goes nowhere: the question comes up
}

function ended(poll: Poll): void {
  last = null;
  const given = mine.peek();
  mine.value = null;
  if (!poll.open) reveal(poll.q, poll.counts, given?.q === poll.q ? given.choice : SKIPPED);
}
