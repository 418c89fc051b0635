// A list whose items are dragged by a handle, or moved by the arrow keys on it.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { t } from "../../messages";
import { note } from "../session";

type Props = { label: string; count: number; name: (i: number) => string; item: (i: number) => ComponentChildren; move: (from: number, to: number) => void; remove: (i: number) => void };

export function Sortable({ label, count, name, item, move, remove }: Props) {
  const box = useRef<HTMLOListElement>(null);
  const held = useSignal(-1);
  const over = useSignal(-1);
  const handles = () => [...(box.current?.querySelectorAll<HTMLElement>(":scope > li > .ed-handle") ?? [])];
  const go = (from: number, to: number) => {
    if (to < 0 || to >= count || to === from) return;
    move(from, to);
    note.value = t("edit_moved", { name: name(from), place: to + 1, count });
    requestAnimationFrame(() => handles()[to]?.focus());
  };
  const under = (y: number) => {
    const rows = [...(box.current?.children ?? [])].map((row) => row.getBoundingClientRect());
    const found = rows.findIndex((row) => y < row.bottom);
    return found < 0 ? rows.length - 1 : found;
  };
  const onKeyDown = (event: KeyboardEvent, i: number) => {
    const to = { ArrowUp: i - 1, ArrowDown: i + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined && event.key !== "Delete") return;
    event.preventDefault();
    if (to === undefined) remove(i);
    else go(i, to);
  };
  const drop = () => {
    if (held.value >= 0 && over.value >= 0) go(held.value, over.value);
    held.value = over.value = -1;
  };
  return (
    <ol class="ed-sortable" ref={box} aria-label={label}>
      {Array.from({ length: count }, (_, i) => (
        <li key={i} class={`${held.value === i ? "held" : ""} ${over.value === i && held.value !== i ? (held.value < i ? "below" : "above") : ""}`}>
          <button
            type="button" class="ed-handle" aria-label={t("edit_handle", { name: name(i) })} title={t("edit_handle_hint")}
            onKeyDown={(event) => onKeyDown(event, i)}
            onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); held.value = over.value = i; }}
            onPointerMove={(event) => { if (held.value >= 0) over.value = under(event.clientY); }}
            onPointerUp={drop} onPointerCancel={() => (held.value = over.value = -1)}
          ><svg width="10" height="16" viewBox="0 0 10 16" aria-hidden="true"><path d="M1 2h3v3H1zM6 2h3v3H6zM1 7h3v3H1zM6 7h3v3H6zM1 12h3v3H1zM6 12h3v3H6z" /></svg></button>
          {item(i)}
          <button type="button" class="ed-small" aria-label={t("edit_remove", { name: name(i) })} title={t("edit_remove", { name: name(i) })} onClick={() => remove(i)}>✕</button>
        </li>
      ))}
    </ol>
  );
}
