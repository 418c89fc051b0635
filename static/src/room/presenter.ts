// Who presents: the room's key, the line to it, and where the presentation is. The key stays with this browser, so
// that a page that is loaded again, and a server that has forgotten, go on with the same room.
import { effect, signal } from "@preact/signals";
import * as api from "../api";
import { ANSWERS } from "../predict";
import { mode, stage } from "../store";
import { PRESENTS } from "../enter";
import { posts } from "./detours";
import { Line } from "./line";
import type { Order } from "./line";
import { kept } from "./part";
import { NO_ROOM, NOT_YOURS, whole } from "./says";
import type { Poll } from "./says";

type Opened = { name: string; key: string; url: string };

export const room = signal<Opened | null>(null);
export const online = signal(false);
export const here = signal(0);
export const answers = signal(0);
export const poll = signal<Poll | null>(null);
export const blank = signal(false);
// What the room would not do, in its own words.
export const refused = signal("");

const KEY = "faultwalk.room";
const DAY = 12 * 3600_000; // the next class has a room of its own
const APART = 45; // milliseconds between two orders
const BEAT = 15_000;

let line: Line | null = null;
let told = ""; // the link that the room has
let before: Poll | null = null; // as it was when the line was lost
let timer = 0;
let sent = 0;

// Whether this tab had the room open before.
export async function openRoom(): Promise<boolean> {
  const was = kept("sessionStorage", PRESENTS);
  const key = keyKept();
  room.value = was ? (JSON.parse(was) as Opened) : await api.post<Opened>("/api/rooms", key ? { key } : {});
  kept("localStorage", KEY, `${room.value.key} ${Date.now()}`);
  if (!was) kept("sessionStorage", ANSWERS, null);
  kept("sessionStorage", PRESENTS, JSON.stringify(room.value));
  line?.end();
  const way = `api/rooms/${room.value.name}`;
  line = new Line(`${way}/present`, { heard, lost, opened }, posts(`${way}/orders`));
  return was !== null;
}

function keyKept(): string | null {
  const [key, when] = (kept("localStorage", KEY) ?? "").split(" ");
  return key && Date.now() - Number(when) < DAY ? key : null;
}

function opened(): void {
  line!.send({ type: "key", key: room.peek()!.key });
  told = "";
  go();
}

function heard(text: string): void {
  const said = JSON.parse(text);
  if (!room.peek()) return; // the class is over
  if ("error" in said) return void (refused.value = said.error);
  online.value = true;
  if (said.cursor.away) soon(); // somebody else had been here
  here.value = said.here;
  answers.value = said.answers;
  const now = whole(said.cursor).poll;
  const lost = before;
  before = null;
  if (!now && lost) return order({ type: "again", poll: lost }); // the server had forgotten
  poll.value = now;
}

function lost(code: number): void {
  if (online.peek()) before = poll.peek();
  online.value = false;
  // a server that began anew is told of the room again, and the next call finds it
  if (code === NO_ROOM || code === NOT_YOURS) api.post<Opened>("/api/rooms", { key: room.peek()!.key }).catch(() => {});
}

export function order(what: Order): void {
  line?.send(what);
}

// Where the presentation is now. A run's link is told once on each line.
function go(): void {
  clearTimeout(timer);
  const run = stage.trace.peek();
  if (!run || !line) return;
  const link = run.link === told ? {} : { link: run.link };
  const at = stage.position.peek();
  if (!line.send({ type: "go", at, mode: mode.peek(), blank: blank.peek(), ...link })) return;
  if (run.link !== told) refused.value = "";
  told = run.link;
  sent = performance.now();
}

function soon(): void {
  clearTimeout(timer);
  timer = window.setTimeout(go, Math.max(0, sent + APART - performance.now()));
}

export function presents(): () => void {
  const stop = effect(() => {
    void [stage.trace.value, stage.position.value, mode.value, blank.value];
    soon();
  });
  const beat = setInterval(go, BEAT);
  return () => (stop(), clearInterval(beat));
}

// The class is over: everybody is let go, and the key is forgotten.
export function endRoom(): void {
  order({ type: "end" });
  const was = line;
  line = null;
  setTimeout(() => was?.end(), 300); // what was said last is on its way
  kept("localStorage", KEY, null);
  kept("sessionStorage", PRESENTS, null);
  room.value = null;
  online.value = blank.value = false;
  poll.value = null;
}
