// What the presenter's second window is told: where the run is, what comes next, and what the room will be asked.
import { effect } from "@preact/signals";
import { plainText } from "../markup";
import { answers as given, questions } from "../predict";
import { site } from "../site";
import { mode, stage } from "../store";
import { noteOf, notesAt, storyOf, titleOf, watchIsTrue } from "../told";
import type { Trace } from "../types";
import { act, acts } from "./asking";
import type { Act } from "./asking";
import { back, darken, next } from "./clicker";
import { answers, blank, here, online, poll, room } from "./presenter";

export type Told = {
  room: string;
  online: boolean;
  here: number;
  blank: boolean;
  title: string;
  kernel: string;
  at: number;
  last: number;
  now: string;
  remarks: string[];
  next: string;
  watch: string[];
  question: { at: number; ask: string; choices: { text: string; right: boolean }[]; because: string } | null;
  asks: boolean;
  // counts: how the room answered, a list a round, for who presents alone.
  poll: { open: boolean; answers: number; counts: number[][] } | null;
  acts: Act[];
};

let page: Window | null = null;

export const openNotes = (): void => void (page = window.open(site(`/present-notes#${room.peek()!.name}`), "faultwalk-notes", "popup,width=760,height=680"));
export const closeNotes = (): void => page?.close();

const DO: Record<string, () => void> = { next, back, darken };
const ACTS: Act[] = ["ask", "tell", "close", "again", "numbers", "show"];
for (const what of ACTS) DO[what] = () => act(what);

export function tellNotes(): () => void {
  const channel = new BroadcastChannel(`faultwalk ${room.peek()!.name}`);
  channel.onmessage = ({ data }) => {
    if (data === "tell") channel.postMessage(now());
    else DO[String(data)]?.();
  };
  const stop = effect(() => channel.postMessage(now()));
  return () => (stop(), channel.close());
}

function now(): Told | null {
  const run = stage.trace.value;
  if (!run || !room.value) return null;
  const at = stage.position.value;
  const step = run.steps[at - 1];
  const after = run.steps[at];
  const open = poll.value;
  return {
    room: room.value.name,
    online: online.value,
    here: here.value,
    blank: blank.value,
    title: titleOf(run).text,
    kernel: run.kernel.id,
    at,
    last: run.steps.length,
    now: step ? plainText(step.what) : "",
    remarks: step ? notesAt(run, step).map((place) => plainText(noteOf(run, place).text)) : [],
    next: after ? plainText(after.what) : "",
    watch: watchOf(run),
    question: questionFrom(at),
    asks: mode.value === "predict",
    poll: open && { open: open.open, answers: answers.value, counts: open.counts },
    acts: acts.value,
  };
}

const watchOf = (run: Trace): string[] => {
  const [scene = "", ...watch] = storyOf(run).text.trim().split(/\n+/);
  return [scene, ...(watchIsTrue(run) ? watch : [])].map(plainText);
};

// The next one that is open, with its answer.
function questionFrom(at: number): Told["question"] {
  const found = questions.value.filter((q) => q.at >= at && !given.value.has(q.id)).sort((a, b) => a.at - b.at)[0];
  const right = found?.choices.find((choice) => choice.right);
  const choices = (found?.choices ?? []).map((choice) => ({ text: plainText(choice.text), right: choice.right }));
  return found && right ? { at: found.at, ask: plainText(found.ask), choices, because: plainText(right.because) } : null;
}
