// What the player asks the explorer: whether it can still be done, what to do next, whether it can be done at all.
import { computed, effect, signal } from "@preact/signals";
import { Search } from "../search";
import type { Way } from "../search";
import { knownOf, learn } from "./levels";
import { scheduleOf } from "./moves";
import { changed, kernel, level, moves } from "./position";

export type Reach = { reachable: boolean; complete: boolean; limit: string | null; states: number; way: Way | null; next: string | null };
// hint: what the level's author says. next: whom the explorer would let move. still: whether it can still be done here.
// claim: whether it can be done at all. best: par, after a win.
export type Asked = "hint" | "next" | "still" | "claim" | "best";

export const asked = signal<Asked | null>(null);
export const search = new Search<Reach>("/api/play/reach");

// What was found, for the question that it was found for.
export const found = computed(() => (asked.value && asked.value !== "hint" ? search.found.value : null));

const query = (schedule: string) => ({ level: level.value.id, kernel: kernel.value, schedule });

export function askFor(what: Asked): void {
  search.leave();
  search.found.value = null;
  search.trouble.value = null;
  asked.value = what;
  if (what === "hint") return;
  void search.ask(query(what === "claim" || what === "best" ? "" : scheduleOf(moves.value)));
}

export function forget(): void {
  search.leave();
  search.trouble.value = null;
  asked.value = null;
}

// A hint first, and who should move next for who asks again.
export const hint = (): void => askFor(asked.value === "hint" || asked.value === "next" ? "next" : "hint");

export function recordWin(n: number): void {
  const { best } = knownOf(level.value.id, kernel.value);
  learn(level.value.id, kernel.value, { best: Math.min(n, best ?? n) });
  askFor("best");
}

effect(() => {
  const answer = found.value;
  if (!answer) return;
  const whole = asked.value === "claim" || asked.value === "best" || moves.peek().length === 0;
  if (whole && answer.way) learn(level.peek().id, kernel.peek(), { par: answer.way.switches });
  if (whole && !answer.way && answer.complete && asked.value === "claim") learn(level.peek().id, kernel.peek(), { impossible: true });
});

// How many changes more the best way from here takes.
export const more = (reach: Reach): number => Math.max(0, (reach.way?.switches ?? 0) - changed.value);
