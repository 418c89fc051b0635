// The whole run as a file. The server makes it of the run itself, so that no short link is needed for it.
import { useSignal } from "@preact/signals";
import * as api from "../api";
import { t } from "../messages";
import { Trouble } from "../trouble";
import type { Trouble as What } from "../types";
import { nameOf } from "./looks";
import { save } from "./save";

const KINDS = ["html", "txt", "md", "json", "csv"] as const;
const CARDS = ["svg", "png"] as const;
type Kind = (typeof KINDS)[number] | (typeof CARDS)[number];
export type Place = { at: number; as: string; link: string; url: string; title: string };

export function Files({ place }: { place: Place }) {
  const wrong = useSignal<What | null>(null);
  const going = useSignal("");
  const take = async (kind: Kind) => {
    if (going.value) return;
    going.value = kind;
    wrong.value = null;
    try {
      const body = JSON.stringify({ run: { link: place.link }, at: place.at, quiz: place.as === "predict" });
      const answer = await api.fetched(`/api/run.${kind}`, { method: "POST", headers: { "content-type": "application/json" }, body });
      save(await answer.blob(), `${nameOf(place.title)}-${place.at}.${kind}`);
    } catch (error) {
      wrong.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
    }
    going.value = "";
  };
  const button = (kind: Kind, name: string) => <button key={kind} type="button" class="share-act" aria-busy={going.value === kind} onClick={() => void take(kind)}>{name}</button>;
  return (
    <>
      <ul class="share-list">
        {KINDS.map((kind) => <li key={kind}>{button(kind, t(`share_file_${kind}`))}<span>{t(`share_says_${kind}`)}</span></li>)}
        <li>{CARDS.map((kind) => button(kind, t(`share_card_${kind}`)))}<span>{t("share_says_card")}</span></li>
        <li><button type="button" class="share-act" onClick={(e) => printed(e.currentTarget)}>{t("share_print")}</button><span>{t("share_says_print")}</span></li>
      </ul>
      {place.as === "predict" && <p class="share-note">{t("share_files_tell")}</p>}
      <Trouble what={wrong.value} dismiss={() => (wrong.value = null)} />
    </>
  );
}

// The dialog goes first: what is printed is the stage.
function printed(from: HTMLElement): void {
  from.closest("dialog")?.close();
  setTimeout(() => print(), 100);
}
