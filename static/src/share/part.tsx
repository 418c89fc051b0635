// A part of the dialog that is made when it is first opened.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { t } from "../messages";

type Name = "qr" | "embed" | "picture" | "film" | "files" | "report";

export function Part({ name, children }: { name: Name; children: ComponentChildren }) {
  const open = useSignal(false);
  return (
    <details class="share-part" onToggle={(e) => (open.value = e.currentTarget.open)}>
      <summary>{t(`share_part_${name}`)}</summary>
      {open.value && <div class="share-in">{children}</div>}
    </details>
  );
}
