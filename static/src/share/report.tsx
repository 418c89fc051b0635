// On the page of a short link: telling the operator that it should not be there.
import { useSignal } from "@preact/signals";
import { atShort } from "../address";
import * as api from "../api";
import { t } from "../messages";
import { Trouble } from "../trouble";
import type { Trouble as What } from "../types";
import { idOf, report } from "./links";
import { Part } from "./part";

export function Report() {
  return atShort() ? <Part name="report"><Form /></Part> : null;
}

function Form() {
  const reason = useSignal("");
  const told = useSignal(false);
  const wrong = useSignal<What | null>(null);
  const send = async (event: Event) => {
    event.preventDefault();
    wrong.value = null;
    try {
      await report(idOf(location.pathname), reason.value.trim().replace(/\s+/g, " "));
      told.value = true;
    } catch (error) {
      wrong.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
    }
  };
  if (told.value) return <p class="share-note" role="status">{t("share_reported")}</p>;
  return (
    <form onSubmit={(e) => void send(e)}>
      <label class="share-reason"><span>{t("share_report_why")}</span><textarea class="share-text wrapped" required maxLength={500} rows={2} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} /></label>
      <div class="share-acts"><button type="submit" class="share-act">{t("share_report")}</button><span class="share-note">{t("share_report_says")}</span></div>
      <Trouble what={wrong.value} dismiss={() => (wrong.value = null)} />
    </form>
  );
}
