// The game's keys: a thread's own letter lets it run. None of them works inside a field, a dialog, or with a modifier.
import { meant } from "../keyboard";
import type { Key } from "../messages";
import { toggleProjector } from "../theme";
import { askFor, hint } from "./answers";
import { move, redo, restart, undo } from "./game";
import { over, player, won } from "./position";

export const KEYS: [key: string, does: Key][] = [
  ["A B C", "game_key_on"],
  ["shift_letter", "game_key_step"],
  ["←", "game_key_undo"],
  ["→", "game_key_redo"],
  ["home", "game_key_restart"],
  ["h", "game_key_hint"],
  ["q", "game_key_still"],
  ["n", "game_key_claim"],
  ["p", "key_projector"],
  ["s", "key_share"],
  ["?", "key_help"],
];

const actions: Record<string, () => unknown> = {
  ArrowLeft: undo,
  ArrowRight: redo,
  Home: restart,
  h: () => over.value || hint(),
  q: () => over.value || askFor("still"),
  n: () => won.value || askFor("claim"),
  p: toggleProjector,
  s: () => document.getElementById("share")?.click(),
  "?": () => document.getElementById("help")?.click(),
};

export function onKey(event: KeyboardEvent): void {
  if (!meant(event, "input, textarea, select")) return;
  const target = event.target as HTMLElement;
  if (event.key.startsWith("Arrow") && target.closest("[role=radiogroup]")) return;
  const thread = player.trace.value?.threads.find((one) => one.id === event.key.toUpperCase())?.id;
  const act = thread ? () => void move(thread, !event.shiftKey) : actions[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}
