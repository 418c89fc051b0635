// The run as a file. The server draws it from the run itself, so that no short link is needed for it.
import { useSignal } from "@preact/signals";
import * as api from "../api";
import { t } from "../messages";
import { Trouble } from "../trouble";
import type { Trouble as What } from "../types";
import { save } from "./save";

const KINDS = ["txt", "md", "json", "svg", "png"] as const;
export type Place = { at: number; as: string; link: string; url: string; title: string };

export function Files({ place }: { place: Place }) {
  const wrong = useSignal<What | null>(null);
  const going = useSignal("");
  const fetchFile = async (kind: (typeof KINDS)[number]) => {
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
  return (
    <>
      <div class="share-acts">{KINDS.map((kind) => <button key={kind} type="button" class="share-act" aria-busy={going.value === kind} onClick={() => void fetchFile(kind)}>{t(`share_file_${kind}`)}</button>)}</div>
      <p class="share-note">{t("share_files_say")}</p>
      <Trouble what={wrong.value} dismiss={() => (wrong.value = null)} />
    </>
  );
}

const nameOf = (title: string): string => title.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase().slice(0, 60) || "faultwalk";
