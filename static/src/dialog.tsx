// A dialog as the pages have them: a title, what stands beside it, a cross. A click outside closes it too.
import type { ComponentChildren, RefObject } from "preact";
import { named, t } from "./messages";
import type { Key } from "./messages";

type Props = { dialog: RefObject<HTMLDialogElement | null>; id: string; title: string; kind?: string; head?: ComponentChildren; onClose?: () => void; children: ComponentChildren };

export function Sheet({ dialog, id, title, kind = "", head, onClose, children }: Props) {
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} class={`sheet ${kind}`} aria-labelledby={`${id}-title`} onClose={onClose} onClick={(e) => e.target === dialog.current && close()}>
      <div class="sheet-head"><h2 id={`${id}-title`}>{title}</h2>{head}<button type="button" class="icon" aria-label={t("close")} onClick={close}>✕</button></div>
      {children}
    </dialog>
  );
}

// Each key with what it does.
export type Keymap = readonly (readonly [key: string, does: Key])[];
export const Keys = ({ keys }: { keys: Keymap }) => <dl class="keys">{keys.map(([key, does]) => <div key={key}><dt><kbd>{named("cap", key)}</kbd></dt><dd>{t(does)}</dd></div>)}</dl>;

// They are in the way where there is no keyboard.
export const KeysApart = ({ keys }: { keys: Keymap }) => (
  <details class="sheet-keys" open={!matchMedia("(hover: none)").matches}>
    <summary class="sheet-part">{t("keys")}</summary>
    <Keys keys={keys} />
  </details>
);
