// The page around this one: what it may ask, and what it is told. docs/embed.md says the same to its author.
import { effect } from "@preact/signals";
import { stage, switchKernel } from "../store";
import { titleOf } from "../told";

const A_SECOND = 40; // messages that are heeded
const APART = 50; // milliseconds between two that are sent

type Asked = { type: string; step?: unknown; by?: unknown; id?: unknown };

// Whom to answer: named by the address, or whoever speaks first.
let partner: string | null = null;
// A file has no origin; browsers spell that in two ways, and none of them can be answered by name.
const known = (origin: string): string => (origin === "file://" ? "null" : origin);

export function talk(origin: string | null): void {
  if (window.parent === window) return;
  partner = origin && known(origin);
  let left = A_SECOND;
  let then = performance.now();
  addEventListener("message", (event) => {
    if (event.source !== window.parent || (partner !== null && known(event.origin) !== partner)) return;
    const asked = read(event.data);
    const now = performance.now();
    left = Math.min(A_SECOND, left + ((now - then) * A_SECOND) / 1000);
    then = now;
    if (!asked || left < 1) return;
    left -= 1;
    const news = partner === null;
    partner = known(event.origin);
    if (news || asked.type === "hello") hello();
    heed(asked);
  });
  effect(() => {
    if (stage.trace.value) hello();
  });
  effect(() => {
    void stage.position.value;
    void stage.playing.value;
    if (stage.trace.value) soon();
  });
}

function read(data: unknown): Asked | null {
  if (typeof data !== "object" || data === null) return null;
  const { source, v, type } = data as Record<string, unknown>;
  return source === "faultwalk" && v === 1 && typeof type === "string" ? (data as Asked) : null;
}

// What comes before the run is there is done once it is.
let waiting: Asked[] = [];
function heed(asked: Asked): void {
  if (stage.trace.value) return obey(asked);
  waiting = [...waiting.slice(-9), asked];
}

export function catchUp(): void {
  waiting.forEach(obey);
  waiting = [];
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);

function obey({ type, step, by, id }: Asked): void {
  if (type === "goto" && isNumber(step)) halt(() => stage.seek(step));
  else if (type === "step" && isNumber(by)) halt(() => stage.seek(stage.position.value + by));
  else if (type === "play" && !stage.playing.value) stage.togglePlay();
  else if (type === "pause") stage.playing.value = false;
  else if (type === "kernel" && typeof id === "string" && /^[\w.-]{1,40}$/.test(id)) switchKernel(id);
}

function halt(act: () => void): void {
  stage.playing.value = false;
  act();
}

function hello(): void {
  const run = stage.trace.peek();
  if (run) send({ type: "ready", steps: run.steps.length, title: titleOf(run).text, kernel: run.kernel.id });
  if (run) state();
}

const state = (): void => send({ type: "state", step: stage.position.peek(), playing: stage.playing.peek() });

let timer = 0;
function soon(): void {
  timer ||= window.setTimeout(() => {
    timer = 0;
    state();
  }, APART);
}

function send(message: Record<string, unknown>): void {
  if (partner === null) return;
  try {
    window.parent.postMessage({ source: "faultwalk", v: 1, ...message }, partner === "null" ? "*" : partner);
  } catch {
    // the address names an origin that is none
  }
}
