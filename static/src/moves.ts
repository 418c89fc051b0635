// Ways to move by meaning, forwards and back: what the keys, the menu and the listing share.
import { pteCell } from "./format";
import { isFault, isVerdict, isWait } from "./player";
import type { Player } from "./player";
import { notesAt } from "./told";
import type { Step } from "./types";

// A step is read from its sentence: who takes one while that is out of view, further up, is taken back to it.
export function toCaption(act: () => void): void {
  act();
  const caption = document.querySelector(".caption");
  if (!document.querySelector(".asking") && caption && caption.getBoundingClientRect().top < 0) caption.scrollIntoView();
}

export type Move = "access" | "pte" | "over" | "turn" | "verdict" | "wait" | "note";
export const MOVES: Move[] = ["access", "pte", "over", "turn", "verdict", "wait", "note"];

export function move(player: Player, kind: Move, direction: 1 | -1): void {
  player.hop(direction, wanted(player, kind));
}

function wanted(player: Player, kind: Move): (step: Step) => boolean {
  const run = player.trace.value;
  const now = player.step.value;
  const at = player.focus.value;
  if (kind === "access") return isFault;
  if (kind === "verdict") return isVerdict;
  if (kind === "wait") return isWait;
  if (kind === "note") return (s) => notesAt(run, s).length > 0;
  if (kind === "turn") return (s) => s.thread !== (run?.steps[s.n - 2]?.thread ?? "");
  if (kind === "pte") { const cell = at ? pteCell(at.mm, at.address) : ""; return (s) => s.delta.some(([c]) => c === cell); }
  // step over: the same thread, back at this depth or further out
  return (s) => !now || (s.thread === now.thread && s.stack.length <= now.stack.length);
}

export function toLine(player: Player, fn: string, line: number, direction: 1 | -1): boolean {
  const steps = player.trace.value?.steps ?? [];
  for (let n = player.position.value + direction; n >= 1 && n <= steps.length; n += direction) {
    if (standsAt(steps[n - 1]!, fn, line) && reached(steps, n, fn, line)) {
      player.seek(n);
      return true;
    }
  }
  return false;
}

const standsAt = (step: Step, fn: string, line: number): boolean => step.stack.some(([f, l]) => f === fn && l === line);

// A thread that calls stands at its line for many steps: the first of them counts.
function reached(steps: Step[], n: number, fn: string, line: number): boolean {
  const { thread } = steps[n - 1]!;
  for (let m = n - 1; m >= 1; m -= 1) if (steps[m - 1]!.thread === thread) return !standsAt(steps[m - 1]!, fn, line);
  return true;
}

// From a thread that waits to the step at which the other took the lock; from there to the wait's end.
export function toBlocker(player: Player): void {
  const steps = player.trace.value?.steps ?? [];
  const here = player.step.value;
  const [waiter, wait] = Object.entries(here?.waiting ?? {})[0] ?? [];
  if (!here || !waiter || !wait) return;
  const took = steps.findLast((s) => s.n <= here.n && wait.by.includes(s.thread) && s.delta.some(([cell]) => cell === `lock/${wait.lock}`));
  if (took && took.n < here.n) return player.seek(took.n);
  player.hop(1, (s) => !Object.hasOwn(s.waiting, waiter));
}
