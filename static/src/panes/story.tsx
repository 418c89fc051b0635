// Before the first step no code runs: in its place stands what the run is about.
import { computed } from "@preact/signals";
import { editing } from "../edit";
import { parts, t } from "../messages";
import { site } from "../site";
import { fresh, gallery, mode, stage } from "../store";
import { shown, underway } from "../predict";
import { Rest } from "./caption";

// Not where a mode has its panel in that place; the caption then says as much as it has room for.
export const tells = computed(() => stage.trace.value !== null && stage.position.value === 0 && !editing.value && (mode.value === "play" || (mode.value === "predict" && !shown.value && !underway.value)));

export function Story() {
  if (!tells.value) return null;
  return (
    <section class="pane p-story" aria-label={t("story")}>
      <h2><span>{t("story")}</span></h2>
      <Rest />
      {fresh.value && <Welcome />}
    </section>
  );
}

const EASIEST = "anonymous-read-then-write";

// For who comes for the first time: what this is, and where to begin.
function Welcome() {
  const title = gallery.value.find((item) => item.id === EASIEST)?.title ?? EASIEST;
  return <p class="welcome">{parts("welcome", { begin: <a key="begin" href={site(`/#s=${EASIEST}`)}>{title}</a>, story: <a key="story" href={site("/thread")}>{t("place_thread")}</a> })}</p>;
}
