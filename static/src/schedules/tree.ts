// Outcomes as a tree of what differs: what threads were told, what they saw, what the tables hold.
import type { Trace } from "../types";
import type { Found, Outcome } from "./found";
import { pteWords, sawWords, staleWords, toldWords } from "./words";

// Something said of one thread, or of none (a pte).
export type Part = { thread: string | null; text: string; sign: string };
export type Branching = { key: string; parts: Part[]; below: Branching[]; leaf: number | null; size: number };

export function treeOf(found: Found, run: Trace): Branching[] {
  const threads = run.threads.map((thread) => thread.id).filter((id) => found.outcomes.some((outcome) => id in outcome.returns));
  const children = Object.keys(found.outcomes[0]?.returns ?? {}).filter((id) => !threads.includes(id));
  const all = [...threads, ...children];
  const levels: ((outcome: Outcome) => Part[])[] = [
    (outcome) => all.map((thread) => ({ thread, ...toldWords(outcome, thread) })),
    differing(found, all.map((thread) => (outcome: Outcome): Part => ({ thread, text: sawWords(outcome, thread), sign: "" }))),
    (outcome) => left(found, outcome, run),
  ];
  const items = found.outcomes.map((outcome, n) => ({ n, said: levels.map((say) => say(outcome)) }));
  return split(items, 0);
}

// What is the same in all outcomes is not said with each, unless nothing else is.
function differing(found: Found, says: ((outcome: Outcome) => Part)[]): (outcome: Outcome) => Part[] {
  const some = says.filter((say) => new Set(found.outcomes.map((outcome) => say(outcome).text)).size > 1);
  const kept = some.length ? some : found.outcomes.length === 1 ? says : [];
  return (outcome) => kept.map((say) => say(outcome));
}

function left(found: Found, outcome: Outcome, run: Trace): Part[] {
  const cells = [...new Set(found.outcomes.flatMap((one) => Object.keys(one.ptes)))];
  const changing = cells.filter((cell) => new Set(found.outcomes.map((one) => one.ptes[cell])).size > 1);
  const shown = (changing.length || found.outcomes.length > 1 ? changing : cells).filter((cell) => outcome.ptes[cell]);
  const ptes = shown.map((cell) => ({ thread: null, text: pteWords(cell, outcome.ptes[cell]!, run), sign: "" }));
  return [...ptes, ...staleWords(outcome.stale).map((text) => ({ thread: null, text, sign: "⬣" }))];
}

type Item = { n: number; said: Part[][] };

function split(items: Item[], level: number): Branching[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = JSON.stringify(item.said[level]!.map((part) => [part.thread, part.text]));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups].flatMap(([key, group]): Branching[] => {
    const parts = group[0]!.said[level]!;
    // two outcomes may read alike here and still differ in a bit that has no words: both are listed
    if (level === 2) return group.map((item) => ({ key: `${key}${item.n}`, parts, below: [], leaf: item.n, size: 1 }));
    return [joined({ key, parts, below: split(group, level + 1), leaf: null, size: group.length }, level)];
  });
}

// Where nothing parts, two levels are one. The first stays by itself where it is the heading of several.
function joined(node: Branching, level: number): Branching {
  const [only, ...more] = node.below;
  if (!only || more.length || (level === 0 && node.size > 1)) return node;
  return { ...only, key: node.key + only.key, parts: [...node.parts, ...only.parts] };
}
