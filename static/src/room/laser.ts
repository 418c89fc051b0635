// A spot that follows the pointer or the finger, and goes out when it rests. What is about to be pressed it does not hide.
import { signal } from "@preact/signals";

export const pointing = signal(true);
const PRESSED = ".top, .transport, dialog, [popover], .room-acts";
const LINGERS = 1500; // milliseconds

export function laser(): () => void {
  const dot = document.createElement("div");
  dot.className = "room-laser";
  dot.ariaHidden = "true";
  dot.hidden = true;
  document.body.append(dot);
  let timer = 0;
  const point = ({ clientX, clientY, target }: PointerEvent) => {
    clearTimeout(timer);
    dot.hidden = !pointing.peek() || (target as Element).closest(PRESSED) !== null;
    dot.style.translate = `${clientX}px ${clientY}px`;
    timer = window.setTimeout(() => (dot.hidden = true), LINGERS);
  };
  for (const kind of ["pointermove", "pointerdown"] as const) addEventListener(kind, point, { passive: true });
  return () => {
    for (const kind of ["pointermove", "pointerdown"] as const) removeEventListener(kind, point);
    dot.remove();
  };
}
