// Keys of the comparison. None of them works inside a field, a dialog, or with a modifier.
import { meant, presses } from "../keyboard";
import type { Key } from "../messages";
import { toggleProjector } from "../theme";
import { pair } from "./pair";

// The caption of each key, or the name of a message cap_… that is one; and what it does.
export const KEYS: [key: string, does: Key][] = [
  ["→", "key_forward"],
  ["←", "key_back"],
  ["d", "key_difference"],
  ["home_end", "key_ends"],
  ["space", "key_play"],
  ["p", "key_projector"],
  ["s", "key_share"],
  ["?", "key_help"],
  ["esc", "key_close"],
];

const actions: Record<string, () => void> = {
  ArrowRight: pair.forward,
  ArrowLeft: pair.back,
  ArrowUp: pair.forward,
  ArrowDown: pair.back,
  PageDown: pair.forward,
  PageUp: pair.back,
  Home: () => pair.seek(0),
  End: () => pair.seek(pair.last.value),
  " ": pair.togglePlay,
  d: pair.toFirst,
  p: toggleProjector,
  s: () => document.getElementById("share")?.click(),
  "?": () => document.getElementById("help")?.click(),
};

export function onKey(event: KeyboardEvent): void {
  if (!meant(event, "input, textarea, select, .listing, .scroll")) return;
  const target = event.target as HTMLElement;
  const act = actions[event.key];
  if (!act || presses(event)) return;
  if (event.key.startsWith("Arrow") && target.closest("[role=radiogroup], [role=tablist]")) return;
  if (/Arrow(Up|Down)|Page/.test(event.key) && !target.closest("[role=slider]")) return;
  event.preventDefault();
  act();
}
