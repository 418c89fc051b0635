// What can be done with the question on the stage, the likeliest first: that is the black button, and what a clicker
// and the notes do. The answers of a first round stay unseen while people talk, or the talk would follow the many.
import { computed, signal } from "@preact/signals";
import { answer, answers, asking, shown, SKIPPED } from "../predict";
import type { Question } from "../types";
import { here, online, order, poll } from "./presenter";
import type { Poll } from "./says";
import { reveal } from "./tally";

export type Act = "ask" | "tell" | "close" | "again" | "numbers" | "show";

const MANY = 0.7; // where more than these are right there is little to talk over: Crouch and Mazur, 2001
const BOUNCE = 1500; // milliseconds in which a clicker does not close what it has just opened

// The question whose first answers the presenter has put on the wall.
const open = signal("");
let asked = -BOUNCE;

const now = computed<Poll | null>(() => (poll.value && poll.value.q === shown.value?.id ? poll.value : null));
export const numbers = computed(() => now.value !== null && !now.value.open && (now.value.round === 2 || open.value === now.value.q));

export const acts = computed<Act[]>(() => {
  const question = shown.value;
  if (!asking.value || !question) return [];
  if (!online.value) return ["tell"]; // a lecture goes on without its phones
  if (!now.value) return here.value > 0 ? ["ask", "tell"] : ["tell", "ask"];
  if (now.value.open) return ["close"];
  if (now.value.round === 2) return ["show"];
  const more: Act[] = numbers.value ? [] : ["numbers"];
  return mostAreRight(question, now.value.counts[0] ?? []) ? ["show", "again", ...more] : ["again", "show", ...more];
});

function mostAreRight(question: Question, counts: number[]): boolean {
  const all = counts.reduce((sum, n) => sum + n, 0);
  return all === 0 || (counts[question.choices.findIndex((choice) => choice.right)] ?? 0) > MANY * all;
}

export function act(what: Act): void {
  const question = shown.peek();
  if (!question || !acts.peek().includes(what)) return;
  if (what === "tell") return answer(SKIPPED);
  if (!online.peek()) return;
  if (what === "numbers") open.value = question.id;
  else if (what === "close") order({ type: "close" });
  else if (what === "show") show(question);
  else ask(question, what === "again" ? 2 : 1);
}

function ask(question: Question, round: number): void {
  asked = performance.now();
  open.value = "";
  order({ type: "ask", q: question.id, choices: question.choices.length, round });
}

function show(question: Question): void {
  if (!answers.peek().has(question.id)) reveal(question.id, now.peek()!.counts, SKIPPED);
  order({ type: "clear" });
}

// What a clicker does here; whether there was anything.
export function onward(): boolean {
  const [first] = acts.peek();
  if (!first) return false;
  if (first !== "close" || performance.now() - asked > BOUNCE) act(first);
  return true;
}
