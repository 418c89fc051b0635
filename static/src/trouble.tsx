// What went wrong, where, and what would be right.
import { language, t } from "./messages";
import type { Trouble as What } from "./types";

export function Trouble({ what, dismiss }: { what: What | null; dismiss: () => void }) {
  if (!what) return null;
  return (
    <div class="trouble" role="alert" lang={what.lang && what.lang !== language() ? what.lang : undefined}>
      <b>{what.title}</b>
      {what.errors.slice(0, 3).map((e, i) => <p key={i}><code>{e.where}</code>: {e.what}{e.instead ? `; ${e.instead}` : ""}</p>)}
      <button type="button" class="icon" lang={language()} aria-label={t("dismiss")} onClick={dismiss}>✕</button>
    </div>
  );
}
