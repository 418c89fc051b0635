// The levels, and what is known of them here: what was won, what was found impossible. Kept on this machine only.
import { signal } from "@preact/signals";
import type { Said } from "../types";

export type Level = { id: string; title: Said; says: Said; hint: Said; because: Record<string, Said>; kernels: string[]; scene: Said; story: Said; threads: string[] };

// best: changes of thread in the best win. par: the least that the explorer found. impossible: proved, and claimed here.
export type Known = { best?: number; par?: number; impossible?: boolean };

export const levels: Level[] = JSON.parse(document.getElementById("levels")?.textContent || "[]") as Level[];

const KEY = "faultwalk.play";
export const known = signal<Record<string, Known>>(read());

const nameOf = (level: string, kernel: string): string => `${level}/${kernel}`;
export const knownOf = (level: string, kernel: string): Known => known.value[nameOf(level, kernel)] ?? {};

export function learn(level: string, kernel: string, news: Known): void {
  const before = known.peek(); // who hears an answer writes it down, and need not hear of that
  known.value = { ...before, [nameOf(level, kernel)]: { ...before[nameOf(level, kernel)], ...news } };
  try {
    localStorage.setItem(KEY, JSON.stringify(known.value));
  } catch {
    // it is known as long as the page lives, then
  }
}

function read(): Record<string, Known> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return kept && typeof kept === "object" ? (kept as Record<string, Known>) : {};
  } catch {
    return {};
  }
}

export const settled = ({ best, impossible }: Known): boolean => best !== undefined || impossible === true;

// Where to go from here: the first level and kernel, in order and around, that is not settled yet.
export function following(level: string, kernel: string): [level: string, kernel: string] {
  const all = levels.flatMap((one) => one.kernels.map((k): [string, string] => [one.id, k]));
  const here = all.findIndex(([l, k]) => l === level && k === kernel);
  const after = [...all.slice(here + 1), ...all.slice(0, here)];
  return after.find(([l, k]) => !settled(knownOf(l, k))) ?? after[0] ?? [level, kernel];
}
