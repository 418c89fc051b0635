// The short link: made when it is asked for only, and deleted by its maker.
import { useSignal } from "@preact/signals";
import * as api from "../api";
import { t } from "../messages";
import { Trouble } from "../trouble";
import type { Trouble as What } from "../types";
import { Field } from "./field";
import { make, remove } from "./links";
import type { Short } from "./links";

type Props = { short: Short | null; url: string; link: string; title: string };

export function ShortLink({ short, url, link, title }: Props) {
  const going = useSignal(false);
  const wrong = useSignal<What | null>(null);
  const said = useSignal("");
  const act = async (work: () => Promise<string>) => {
    going.value = true;
    wrong.value = null;
    said.value = "";
    try {
      said.value = await work();
    } catch (error) {
      wrong.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
    }
    going.value = false;
  };
  const begin = () => act(async () => (await make(link), ""));
  const end = (one: Short) => act(async () => {
    const others = await remove(one);
    return others ? t("share_deleted_yours", { n: others }) : t("share_deleted");
  });
  return (
    <>
      {short ? (
        <>
          <Field label={t("share_kind_short")} text={url} native={title} />
          <p class="share-note">{t("share_short_says")} {short.token && <button type="button" class="linkish share-delete" aria-disabled={going.value} onClick={() => !going.value && void end(short)}>{t("share_delete")}</button>}</p>
        </>
      ) : (
        <>
          <p class="share-note">{t("share_short_keeps")}</p>
          <p class="share-make"><button type="button" class="share-act first" aria-disabled={going.value} onClick={() => !going.value && void begin()}>{t(going.value ? "share_making" : "share_make")}</button></p>
        </>
      )}
      <p class="share-note" role="status">{said.value}</p>
      <Trouble what={wrong.value} dismiss={() => (wrong.value = null)} />
      {wrong.value && <p class="share-note">{t("share_nothing_lost")}</p>}
    </>
  );
}
