// Keys for the whole page. None of them works inside a field, a dialog, or with a modifier.
import type { Key } from "./messages";
import { isFault, isVerdict, isWait } from "./player";
import { kernels, stage, switchKernel } from "./store";

export const KEYS: [key: string, does: Key][] = [
  ["→", "key_forward"],
  ["←", "key_back"],
  ["Shift + → ←", "key_access"],
  ["Home, End", "key_ends"],
  ["Space", "key_play"],
  ["[  ]", "key_wait"],
  ["v", "key_verdict"],
  ["r, R", "key_revision"],
  ["s", "key_share"],
  ["?", "key_help"],
  ["Esc", "key_close"],
];

export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  if (document.querySelector("dialog[open]") || target.closest("input, textarea, select, .listing, .scroll")) return;
  const act = actions[event.key];
  if (!act || (event.key === " " && target.closest("button, summary"))) return;
  if (event.key.startsWith("Arrow") && target.closest("[role=radiogroup]")) return;
  if (/Arrow(Up|Down)/.test(event.key) && !onSlider(event)) return;
  event.preventDefault();
  act(event);
}

const onSlider = (event: KeyboardEvent): boolean => (event.target as HTMLElement).closest("[role=slider]") !== null;

const actions: Record<string, (event: KeyboardEvent) => void> = {
  ArrowRight: (e) => (e.shiftKey ? stage.hop(1, isFault) : stage.forward()),
  ArrowLeft: (e) => (e.shiftKey ? stage.hop(-1, isFault) : stage.back()),
  ArrowUp: stage.forward,
  ArrowDown: stage.back,
  PageDown: stage.forward,
  PageUp: stage.back,
  Home: () => stage.seek(0),
  End: () => stage.seek(stage.last.value),
  " ": stage.togglePlay,
  "[": () => stage.hop(-1, isWait),
  "]": () => stage.hop(1, isWait),
  v: () => stage.hop(1, isVerdict),
  r: () => revise(1),
  R: () => revise(-1),
  s: () => document.getElementById("share")?.click(),
  "?": () => document.getElementById("help")?.click(),
};

function revise(by: 1 | -1): void {
  const ids = kernels.value.map((k) => k.id);
  const at = ids.indexOf(stage.trace.value?.kernel.id ?? "");
  const to = ids[at + by];
  if (to) switchKernel(to);
}
