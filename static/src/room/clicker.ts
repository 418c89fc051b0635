// A clicker has two keys, and some have a third: on, back, and dark. They work whatever has the focus.
import { meant, presses } from "../keyboard";
import { toCaption } from "../moves";
import { asking, shown } from "../predict";
import { stage } from "../store";
import { onward } from "./asking";
import { joining } from "./joining";
import { pointing } from "./laser";
import { blank, poll } from "./presenter";

const NEXT = ["ArrowRight", "PageDown", " "];
const BACK = ["ArrowLeft", "PageUp"];

export function next(): void {
  if (joining.value) joining.value = false;
  else if (blank.value) blank.value = false;
  else if (!onward()) toCaption(stage.forward);
}

export function back(): void {
  if (joining.value) joining.value = false;
  else if (blank.value) blank.value = false;
  else toCaption(stage.back);
}

export const darken = (): void => void (blank.value = !blank.value);

// Whether the question on the stage is the room's just now.
const asked = (): boolean => asking.peek() && poll.peek() !== null && poll.peek()!.q === shown.peek()?.id;

const ACTS: Record<string, () => void> = {
  ...Object.fromEntries(NEXT.map((key) => [key, next])),
  ...Object.fromEntries(BACK.map((key) => [key, back])),
  ".": darken,
  b: darken,
  l: () => (pointing.value = !pointing.value),
  j: () => (joining.value = !joining.value),
};

export function onKey(event: KeyboardEvent): void {
  const act = actOf(event);
  if (!act) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  act();
}

function actOf(event: KeyboardEvent): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return undefined;
  if (joining.value) return event.key === " " && presses(event) ? undefined : ACTS[event.key];
  if (!meant(event, "input, textarea, select")) return undefined;
  if (blank.value && event.key === "Escape") return darken;
  if (/^[0-9]$/.test(event.key) && asked()) return () => {}; // while the room is asked, nobody answers here
  if (presses(event) || (event.key.startsWith("Arrow") && (event.target as HTMLElement).closest("[role=radiogroup]"))) return undefined;
  return ACTS[event.key];
}
