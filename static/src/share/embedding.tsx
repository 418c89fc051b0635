// The run in somebody's own page: as an iframe, or as an element that a script of this site knows.
import { useSignal } from "@preact/signals";
import { t } from "../messages";
import { stage } from "../store";
import { Field } from "./field";
import type { Place } from "./files";
import { base } from "./links";

const VARIANTS = ["min", "full", "predict"] as const;
const HEIGHT = { min: 480, full: 600, predict: 520 };

export function Embedding({ place }: { place: Place }) {
  const variant = useSignal<(typeof VARIANTS)[number]>(place.as === "predict" ? "predict" : "min");
  const loops = useSignal(false);
  const until = useSignal(Math.min(stage.last.value, place.at + 8));
  const c = variant.value;
  const to = Math.max(place.at, Math.min(stage.last.value, until.value));
  const step = loops.value ? `${place.at}..${to}` : String(place.at);
  const fields = `t=${step}${loops.value ? "&loop=1" : ""}&c=${c}`;
  const short = place.url.includes("/l/");
  const src = short ? `${place.url.split("?")[0]!.replace("/l/", "/embed/")}#${fields}` : base(`/embed#${place.link}&${fields}`);
  const label = place.title ? `${place.title} · Faultwalk` : "Faultwalk";
  const frame = `<iframe src="${escaped(src)}" title="${escaped(label)}" width="100%" height="${HEIGHT[c]}" loading="lazy" style="border: 0"></iframe>`;
  const element = [
    `<script src="${base("/embed.js")}" async></script>`,
    `<fault-walk src="${escaped(place.url)}" step="${step}"${loops.value ? " loop" : ""} variant="${c}" height="${HEIGHT[c]}">`,
    `  <a href="${escaped(place.url)}">${escaped(label)}</a>`,
    "</fault-walk>",
  ].join("\n");
  return (
    <>
      <fieldset class="share-opens">
        <legend>{t("share_embed_shows")}</legend>
        {VARIANTS.map((one) => <label key={one}><input type="radio" name="share-variant" checked={c === one} onChange={() => (variant.value = one)} /> {t(`share_embed_${one}`)}</label>)}
        <label><input type="checkbox" checked={loops.value} onChange={(e) => (loops.value = e.currentTarget.checked)} /> {t("share_embed_loop", { n: place.at })}</label>
        {loops.value && <input class="share-until" type="number" min={place.at} max={stage.last.value} value={to} aria-label={t("share_embed_until")} onChange={(e) => (until.value = Number(e.currentTarget.value))} />}
      </fieldset>
      <Field label={t("share_embed_frame")} text={frame} rows={1} />
      <Field label={t("share_embed_element")} text={element} rows={4} />
      <p class="share-note"><a href={src} target="_blank" rel="noopener">{t("share_embed_see")}</a> · <a href={base("/docs/embed")}>{t("share_embed_docs")}</a></p>
    </>
  );
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
