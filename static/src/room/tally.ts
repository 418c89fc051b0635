// How a room answered, once that may be seen: by question, one list of counts a round.
import { signal } from "@preact/signals";
import { answers, questions, SEEN } from "../predict";

export const tallies = signal<ReadonlyMap<string, number[][]>>(new Map());

// The question is over: its answer is told, and how the room answered stays beside it.
export function reveal(q: string, counts: number[][], mine: number): void {
  tallies.value = new Map(tallies.value).set(q, counts);
  if (!answers.value.has(q)) answers.value = new Map(answers.value).set(q, mine);
}

// Questions before a step are no questions any more.
export function pass(step: number): void {
  const over = questions.value.filter((q) => q.at < step && !answers.value.has(q.id));
  if (over.length > 0) answers.value = new Map([...answers.value, ...over.map((q): [string, number] => [q.id, SEEN])]);
}
