// One of the two runs: which kernel, what happened, the pte, the code, and how it ends.
import { parts, t } from "../messages";
import { Marked } from "../markup";
import { Chip } from "../panes/caption";
import { Entry } from "../panes/entry";
import { Source } from "../panes/source";
import { PlayerContext, usePlayer } from "../player";
import { Revisions, shortName } from "../revisions";
import { choose } from "./open";
import { pair, SIDES } from "./pair";
import type { Which } from "./pair";
import { stageHref } from "./refs";

export function Run({ which }: { which: Which }) {
  const player = pair.sides[which];
  const run = player.trace.value;
  return (
    <PlayerContext.Provider value={player}>
      <section id={`side-${SIDES[which]}`} class={`side ${SIDES[which]}`} aria-label={t("side_label", { side: t(`side_${SIDES[which]}`), kernel: shortName(run?.kernel.id ?? "") })}>
        <div class="side-head">
          <Revisions now={run?.kernel.id} choose={(kernel) => choose(which, kernel)} label={t("revision_of", { side: t(`side_${SIDES[which]}`) })} />
          <ToStage which={which} />
        </div>
        <Said which={which} />
        <div class="side-panes"><Entry /><Source /></div>
      </section>
    </PlayerContext.Provider>
  );
}

function ToStage({ which }: { which: Which }) {
  const { trace, position } = pair.sides[which];
  const run = trace.value;
  const ref = pair.refs.value?.[which];
  if (!run || !ref) return null;
  return <a class="quiet to-stage" href={stageHref(ref, run, position.value)} aria-label={t("open_side", { kernel: shortName(run.kernel.id) })}>{t("open_full")}</a>;
}

// What this side has done last, and whether it did that here or stands still meanwhile.
function Said({ which }: { which: Which }) {
  const player = usePlayer();
  const now = player.step.value;
  const still = !pair.moved.value[which] && pair.row.value > 0;
  return (
    <div class={`said-here ${SIDES[which]} ${still ? "still" : ""}`}>
      <div class="count"><b class="said-name">{pair.nameOf(which)}</b> <b>{player.position.value}</b><span>{t("of_n", { n: player.last.value })}</span></div>
      <div class="words">
        {now ? <h2><Marked text={now.what} /></h2> : <h2>{t("not_begun")}</h2>}
        {still ? <p class="standing">{parts("stands_still", { side: <b>{pair.nameOf(which)}</b> })}</p> : <p>{now && <Marked text={now.why} />}</p>}
      </div>
      {now && <Chip />}
    </div>
  );
}
