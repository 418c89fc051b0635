// Asking the room: the question goes to the phones, and how they answered stays hidden until it is closed.
import { Asked, Told } from "../panes/predict";
import { t } from "../messages";
import { answers as given, shown, SKIPPED } from "../predict";
import type { Question as Shown } from "../types";
import { answers, here, online, order, poll } from "./presenter";
import { Question } from "./question";
import type { Poll } from "./says";
import { reveal, tallies } from "./tally";

const ask = (q: Shown, round: number): void => order({ type: "ask", q: q.id, choices: q.choices.length, round });

export function showAnswer(): void {
  const now = poll.peek();
  if (!now || now.open || !online.peek() || now.q !== shown.peek()?.id) return;
  reveal(now.q, now.counts, SKIPPED);
  order({ type: "clear" });
}

export function AskRoom({ question }: { question: Shown }) {
  const now = poll.value?.q === question.id ? poll.value : null;
  const mine = given.value.get(question.id);
  const counts = tallies.value.get(question.id);
  if (mine === undefined && now) return <Under question={question} now={now} />;
  if (mine !== undefined && counts) {
    return (
      <Question question={question} head={<h2>{t("room_answered")}</h2>} counts={counts} told>
        <div role="status" class="told-why"><Told question={question} given={mine} /></div>
      </Question>
    );
  }
  return (
    <>
      <Asked question={question} />
      {mine === undefined && <div class="room-acts"><button type="button" class="room-act first" disabled={!online.value} onClick={() => ask(question, 1)}>{t("room_ask")}</button><span class="room-hint">{t("room_ask_says")}</span></div>}
    </>
  );
}

function Under({ question, now }: { question: Shown; now: Poll }) {
  const head = <h2>{t(now.open ? (now.round === 2 ? "room_round_2_open" : "room_round_1_open") : "room_closed_head")}</h2>;
  return (
    <Question question={question} head={head} counts={now.open ? [] : now.counts}>
      <div class="room-acts">
        {now.open ? <Answering /> : <span class="room-hint">{t(now.round === 1 ? "room_talk_first" : "room_both")}</span>}
        {now.open && <button type="button" class="room-act first" disabled={!online.value} onClick={() => order({ type: "close" })}>{t("room_close")}</button>}
        {!now.open && now.round === 1 && <button type="button" class="room-act" disabled={!online.value} onClick={() => ask(question, 2)}>{t("room_again")}</button>}
        {!now.open && <button type="button" class="room-act first" disabled={!online.value} onClick={showAnswer}>{t("room_show")}</button>}
      </div>
    </Question>
  );
}

function Answering() {
  const [n, of] = [answers.value, Math.max(here.value, answers.value)];
  return (
    <p class="room-count">
      <span role="status">{online.value ? t("room_answers", { n, of }) : t("room_offline")}</span>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="4" /><rect width={of ? (100 * n) / of : 0} height="4" /></svg>
    </p>
  );
}
