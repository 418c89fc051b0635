// A question of Predict as a room has it: choices, and bars for how many chose what, a column a round.
import type { ComponentChildren } from "preact";
import { TermsIn } from "../glossary";
import { Marked } from "../markup";
import { t } from "../messages";
import type { Question as Asked } from "../types";

type Props = {
  question: Asked;
  head: ComponentChildren;
  counts?: number[][];
  mine?: number | undefined;
  told?: boolean;
  choose?: ((choice: number) => void) | undefined;
  children?: ComponentChildren;
};

export function Question({ question, head, counts = [], mine, told = false, choose, children }: Props) {
  return (
    <div class={["room-q", counts.length > 0 ? "counted" : "", counts.length > 1 ? "two" : ""].join(" ")}>
      <div class="asked-head">{head}</div>
      <p class="ask"><Marked text={question.ask} /></p>
      {counts.length > 1 && <p class="room-rounds" aria-hidden="true"><span>{t("room_round_1")}</span><span>{t("room_round_2")}</span></p>}
      <ol class="choices">
        {question.choices.map((choice, i) => (
          <li key={i}>
            <button type="button" class={["choice", "room-choice", told ? "told" : "", told && choice.right ? "right" : "", mine === i ? "mine" : ""].join(" ")} aria-disabled={!choose} aria-pressed={mine === i} onClick={() => choose?.(i)}>
              <kbd>{i + 1}</kbd>
              <span><Marked text={choice.text} plain /></span>
              {told && choice.right ? <b class="mark">✓ {t("room_right")}</b> : mine === i && <b class="room-mine">{t("room_yours")}</b>}
            </button>
            {counts.length > 0 && <Bars counts={counts} choice={i} right={told && choice.right} />}
          </li>
        ))}
      </ol>
      {!told && <TermsIn texts={question.choices.map((choice) => choice.text)} past={question.ask} />}
      {children}
    </div>
  );
}

function Bars({ counts, choice, right }: { counts: number[][]; choice: number; right: boolean }) {
  return (
    <p class={right ? "room-bars right" : "room-bars"}>
      {counts.map((round, i) => {
        const all = round.reduce((sum, n) => sum + n, 0);
        const n = round[choice] ?? 0;
        const share = all ? Math.round((100 * n) / all) : 0;
        return (
          <span key={i} class="room-bar">
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="10" /><rect width={share} height="10" /></svg>
            <span><span class="visually-hidden">{counts.length > 1 ? `${t(i ? "room_round_2" : "room_round_1")}: ` : ""}</span>{t("room_share", { n, share })}</span>
          </span>
        );
      })}
    </p>
  );
}
