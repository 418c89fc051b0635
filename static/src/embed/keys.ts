// Keys inside an embedded run: those of the stage that make sense in a small box.
import { meant, presses } from "../keyboard";
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
  const act = actions[event.key];
  if (!act || presses(event) || !meant(event, "select, input")) return;
  event.preventDefault();
  act();
}
