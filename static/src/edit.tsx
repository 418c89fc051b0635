// The way into the editor, which is fetched when it is first wanted. Its place is /edit, so that a reload stays in it.
import { effect, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { flush, fragment } from "./address";
import { site } from "./site";
import { mode, unfetched } from "./store";

const inside = (): boolean => location.pathname === site("/edit");
export const editing = signal(inside());
const room = signal<ComponentType | null>(null);

effect(() => {
  if (!editing.value || room.peek()) return;
  import("./editor/editor").then((found) => found.load()).then((Editor) => (room.value = Editor), () => {
    editing.value = false;
    unfetched("editor_missing");
  });
});
addEventListener("popstate", () => (editing.value = inside()));

export function edit(on: boolean): void {
  flush();
  history.pushState(null, "", site(on ? "/edit" : "/") + fragment());
  editing.value = on;
  if (on && mode.value === "predict") mode.value = "play"; // what is asked and what is written do not go together
  if (!on) [...document.querySelectorAll<HTMLElement>("#edit, #menu")].find((way) => way.checkVisibility())?.focus();
}

export function Editing() {
  const Editor = room.value;
  return editing.value && Editor ? <Editor /> : null;
}
