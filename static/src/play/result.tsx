// What came of it: the end of a run, a claim and what proves it, and the sentences of the explorer's answers.
import { Marked, plainText } from "../markup";
import { parts, t } from "../messages";
import { shortName } from "../revisions";
import { site } from "../site";
import { langOf } from "../told";
import { asked, askFor, forget, found, more, search } from "./answers";
import type { Reach } from "./answers";
import { open, restart, undo } from "./game";
import { following, levels } from "./levels";
import { changed, kernel, level, player, won } from "./position";

type Words = { lead: string; text: string; lang?: string | undefined };

// The answer to what was asked in the middle of a game; a claim's and an end's take the room of the threads.
export function answerWords(): Words | null {
  const what = asked.value;
  if (what === "hint") return { lead: t("game_hint_lead"), text: level.value.hint.text, lang: langOf(level.value.hint) };
  if (what !== "still" && what !== "next") return null;
  const answer = found.value;
  if (!answer) return { lead: "", text: search.going.value ? t("game_looking") : "" };
  if (!answer.complete) return { lead: "", text: t("game_undecided", { states: number(answer.states) }) };
  if (!answer.way) return { lead: t("game_no"), text: t(changed.value + player.position.value === 0 ? "game_never" : "game_lost", { states: number(answer.states) }) };
  if (what === "next") return { lead: t("game_hint_lead"), text: t("game_next", { who: answer.next ?? "" }) };
  return { lead: t("game_yes"), text: t(changed.value ? "game_possible" : "game_possible_all", { n: changesOf(answer.way.switches), more: changesOf(more(answer)) }) };
}

const changesOf = (n: number): string => t(n === 1 ? "game_n_changes_1" : "game_n_changes", { n });
const number = (n: number): string => n.toLocaleString(document.documentElement.lang);

export function resultWords(): string {
  if (asked.value === "claim") {
    const answer = found.value;
    return answer ? `${claimHead(answer)} ${answer.way ? "" : plainText(because())}` : t("game_looking");
  }
  if (!won.value) return t("game_not_this_time");
  return `${t("game_won", { n: changesOf(changed.value) })} ${against(found.value)}`;
}

const because = (): string => level.value.because[kernel.value]?.text ?? "";

export function Result() {
  return <section class="pane outcome" aria-label={t("game_result")}>{asked.value === "claim" ? <Claim answer={found.value} /> : won.value ? <Won answer={found.value} /> : <Lost />}</section>;
}

function Won({ answer }: { answer: Reach | null }) {
  const run = player.trace.value!;
  const best = answer?.way && answer.way.switches < changed.value ? answer.way.link : null;
  return (
    <>
      <h2 class="good">{t("game_won", { n: changesOf(changed.value) })}</h2>
      <p>{against(answer)}</p>
      <p class="soft"><Marked text={run.outcome.text} plain /></p>
      <p class="watch"><a href={site(`/#${run.link}&t=0`)}>{t("game_watch_yours")}</a>{best && <a href={site(`/#${best}&t=0`)}>{t("game_watch_best")}</a>}</p>
      <p class="deeds"><Next />{best ? <button type="button" class="offer" onClick={restart}>{t("game_better")}</button> : <button type="button" class="offer" onClick={restart}>{t("game_again")}</button>}</p>
    </>
  );
}

function against(answer: Reach | null): string {
  if (!answer) return t("game_par_sought");
  if (!answer.way) return t("game_undecided", { states: number(answer.states) });
  return answer.way.switches >= changed.value ? t("game_at_par") : t("game_over_par", { n: changesOf(answer.way.switches) });
}

function Lost() {
  const run = player.trace.value!;
  return (
    <>
      <h2>{t("game_not_this_time")}</h2>
      <p><Marked text={run.outcome.text} plain /></p>
      <p class="deeds"><button type="button" class="go" onClick={undo}>{t("game_undo_last")}</button><button type="button" class="offer" onClick={restart}>{t("game_restart")}</button></p>
    </>
  );
}

function Next() {
  const [id, under] = following(level.value.id, kernel.value);
  const title = levels.find((one) => one.id === id)?.title.text ?? id;
  return <button type="button" class="go" onClick={() => void open(id, under)}>{t(id === level.value.id ? "game_next_kernel" : "game_next_level", { title, kernel: shortName(under) })}</button>;
}

const claimHead = (answer: Reach): string => t(answer.way ? "game_claim_wrong" : answer.complete ? "game_claim_right" : "game_claim_open", { kernel: shortName(kernel.value) });

function Claim({ answer }: { answer: Reach | null }) {
  if (!answer) return <><h2>{t("game_looking")}</h2><p class="deeds"><Back /></p></>;
  if (answer.way) {
    return (
      <>
        <h2 class="bad">{claimHead(answer)}</h2>
        <p>{t("game_claim_par", { n: changesOf(answer.way.switches), states: number(answer.states) })}</p>
        <p lang={langOf(level.value.hint)}><b>{t("game_hint_lead")}</b> <Marked text={level.value.hint.text} plain /></p>
        <p class="deeds"><button type="button" class="go" onClick={forget}>{t("game_try")}</button></p>
      </>
    );
  }
  if (!answer.complete) return <><h2>{claimHead(answer)}</h2><p>{t("game_undecided", { states: number(answer.states) })}</p><p class="deeds"><Back /><button type="button" class="offer" onClick={() => askFor("claim")}>{t("game_ask_again")}</button></p></>;
  const told = level.value.because[kernel.value];
  return (
    <>
      <h2 class="good">{claimHead(answer)}</h2>
      {told && <p lang={langOf(told)}><Marked text={told.text} plain /></p>}
      <p class="soft">{parts("game_covers", { states: number(answer.states), scene: <q key="scene" lang={langOf(level.value.scene)}>{level.value.scene.text}</q>, kernel: kernel.value, arch: player.trace.value?.arch.id ?? "", known: <a key="known" href={site("/known-differences")}>{t("known_differences")}</a> })}</p>
      <p class="deeds"><Next /><Back /></p>
    </>
  );
}

const Back = () => <button type="button" class="offer" onClick={forget}>{t("game_back")}</button>;
