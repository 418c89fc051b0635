// This step as a picture, in the colours and the size that are wanted: seen before it is taken.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../messages";
import { canvas, png } from "../picture/canvas";
import { svg } from "../picture/svg";
import { heightOf } from "../picture/film";
import type { Place } from "./files";
import { Choice, Dress, drawn, nameOf } from "./looks";
import { save } from "./save";

const SIZES = [1280, 1920, 2560];

export function Picture({ place }: { place: Place }) {
  const size = useSignal(SIZES[1]!);
  const box = useRef<HTMLCanvasElement>(null);
  const draw = drawn(place);
  const picture = draw?.(place.at);
  const name = `${nameOf(place.title)}-${place.at}-view`;
  useEffect(() => void (picture && canvas(picture, SIZES[0]!, box.current!)));
  if (!picture) return <p class="share-note" role="status">{t("loading")}</p>;
  return (
    <>
      <canvas ref={box} class="share-seen" role="img" aria-label={`${picture.title}. ${picture.says}`} />
      <div class="share-options">
        <Dress name="picture" />
        <Choice label={t("share_size")} value={size.value} values={SIZES} say={(one) => t("share_pixels", { width: one, height: heightOf(one) })} choose={(one) => (size.value = one)} />
      </div>
      <div class="share-acts">
        <button type="button" class="share-act" onClick={() => save(new Blob([svg(picture)], { type: "image/svg+xml" }), `${name}.svg`)}>{t("share_file_svg")}</button>
        <button type="button" class="share-act" onClick={() => void png(picture, size.value).then((made) => save(made, `${name}.png`))}>{t("share_file_png")}</button>
      </div>
      <p class="share-note">{t(place.as === "predict" ? "share_picture_asks" : "share_picture_says")}</p>
    </>
  );
}
