// At a run's end: what there was to see, and where to go from there.
import { Marked } from "./markup";
import { t } from "./messages";
import { usePlayer } from "./player";
import { gallery, pick, stage } from "./store";
import { langOf, storyOf, titleOf, watchIsTrue } from "./told";
import type { Listed, Trace } from "./types";

export function Onwards({ run }: { run: Trace }) {
  if (usePlayer() !== stage) return null;
  const story = storyOf(run);
  const watch = watchIsTrue(run) ? story.text.trim().split(/\n+/).slice(1).join(" ") : "";
  const next = following(titleOf(run).text, gallery.value);
  return (
    <>
      {watch && <p class="seen"><b>{t("seen")}</b> <span lang={langOf(story)}><Marked text={watch} plain /></span></p>}
      {next && <p><button type="button" class="offer" lang={langOf(next)} onClick={() => { pick(next.id); scrollTo({ top: 0 }); }}>{t("next_scenario", { title: next.title })}</button></p>}
    </>
  );
}

const LEVELS = ["first", "second", "expert"];

// The easier ones first, the one to begin with before all; else in the order of the gallery.
function following(title: string, all: Listed[]): Listed | undefined {
  const rank = (item: Listed) => (item.start ? -1 : LEVELS.indexOf(item.level));
  const path = all.toSorted((a, b) => rank(a) - rank(b));
  const here = path.findIndex((item) => item.title === title);
  return here < 0 ? undefined : path[here + 1];
}
