// A text to be taken along: copied by a button, or by hand where the browser lets no page copy.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../messages";

type Props = { label: string; text: string; native?: string; rows?: number };

// rows: of a piece of code. native: the title, where a phone has a way of its own to hand it on.
export function Field({ label, text, native, rows }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  const said = useSignal("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.value = t("share_copied");
    } catch {
      box.current?.select();
      said.value = t("share_copy_yourself");
    }
    setTimeout(() => (said.value = ""), 3000);
  };
  const hand = () => void navigator.share({ title: native ?? "", url: text }).catch(() => {}); // the reader changed his mind
  return (
    <div class="share-field">
      {rows !== undefined && <b aria-hidden="true">{label}</b>}
      <textarea ref={box} class={rows ? "share-text code-text" : "share-text"} readOnly rows={rows ?? 1} aria-label={label} value={text} spellcheck={false} onFocus={(e) => e.currentTarget.select()} />
      <div class="share-acts">
        <button type="button" class={rows ? "share-act" : "share-act first"} autofocus={!rows} onClick={() => void copy()} aria-label={t("share_copy_what", { what: label })}>{t("share_copy")}</button>
        {native !== undefined && "share" in navigator && <button type="button" class="share-act" onClick={hand}>{t("share_native")}</button>}
        <span class="said" role="status">{said.value}</span>
      </div>
    </div>
  );
}
