// The tasks, and which of them were solved here. Kept on this machine only.
import { signal } from "@preact/signals";
import type { Said } from "../types";

export type Task = { id: string; title: Said; says: Said; hint: Said; kernels: string[]; minutes: number; thread: string; scene: Said; story: Said };
export type Bit = { letter: string; name: string };
type Known = { tasks: Task[]; bits: Bit[]; most: number };

const known = JSON.parse(document.getElementById("tasks")?.textContent || '{"tasks":[],"bits":[],"most":60}') as Known;
export const { tasks, bits, most } = known;

const KEY = "faultwalk.byhand";
// The fewest mistakes with which a task was solved, by task and kernel.
export const solved = signal<Record<string, number>>(read());

export const solvedOf = (task: string, kernel: string): number | undefined => solved.value[`${task}/${kernel}`];

export function learn(task: string, kernel: string, mistakes: number): void {
  const name = `${task}/${kernel}`;
  const before = solved.peek();
  solved.value = { ...before, [name]: Math.min(mistakes, before[name] ?? mistakes) };
  try {
    localStorage.setItem(KEY, JSON.stringify(solved.value));
  } catch {
    // it is known as long as the page lives, then
  }
}

function read(): Record<string, number> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (!kept || typeof kept !== "object") return {};
    return Object.fromEntries(Object.entries(kept).filter(([, n]) => typeof n === "number"));
  } catch {
    return {};
  }
}

// Where to go from here: the first task and kernel, in order and around, that is not solved yet.
export function following(task: string, kernel: string): [task: string, kernel: string] {
  const all = tasks.flatMap((one) => one.kernels.map((k): [string, string] => [one.id, k]));
  const here = all.findIndex(([id, k]) => id === task && k === kernel);
  const after = [...all.slice(here + 1), ...all.slice(0, here)];
  return after.find(([id, k]) => solvedOf(id, k) === undefined) ?? after[0] ?? [task, kernel];
}
