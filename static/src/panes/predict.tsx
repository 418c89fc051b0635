// The question, three or four answers, and why; it stands where the code does until it is answered.
import { computed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { TermsIn } from "../glossary";
import { Marked } from "../markup";
import { open } from "../store";
import { t } from "../messages";
import { again, answer, answers, nudged, pausing, questions, score, SEEN, shown, SKIPPED, underway } from "../predict";
import { parts } from "../rooms";
import { mode, stage } from "../store";
import type { Choice, Question } from "../types";

const done = computed(() => questions.value.length > 0 && questions.value.every((q) => answers.value.has(q.id)) && stage.position.value >= stage.last.value);
// Whether there is anything to show.
export const questioned = computed(() => mode.value === "predict" && (underway.value || shown.value !== null || done.value));

export function Predict() {
  if (!questioned.value) return null;
  const question = shown.value;
  const Asks = parts.value?.Poll ?? Asked;
  if (underway.value) return <section class="pane p-predict" aria-label={t("mode_predict")}><p class="ask" role="status">{t("predict_underway")}</p></section>;
  return (
    <section class={question && stage.position.value >= question.reveal ? "pane p-predict revealed" : "pane p-predict"} aria-label={t("mode_predict")}>
      {question && <Asks question={question} />}
      {done.value && <Score />}
    </section>
  );
}

export function Asked({ question }: { question: Question }) {
  const given = answers.value.get(question.id);
  const { right, given: n } = score.value;
  return (
    <>
      <div class={nudged.value === question.at ? "asked-head nudged" : "asked-head"}>
        <h2><span>{t("predict_before")}{n > 0 && ` · ${t("predict_score", { right, n })}`}</span></h2>
        {given === undefined && <span class="nudge" role="status">{nudged.value === question.at && t("predict_first")}</span>}
        {given === undefined && <button type="button" class="linkish show-me" onClick={() => answer(SKIPPED)}>{t("predict_show_me")}</button>}
      </div>
      <p class="ask"><Marked text={question.ask} /></p>
      <ol class="choices">
        {question.choices.map((choice, i) => (
          <li key={i} hidden={given !== undefined && given !== i && !choice.right}>
            <button type="button" class={given === undefined ? "choice" : `choice told ${choice.right ? "right" : ""} ${given === i ? "mine" : ""}`} aria-disabled={given !== undefined} aria-pressed={given === i} onClick={() => answer(i)}>
              <kbd>{i + 1}</kbd>
              <span><Marked text={choice.text} plain /></span>
              {given !== undefined && (choice.right || given === i) && <b class="mark">{choice.right ? `✓ ${t("predict_right")}` : `✕ ${t("predict_wrong")}`}</b>}
            </button>
          </li>
        ))}
      </ol>
      {given === undefined && <TermsIn texts={question.choices.map((choice) => choice.text)} past={question.ask} />}
      <div role="status" class="told-why">
        {given !== undefined && <Told question={question} given={given} />}
      </div>
    </>
  );
}

export function Told({ question, given }: { question: Question; given: number }) {
  const right = question.choices.find((c) => c.right)!;
  const mine = question.choices[given];
  const said = `${question.ask} ${mine?.because ?? ""}`;
  const first = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => intoView(first.current), [given]);
  return (
    <>
      <p ref={first}>{mine ? <><b>{mine.right ? t("predict_yes") : t("predict_no")}</b> <Marked text={mine.because} after={question.ask} from={question.at} /></> : <Marked text={right.because} after={question.ask} from={question.at} />}</p>
      {mine && !mine.right && <p><Marked text={right.because} after={said} from={question.at} /></p>}
      {mine?.scene && <p><button type="button" class="linkish" onClick={() => go(mine)}>{mine.right ? t("predict_replay") : <Marked text={t("predict_elsewhere", { title: mine.scene.title })} plain />}</button></p>}
      {pausing.value ? <p class="small">{t("predict_next")}</p> : stage.position.value < question.reveal && <p class="small">{t("predict_go_on")}</p>}
    </>
  );
}

// What is told is looked at: on a phone it may lie under the bar, in a pane below its edge.
const intoView = (told: HTMLElement | null): void => void told?.scrollIntoView({ block: "nearest" });

// To the run in which that answer is right, as an ordinary run.
function go({ scene }: Choice): void {
  const run = stage.trace.value;
  if (!scene || !run) return;
  const elsewhere = scene.gallery ? { gallery: scene.gallery, kernel: scene.kernel } : { scenario: run.scenario, kernel: scene.kernel };
  void open(scene.link ? { link: scene.link } : elsewhere, scene.step, true, undefined, "play").then(() => scrollTo(0, 0));
}

function Score() {
  const { right, given } = score.value;
  return (
    <div class="score">
      <h2><span>{t("predict_all_done")}</span><span>{t("predict_score", { right, n: given })}</span></h2>
      <ul class="choices">
        {questions.value.map((q) => {
          const given = answers.value.get(q.id) ?? SEEN;
          const choice = q.choices[given];
          return (
            <li key={q.id} class="answered">
              <b class={choice?.right ? "mark ok" : "mark"}>{given === SKIPPED ? t("predict_skipped") : !choice ? t("predict_seen") : choice.right ? `✓ ${t("predict_right")}` : `✕ ${t("predict_wrong")}`}</b>
              {" "}<button type="button" class="ref" onClick={() => stage.seek(q.at)}>{t("step_n", { n: q.at })}</button> <Marked text={q.ask} plain />
            </li>
          );
        })}
      </ul>
      <p><button type="button" class="linkish" onClick={again}>{t("predict_again")}</button></p>
    </div>
  );
}
