// Keys of this page: a digit goes to the moves of a kind, arrows along them. None works inside a field or a dialog.
import { meant } from "../keyboard";
import type { Key } from "../messages";
import { toggleProjector } from "../theme";
import { hint, redo, restart, undo } from "./game";
import { group, made } from "./position";

export const KEYS: [key: string, does: Key][] = [
  ["1 – 6", "byhand_key_group"],
  ["↑ ↓", "byhand_key_go"],
  ["←", "byhand_key_undo"],
  ["→", "byhand_key_redo"],
  ["home", "byhand_key_restart"],
  ["h", "byhand_key_hint"],
  ["p", "key_projector"],
  ["s", "key_share"],
  ["?", "key_help"],
];

const offers = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(".k-menu .k-move")].filter((one) => one.getClientRects().length > 0);

function along(by: 1 | -1): void {
  const all = offers();
  const here = all.indexOf(document.activeElement as HTMLElement);
  all[here < 0 ? 0 : (here + by + all.length) % all.length]?.focus();
}

function toGroup(n: number): void {
  const wanted = made.value?.menu[n - 1]?.group;
  if (!wanted) return;
  group.value = wanted;
  const first = document.querySelector<HTMLElement>(`.k-menu [data-group="${wanted}"] .k-move`);
  if (first?.getClientRects().length) first.focus();
  else requestAnimationFrame(() => first?.focus()); // on a phone it is about to be seen
}

const actions: Record<string, () => unknown> = {
  ArrowLeft: undo,
  ArrowRight: redo,
  ArrowDown: () => along(1),
  ArrowUp: () => along(-1),
  Home: restart,
  h: hint,
  p: toggleProjector,
  s: () => document.getElementById("share")?.click(),
  "?": () => document.getElementById("help")?.click(),
};

export function onKey(event: KeyboardEvent): void {
  if (!meant(event, "input, textarea, select")) return;
  const target = event.target as HTMLElement;
  if (event.key.startsWith("Arrow") && target.closest("[role=radiogroup], .listing, .bits")) return;
  const act = /^[1-6]$/.test(event.key) ? () => toGroup(Number(event.key)) : actions[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}
