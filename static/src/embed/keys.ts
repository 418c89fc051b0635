// Keys inside an embedded run: those of the stage that make sense in a small box.
import { answer, SKIPPED } from "../predict";
import { stage } from "../store";

const actions: Record<string, () => void> = {
  ArrowRight: stage.forward,
  ArrowLeft: stage.back,
  PageDown: stage.forward,
  PageUp: stage.back,
  Home: () => stage.seek(0),
  End: () => stage.seek(stage.last.value),
  " ": () => stage.togglePlay(),
  w: () => (stage.asked.value = ""),
  ...Object.fromEntries([1, 2, 3, 4].map((n) => [String(n), () => answer(n - 1)])),
  "0": () => answer(SKIPPED),
};

export function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const act = actions[event.key];
  if (!act || event.altKey || event.ctrlKey || event.metaKey || target.closest("select, input, dialog")) return;
  if (event.key === " " && target.closest("button, a, summary")) return;
  event.preventDefault();
  act();
}
