// Before the first step no code runs: in its place stands what the run is about.
import { computed } from "@preact/signals";
import { editing } from "../edit";
import { parts, t } from "../messages";
import { choose, fresh, gallery, mode, stage } from "../store";
import { questions, shown, underway } from "../predict";
import { notesAt } from "../told";
import { Rest } from "./caption";
import { site } from "../site";

// Not where a mode has its panel in that place; the caption then says as much as it has room for.
export const tells = computed(() => stage.trace.value !== null && stage.position.value === 0 && !editing.value && (mode.value === "play" || (mode.value === "predict" && !shown.value && !underway.value)));

export function Story() {
  if (!tells.value) return null;
  return (
    <section class="pane p-story" aria-label={t("story")}>
      <h2><span>{t("story")}</span></h2>
      <Rest />
      <Long />
      {(mode.value === "predict" || fresh.value) && <p class="aside">{mode.value === "predict" && <Ahead />}{fresh.value && <Welcome />}</p>}
      <p class="small by-key">{parts("versions_are", { story: <a key="story" href={site("/thread")}>{t("versions_story")}</a> })}</p>
    </section>
  );
}

// Nobody is asked unawares: how often it will be, and the way out.
function Ahead() {
  const n = questions.value.length;
  const said = n === 0 ? t("predict_ahead_soon") : t(n === 1 ? "predict_ahead_1" : "predict_ahead", { n });
  return <>{said} <button type="button" class="linkish" onClick={() => choose("play")}>{t("just_watch")}</button>. </>;
}

const LONG = 40; // steps

// Where many steps are bookkeeping, how to pass them.
function Long() {
  const run = stage.trace.value!;
  if (run.steps.length < LONG || !run.steps.some((step) => notesAt(run, step).length > 0)) return null;
  return <p class="aside">{t("long_run", { n: run.steps.length })}</p>;
}

const EASIEST = "anonymous-read-then-write";

// For who comes for the first time: what this is, and where to begin.
function Welcome() {
  const title = gallery.value.find((item) => item.id === EASIEST)?.title ?? EASIEST;
  return <span class="welcome">{parts("welcome", { begin: <a key="begin" class="offer" href={site(`/#s=${EASIEST}`)}>{title}</a> })}</span>;
}
