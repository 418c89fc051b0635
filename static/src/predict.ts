// Predict: questions about this run, asked before it answers them. Nothing passes an open one.
import { computed, effect, signal } from "@preact/signals";
import * as api from "./api";
import { followed, parts } from "./rooms";
import { mode, stage, trouble } from "./store";
import type { Question } from "./types";

export const questions = signal<Question[]>([]);
// What was chosen, by question, in the order of answering. SEEN: the steps that had been taken told it.
export const SEEN = -1;
export const SKIPPED = -2;
export const answers = signal<ReadonlyMap<string, number>>(new Map());

const open = computed(() => questions.value.filter((q) => !answers.value.has(q.id)));
const next = computed(() => open.value.reduce<Question | null>((first, q) => (first && first.at <= q.at ? first : q), null));

// The one answered last whose steps these are.
const told = computed<Question | null>(() => {
  const at = stage.position.value;
  const given = [...answers.value].filter(([, choice]) => choice !== SEEN).map(([id]) => questions.value.find((q) => q.id === id));
  return given.findLast((q) => q !== undefined && q.at <= at && at <= q.reveal) ?? null;
});

// Where a step both shows an answer and brings a question, the reader looks first and goes on to the question.
const opened = signal(-1);
export const pausing = computed(() => {
  const at = stage.position.value;
  return mode.value === "predict" && next.value?.at === at && told.value?.reveal === at && opened.value !== at;
});

// The question on screen: an open one here, or the one just answered, until its step has been seen.
export const shown = computed<Question | null>(() => (next.value?.at === stage.position.value && !pausing.value ? next.value : told.value));

// Whether the run waits for an answer.
export const asking = computed(() => mode.value === "predict" && shown.value !== null && !answers.value.has(shown.value.id));

export const score = computed(() => {
  const given = questions.value.filter((q) => (answers.value.get(q.id) ?? SEEN) >= 0);
  return { right: given.filter((q) => q.choices[answers.value.get(q.id)!]?.right).length, given: given.length };
});

export function answer(choice: number): void {
  const question = shown.value;
  if (!question || answers.value.has(question.id) || (choice !== SKIPPED && !question.choices[choice])) return;
  answers.value = new Map(answers.value).set(question.id, choice);
  keep();
}

// Who steps on without an answer is told what is missing.
export const nudged = signal(-1);
function held(): void {
  const at = stage.position.value;
  if (pausing.value) opened.value = at;
  else if (asking.value) nudged.value = at;
}

export function again(): void {
  answers.value = new Map();
  keep();
  opened.value = nudged.value = -1;
  stage.seek(0);
}

// What was answered lasts as long as the tab: whoever looks elsewhere and comes back is not asked again. In a room
// the next class is.
export const ANSWERS = "faultwalk.answers";
const RUNS = 20;

type Given = [question: string, choice: number][];

function stored(): [run: string, given: Given][] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(ANSWERS) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return []; // nothing may be stored here, or somebody else has
  }
}

const kept = (run: string): Given => stored().find(([other]) => other === run)?.[1] ?? [];

function keep(): void {
  if (parts.peek() || followed !== undefined) return;
  const given = [...answers.value].filter(([, choice]) => choice !== SEEN);
  const others = stored().filter(([run]) => run !== asked);
  try {
    sessionStorage.setItem(ANSWERS, JSON.stringify(given.length ? [...others, [asked, given]].slice(-RUNS) : others));
  } catch {
    // without storage they last as long as the page
  }
}

let asked = "";
const HEAD_START = 4; // steps that one may take while the questions are on their way
// Where one may go until they are here; null once they are.
const waiting = signal<number | null>(null);
export const underway = computed(() => mode.value === "predict" && waiting.value !== null && stage.position.value >= waiting.value);
export const loaded = computed(() => waiting.value === null && questions.value.length > 0);

async function fetchQuestions(check: string): Promise<void> {
  const run = stage.trace.value;
  if (!run || asked === check) return;
  asked = check;
  questions.value = [];
  answers.value = new Map();
  opened.value = nudged.value = -1;
  waiting.value = stage.position.peek() + HEAD_START;
  try {
    const found = (await api.questions({ scenario: run.scenario, kernel: run.kernel.id })).questions;
    if (asked !== check) return;
    // what the reader has seen is no question any more
    const seen = found.filter((q) => q.at < stage.position.value).map((q): [string, number] => [q.id, SEEN]);
    answers.value = new Map([...seen, ...kept(check)]);
    questions.value = found;
    waiting.value = null;
  } catch (error) {
    waiting.value = null;
    asked = "";
    if (error instanceof api.Failure) trouble.value = error.trouble;
  }
}

export function predicts(): void {
  stage.held = held;
  effect(() => {
    const run = stage.trace.value;
    if (mode.value === "predict" && run) void fetchQuestions(`${run.link}`);
  });
  effect(() => {
    const on = mode.value === "predict";
    stage.barrier.value = on ? (waiting.value ?? next.value?.at ?? null) : null;
    stage.blind.value = on && (waiting.value !== null || open.value.length > 0);
  });
}
