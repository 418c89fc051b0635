// Keys for the whole page. None of them works inside a field, a dialog, or with a modifier.
import { meant } from "./keyboard";
import type { Key } from "./messages";
import { MOVES, move, toBlocker, toCaption } from "./moves";
import type { Move } from "./moves";
import { answer, SKIPPED } from "./predict";
import { toTurning } from "./schedules";
import { kernels, stage, switchKernel } from "./store";
import { toggleProjector } from "./theme";

// The caption of each key, or the name of a message cap_… that is one; and what it does.
export const KEYS: [key: string, does: Key][] = [
  ["→", "key_forward"],
  ["←", "key_back"],
  ["shift_arrows", "key_access"],
  ["home_end", "key_ends"],
  ["space", "key_play"],
  ["shift_space", "key_play_back"],
  ["[  ]", "key_wait"],
  ["b", "key_blocker"],
  ["v, V", "key_verdict"],
  ["e, E", "key_pte"],
  ["o, O", "key_over"],
  ["x, X", "key_turn"],
  ["f, F", "key_turning"],
  ["n, N", "key_note"],
  ["w", "key_why"],
  ["r, R", "key_revision"],
  ["1 2 3 4", "key_answer"],
  ["0", "key_skip"],
  ["p", "key_projector"],
  ["P", "key_present"],
  ["s", "key_share"],
  ["?", "key_help"],
  ["esc", "key_close"],
];

export function onKey(event: KeyboardEvent): void {
  if (!meant(event, "input, textarea, select, .listing, .scroll")) return;
  const target = event.target as HTMLElement;
  const act = actions[event.key];
  if (!act || (event.key === " " && target.closest("button, summary"))) return;
  if (event.key.startsWith("Arrow") && target.closest("[role=radiogroup]")) return;
  if (/Arrow(Up|Down)/.test(event.key) && !onSlider(event)) return;
  event.preventDefault();
  act(event);
}

const onSlider = (event: KeyboardEvent): boolean => (event.target as HTMLElement).closest("[role=slider]") !== null;

// A letter moves on, its capital back.
const LETTERS: Partial<Record<Move, string>> = { verdict: "v", pte: "e", over: "o", turn: "x", note: "n" };
export const letterOf = (kind: Move): string => LETTERS[kind] ?? { access: "⇧→", wait: "]" }[kind as "access" | "wait"];
const byLetter = Object.fromEntries(
  MOVES.flatMap((kind) => {
    const letter = LETTERS[kind];
    return letter ? [[letter, () => move(stage, kind, 1)], [letter.toUpperCase(), () => move(stage, kind, -1)]] : [];
  }),
);

const actions: Record<string, (event: KeyboardEvent) => void> = {
  ArrowRight: (e) => toCaption(() => (e.shiftKey ? move(stage, "access", 1) : stage.forward())),
  ArrowLeft: (e) => toCaption(() => (e.shiftKey ? move(stage, "access", -1) : stage.back())),
  ArrowUp: stage.forward,
  ArrowDown: stage.back,
  PageDown: stage.forward,
  PageUp: stage.back,
  Home: () => stage.seek(0),
  End: () => stage.seek(stage.last.value),
  " ": (e) => stage.togglePlay(e.shiftKey ? -1 : 1),
  "[": () => move(stage, "wait", -1),
  "]": () => move(stage, "wait", 1),
  b: () => toBlocker(stage),
  ...byLetter,
  f: () => toTurning(1),
  F: () => toTurning(-1),
  p: toggleProjector,
  P: () => document.getElementById("present")?.click(),
  w: () => (stage.asked.value = ""),
  r: () => revise(1),
  R: () => revise(-1),
  s: () => document.getElementById("share")?.click(),
  ...Object.fromEntries([1, 2, 3, 4].map((n) => [String(n), () => answer(n - 1)])),
  "0": () => answer(SKIPPED),
  "?": () => document.getElementById("help")?.click(),
};

function revise(by: 1 | -1): void {
  const ids = kernels.value.map((k) => k.id);
  const at = ids.indexOf(stage.trace.value?.kernel.id ?? "");
  const to = ids[at + by];
  if (to) switchKernel(to);
}
