// The game's page: what is asked, where everybody stands, what was played, and whose turn it could be.
import { Fragment } from "preact";
import { useRef } from "preact/hooks";
import { Sheet } from "../dialog";
import { Rules, Top } from "../game-page";
import { Marked, plainText } from "../markup";
import { parts, t } from "../messages";
import { Entry } from "../panes/entry";
import { Why } from "../panes/why";
import { PlayerContext } from "../player";
import { Revisions, shortName } from "../revisions";
import { langOf } from "../told";
import { Trouble } from "../trouble";
import { asked, forget, search } from "./answers";
import { open } from "./game";
import { KEYS } from "./keys";
import { knownOf } from "./levels";
import { Levels } from "./list";
import { answerWords, resultWords, Result } from "./result";
import { busy, changed, dragged, kernel, level, movable, over, player, ready, trouble } from "./position";
import { Strip } from "./strip";
import { Locks, Threads } from "./threads";
import { Tools, Turns } from "./turns";

export function Page() {
  const help = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDialogElement>(null);
  const showsResult = over.value || asked.value === "claim";
  return (
    <PlayerContext.Provider value={player}>
      <Top title={level.value.title} list={list} help={help} />
      <main id="game" class={`game of-${level.value.threads.length}`} aria-busy={busy.value} data-ready={ready.value ? "yes" : undefined}>
        <Trouble what={trouble.value ?? search.trouble.value} dismiss={() => { trouble.value = null; forget(); }} />
        <Goal />
        <Said />
        <div class="table">
          <div class="memory"><Entry /><Locks /></div>
          {showsResult ? <Result /> : <Threads />}
        </div>
        <Strip />
        <footer class="bar"><Turns /><Tools /></footer>
        <p class="visually-hidden" role="status" aria-live="polite">{spoken()}</p>
      </main>
      <Why />
      <Sheet dialog={list} id="levels" kind="wide-sheet" title={t("game_levels")}><Levels chosen={() => list.current?.close()} /></Sheet>
      <Rules dialog={help} title={t("game_rules")} rules={["game_rule_move", "game_rule_on", "game_rule_count", "game_rule_claim"]} keys={KEYS} />
    </PlayerContext.Provider>
  );
}

function Goal() {
  const { says, kernels, story, id } = level.value;
  const { par } = knownOf(id, kernel.value);
  return (
    <section class="goal" aria-label={t("game_goal")}>
      <div class="goal-words">
        <h1 lang={langOf(says)}><Marked text={says.text} plain /></h1>
        <p class="soft" lang={langOf(story)} title={plainText(story.text)}>{plainText(story.text.split("\n")[0]?.split(/(?<=[.!?])\s+/)[0] ?? "")}</p>
      </div>
      <div class="goal-side">
        <p class="tally"><span key={changed.value} class="made"><b>{changed.value}</b> {t(changed.value === 1 ? "game_changes_1" : "game_changes")}</span><span class="par" title={par === undefined ? t("game_par_hidden") : undefined}>{t("game_par")} <b>{par ?? "?"}</b></span></p>
        <Revisions now={kernel.value} only={kernels} choose={(to) => void open(id, to)} label={t("revision")} />
      </div>
    </section>
  );
}

const Caps = () => <>{level.value.threads.map((id, i) => <Fragment key={id}>{i > 0 && " "}<kbd>{id}</kbd></Fragment>)}</>;

// What the last step did, until something was asked.
function Said() {
  const now = player.step.value;
  const answer = answerWords();
  if (answer) {
    return (
      <div key="answers" class="say answers">
        <p key={answer.text} lang={answer.lang}><b>{answer.lead}</b> <Marked text={answer.text} plain /></p>
        <button type="button" class="icon" aria-label={t("dismiss")} onClick={forget}>✕</button>
      </div>
    );
  }
  return (
    <div key="said" class="say">
      {/* new elements at each step: what stays would be moved by the length of what is said before it */}
      {now ? <p key={now.n}><Marked text={now.what} /> <span class="soft">{dragged.value ? t("game_forced", dragged.value) : <Marked text={now.why} after={now.what} />}</span></p> : <><p class="soft by-key">{begins("game_begin")}</p><p class="soft by-hand">{begins("game_begin_hand")}</p></>}
    </div>
  );
}

const begins = (how: "game_begin" | "game_begin_hand") => parts(how, { keys: <Caps key="keys" /> });

// One voice: what was asked, else what happened and who can move now.
function spoken(): string {
  const answer = answerWords();
  if (answer) return `${answer.lead} ${plainText(answer.text)}`;
  if (over.value || asked.value === "claim") return resultWords();
  const now = player.step.value;
  if (!now) return ready.value ? t("game_spoken_start", { goal: plainText(level.value.says.text), kernel: shortName(kernel.value) }) : "";
  return t("game_spoken", { what: plainText(now.what), who: movable.value.join(", "), n: changed.value });
}

