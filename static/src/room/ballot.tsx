// The room's question on the page of who follows: one tap, and nothing of right or wrong before it is closed.
import { Asked, Told } from "../panes/predict";
import { t } from "../messages";
import type { Key } from "../messages";
import { answers } from "../predict";
import type { Question as Shown } from "../types";
import { cursor } from "./follower";
import { following } from "./guided";
import { Question } from "./question";
import type { Poll } from "./says";
import { tallies } from "./tally";
import { choose, mine } from "./vote";
import type { Mine } from "./vote";

export function Ballot({ question }: { question: Shown }) {
  const now = cursor.value?.poll;
  const poll = now?.q === question.id ? now : null;
  const given = answers.value.get(question.id);
  const counts = tallies.value.get(question.id);
  if (given === undefined && !poll && !following.value) return <Asked question={question} />;
  if (given !== undefined && !poll && !counts) return <Asked question={question} />;
  if (given !== undefined && !poll) {
    return (
      <Question question={question} head={<h2>{t("room_answered")}</h2>} counts={counts ?? []} mine={given} told>
        <div role="status" class="told-why"><Told question={question} given={given} /></div>
      </Question>
    );
  }
  const my = mine.value?.q === question.id ? mine.value : null;
  const round = my && my.round === poll?.round ? my : null;
  return (
    <Question
      question={question}
      head={<><h2 class="visually-hidden">{t(!poll ? "room_soon" : poll.round === 2 ? "room_asks_again" : "room_asks")}</h2><p role="status" class={poll?.open && !round ? "room-said now" : "room-said"}>{t(said(poll, round))}</p></>}
      counts={poll && !poll.open && poll.round === 2 ? poll.counts : []}
      mine={my?.choice}
      choose={poll?.open ? (choice) => choose(poll, choice) : undefined}
    />
  );
}

function said(poll: Poll | null, round: Mine | null): Key {
  if (!poll) return "room_wait";
  if (!poll.open) return poll.round === 2 ? "room_closed" : "room_closed_talk";
  if (round) return round.refused ? "room_refused" : round.sent ? "room_sent" : "room_sending";
  return poll.round === 2 ? "room_talk" : "room_tap";
}
