// The way to how the run ends, and from there back.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../messages";
import { usePlayer } from "../player";

const PART = 0.3; // of the window: how much of it shows that one is there

export function Ending() {
  const { position, last, blind, held } = usePlayer();
  const there = useSignal(false);
  useEffect(() => {
    const results = document.querySelector(".results");
    if (!results) return void (there.value = false);
    const watch = new IntersectionObserver(([seen]) => (there.value = seen!.intersectionRect.height > innerHeight * PART), { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1] });
    watch.observe(results);
    return () => watch.disconnect();
  }, [blind.value, last.value]);
  const closed = blind.value; // there is nothing below yet
  const go = () => (closed ? held() : there.value ? scrollTo({ top: 0 }) : document.querySelector(".results")?.scrollIntoView());
  const says = there.value ? t("back_to_stage") : position.value < last.value || last.value === 0 ? t("how_it_ends_below") : t("see_how_it_ends");
  return <button type="button" class="quiet ending" aria-disabled={closed} aria-label={closed ? t("ending_when_answered") : undefined} title={closed ? t("ending_when_answered") : undefined} onClick={go}>{says}</button>;
}
