// What pictures and films have in common: whose run it is, light or dark, and choices from a list.
import { signal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { t } from "../messages";
import { colours, isDark } from "../picture/colours";
import { fonts } from "../picture/marks";
import type { Picture } from "../picture/marks";
import { drawer } from "../picture/view";
import { mode, stage } from "../store";
import type { Place } from "./files";

const dark = signal(false);
let chosen = false;

// Draws any step, once the fonts are there. What is still to be predicted is in no picture: neither for who was asked
// here and has not answered, nor for who will be.
export function drawn(place: Place): ((n: number) => Picture) | null {
  const ready = useSignal(false);
  const hides = place.as === "predict" || hidden();
  const run = stage.trace.value;
  const draw = useMemo(() => (ready.value && run ? drawer(run, colours(dark.value), hides) : null), [ready.value, run, dark.value, hides]);
  useEffect(() => {
    if (!chosen) dark.value = isDark();
    void fonts().then(() => (ready.value = true));
  }, []);
  return draw;
}

export const hidden = (): boolean => mode.value === "predict" && stage.blind.value;

export function Dress({ name }: { name: string }) {
  const dress = (as: boolean) => {
    chosen = true;
    dark.value = as;
  };
  return (
    <fieldset class="share-opens">
      <legend>{t("share_colours")}</legend>
      {[false, true].map((as) => <label key={String(as)}><input type="radio" name={`share-dress-${name}`} checked={dark.value === as} onChange={() => dress(as)} /> {t(as ? "share_dark" : "share_light")}</label>)}
    </fieldset>
  );
}

type ChoiceProps = { label: string; value: number; values: number[]; say: (value: number) => string; choose: (value: number) => void };

export const Choice = ({ label, value, values, say, choose }: ChoiceProps) => (
  <label class="share-choice"><span>{label}</span>
    <select value={value} onChange={(e) => choose(Number(e.currentTarget.value))}>{values.map((one) => <option key={one} value={one}>{say(one)}</option>)}</select>
  </label>
);

export const nameOf = (title: string): string => title.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase().slice(0, 60) || "faultwalk";
