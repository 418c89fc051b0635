// Keys for the whole page. None of them works inside a field, a dialog, or with a modifier.
import { back, forward, hop, isFault, isVerdict, isWait, kernels, last, seek, switchKernel, togglePlay, trace } from "./store";

export const KEYS: [key: string, does: string][] = [
  ["→", "one step forward"],
  ["←", "one step back"],
  ["Shift + → ←", "next or previous access of memory"],
  ["Home, End", "before the first step, after the last"],
  ["Space", "play or pause"],
  ["[  ]", "previous or next step at which a thread waits for a lock"],
  ["v", "next verdict"],
  ["r, R", "next or previous kernel revision"],
  ["s", "copy the link"],
  ["?", "this list"],
  ["Esc", "close"],
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
  ArrowRight: (e) => (e.shiftKey ? hop(1, isFault) : forward()),
  ArrowLeft: (e) => (e.shiftKey ? hop(-1, isFault) : back()),
  ArrowUp: forward,
  ArrowDown: back,
  PageDown: forward,
  PageUp: back,
  Home: () => seek(0),
  End: () => seek(last.value),
  " ": togglePlay,
  "[": () => hop(-1, isWait),
  "]": () => hop(1, isWait),
  v: () => hop(1, isVerdict),
  r: () => revise(1),
  R: () => revise(-1),
  s: () => document.getElementById("share")?.click(),
  "?": () => document.querySelector<HTMLButtonElement>('[aria-label="Keys and help"]')?.click(),
};

function revise(by: 1 | -1): void {
  const ids = kernels.value.map((k) => k.id);
  const at = ids.indexOf(trace.value?.kernel.id ?? "");
  const to = ids[at + by];
  if (to) switchKernel(to);
}
