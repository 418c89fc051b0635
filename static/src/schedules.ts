// The way into Schedules, which is fetched when it is first wanted; and what was open along the run, for lanes and keys.
import { computed, effect, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { mode, stage, unfetched } from "./store";
import type { Mode } from "./store";

export type Branch = { at: number; thread: string; outcomes: number[]; breakable: string[] };
export type Course = { open: number[][]; breakable: string[][]; branches: Branch[] };

// Of the run on the stage, before its first step and after each; null while nobody knows.
export const course = signal<Course | null>(null);
export const along = computed(() => (mode.value === "schedules" ? course.value : null));

// Where the next step decides: something that could come before it cannot come after it.
export const turning = computed<number[]>(() => {
  const { open = [], breakable = [], branches = [] } = along.value ?? {};
  const shrinks = (at: number) => open[at + 1]!.length < open[at]!.length || breakable[at + 1]!.length < breakable[at]!.length;
  return [...new Set(branches.map((branch) => branch.at))].filter(shrinks);
});

export function toTurning(direction: 1 | -1): void {
  const at = stage.position.value;
  const to = direction > 0 ? turning.value.find((n) => n > at) : turning.value.findLast((n) => n < at);
  if (to !== undefined) stage.seek(to);
}

export const room = signal<ComponentType | null>(null);
let before: Mode = "play";
effect(() => {
  if (mode.value !== "schedules") before = mode.value;
  if (mode.value !== "schedules" || room.peek()) return;
  import("./schedules/panel").then((found) => found.load()).then((Panel) => (room.value = Panel), () => {
    mode.value = before;
    unfetched("schedules_missing");
  });
});
