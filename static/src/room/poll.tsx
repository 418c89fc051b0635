// Asking the room: the question goes to the phones, and how they answered stays hidden until it may be seen.
import { Asked, Told } from "../panes/predict";
import { t } from "../messages";
import { answers as given } from "../predict";
import type { Question as Shown } from "../types";
import { act, acts, numbers } from "./asking";
import type { Act } from "./asking";
import { answers, here, online, poll } from "./presenter";
import { Question } from "./question";
import type { Poll } from "./says";
import { tallies } from "./tally";

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
      {mine === undefined && <div class="room-acts"><Acts /><span class="room-hint" role="status">{t(online.value ? "room_ask_says" : "room_offline")}</span></div>}
    </>
  );
}

function Under({ question, now }: { question: Shown; now: Poll }) {
  const head = <h2>{t(now.open ? (now.round === 2 ? "room_round_2_open" : "room_round_1_open") : numbers.value ? "room_closed_head" : "room_talk_head")}</h2>;
  return (
    <Question question={question} head={head} counts={numbers.value ? now.counts : []}>
      <div class="room-acts">
        {now.open ? <Answering /> : <span class="room-hint">{t(numbers.value ? "room_both" : "room_talk_first")}</span>}
        <Acts />
      </div>
    </Question>
  );
}

// What a clicker would do is black.
function Acts() {
  const first = acts.value[0];
  const button = (what: Act) => <button key={what} type="button" class={what === first ? "room-act first" : "room-act"} disabled={what !== "tell" && !online.value} onClick={() => act(what)}>{t(`room_${what}`)}</button>;
  return <>{ORDER.filter((what) => acts.value.includes(what)).map(button)}</>;
}

const ORDER: Act[] = ["numbers", "ask", "close", "again", "tell", "show"];

function Answering() {
  const [n, of] = [answers.value, Math.max(here.value, answers.value)];
  return (
    <p class="room-count">
      <span role="status">{online.value ? t("room_answers", { n, of }) : t("room_offline")}</span>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="4" /><rect width={of ? (100 * n) / of : 0} height="4" /></svg>
    </p>
  );
}
