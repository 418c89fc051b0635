// Where the game stands: which level under which kernel, and a place in a run that the engine made.
import { computed, signal } from "@preact/signals";
import { Player } from "../player";
import type { Trace, Trouble } from "../types";
import { levels } from "./levels";
import type { Level } from "./levels";
import { changes, movers, segments } from "./moves";

export type Made = { won: boolean; run: Trace };
export type Mark = { made: Made; at: number };

export const player = new Player();
player.blind.value = true; // what would come of the run at hand is for the player to decide
export const level = signal<Level>(levels[0]!);
export const kernel = signal("");
export const trouble = signal<Trouble | null>(null);
export const busy = signal(false);
// The steps that the axis has room for: it grows with the longest run seen, never while one is played.
export const horizon = signal(1);
export const made = signal<Made | null>(null);
export const past = signal<Mark[]>([]);
export const future = signal<Mark[]>([]);

export const ready = computed(() => made.value !== null);
export const movable = computed(() => (made.value ? movers(made.value.run, player.position.value) : []));
export const over = computed(() => made.value !== null && movable.value.length === 0);
export const won = computed(() => over.value && made.value!.won);
export const moves = computed(() => (made.value ? segments(made.value.run, player.position.value) : []));
export const changed = computed(() => Math.max(0, moves.value.length - 1));
// Who was let run and could not go on, so that others ran by themselves, and the changes of thread that came of it.
export const dragged = computed(() => {
  const [mark, run, at] = [past.value.at(-1), made.value?.run, player.position.value];
  if (!mark || !run || at <= mark.at) return null;
  const n = changes(run, at) - changes(run, mark.at);
  return n > 1 ? { who: run.steps[mark.at]!.thread, n } : null;
});
export const canUndo = computed(() => past.value.length > 0);
export const canRedo = computed(() => future.value.length > 0);
