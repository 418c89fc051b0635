// Share: one choice of what is opened and one of which link, and all that can be done with it.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { flush } from "../address";
import type { Readers } from "../lent";
import { language, learn, t } from "../messages";
import { lend } from "../picture/readers";
import { site } from "../site";
import { mode, stage } from "../store";
import { langOf, titleOf } from "../told";
import { Embedding } from "./embedding";
import { Field } from "./field";
import { Files } from "./files";
import { Film } from "./film";
import { brief, LONG, MOST, shortFor, whole } from "./links";
import { Part } from "./part";
import { Picture } from "./picture";
import { Qr } from "./qr";
import { Report } from "./report";
import looks from "./share.css" with { type: "text" };
import { ShortLink } from "./short";

type Props = { close: () => void };

export async function load(readers: Readers): Promise<ComponentType<Props>> {
  lend(readers);
  const answer = await fetch(site(`/words/share?lang=${language()}`));
  if (!answer.ok) throw new Error(String(answer.status));
  learn((await answer.json()) as Record<string, string>);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(looks);
  document.adoptedStyleSheets.push(sheet);
  return Dialog;
}

function Dialog({ close }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const run = stage.trace.value;
  const short = run && shortFor(run.link);
  const kind = useSignal<"whole" | "short">(short ? "short" : "whole");
  const here = useSignal(true);
  const ask = useSignal(mode.peek() === "predict");
  useEffect(() => {
    flush();
    stage.playing.value = false;
    box.current?.showModal();
  }, []);
  if (!run) return null;
  const at = here.value ? stage.position.value : 0;
  const as = ask.value ? "predict" : mode.value === "predict" ? "play" : mode.value;
  const long = whole(run.link, at, as);
  const url = kind.value === "short" && short ? brief(short.url, at, as) : long;
  const place = { at, as, link: run.link, url, title: titleOf(run).text };
  return (
    <dialog ref={box} class="sheet share-sheet" aria-labelledby="share-title" onClose={close} onClick={(e) => e.target === box.current && box.current?.close()}>
      <div class="sheet-head"><h2 id="share-title">{t("share_title")}</h2><button type="button" class="icon" aria-label={t("close")} onClick={() => box.current?.close()}>✕</button></div>
      <p class="share-what"><b lang={langOf(titleOf(run))}>{place.title}</b> <span>{run.kernel.id}</span></p>
      <fieldset class="share-opens">
        <legend>{t("share_opens")}</legend>
        <label><input type="radio" name="share-at" checked={here.value} onChange={() => (here.value = true)} /> {stage.position.value ? t("share_at_step", { n: stage.position.value, of: run.steps.length }) : t("share_at_start")}</label>
        {stage.position.value > 0 && <label><input type="radio" name="share-at" checked={!here.value} onChange={() => (here.value = false)} /> {t("share_at_start")}</label>}
        <label><input type="checkbox" checked={ask.value} onChange={(e) => (ask.value = e.currentTarget.checked)} /> {t("share_predict")}</label>
      </fieldset>
      <fieldset class="modes share-kinds">
        <legend class="visually-hidden">{t("share_which")}</legend>
        {(["whole", "short"] as const).map((one) => (
          <label key={one} class={kind.value === one ? "mode on" : "mode"}><input class="visually-hidden" type="radio" name="share-kind" checked={kind.value === one} onChange={() => (kind.value = one)} />{t(`share_kind_${one}`)}</label>
        ))}
      </fieldset>
      {kind.value === "short" ? <ShortLink short={short} url={url} link={run.link} title={place.title} /> : <WholeLink url={long} title={place.title} />}
      {(kind.value === "whole" || short) && url.length <= MOST && (
        <>
          <Part name="qr"><Qr url={url} title={place.title} /></Part>
          <Part name="embed"><Embedding place={place} /></Part>
        </>
      )}
      <Part name="picture"><Picture place={place} /></Part>
      <Part name="film"><Film place={place} /></Part>
      <Part name="files"><Files place={place} /></Part>
      <Report />
    </dialog>
  );
}

function WholeLink({ url, title }: { url: string; title: string }) {
  const n = url.length.toLocaleString(language());
  if (url.length > MOST) return <p class="share-note strong">{t("share_refused", { n })}</p>;
  return (
    <>
      <Field label={t("share_kind_whole")} text={url} native={title} />
      <p class={url.length > LONG ? "share-note strong" : "share-note"}>{t(url.length > LONG ? "share_long" : "share_whole_says", { n })}</p>
    </>
  );
}
