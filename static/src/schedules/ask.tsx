// Is there a schedule in which ...? A question about how runs can end, in a small language; examples from the scenario.
import { signal } from "@preact/signals";
import { t } from "../messages";
import { Trouble } from "../trouble";
import type { Trace } from "../types";
import { examplesOf } from "./examples";
import type { Found } from "./found";
import { ask, question, replay } from "./session";
import { many } from "./words";

const ASKS = ["pfn", "pte", "bit", "saw", "returns", "signal", "stuck", "stale", "bug", "broken"] as const;

// It outlasts a turn of the phone, which moves the field.
const text = signal("");

export function Ask({ run, found }: { run: Trace; found: Found | null }) {
  const put = (event: Event) => { event.preventDefault(); if (text.value.trim()) ask(text.value); };
  return (
    <div class="ask-all">
      <form onSubmit={put}>
        <label for="exists">{t("sched_ask")}</label>
        <div class="ask-row">
          <input id="exists" type="text" value={text.value} maxLength={500} autocomplete="off" spellcheck={false} autocapitalize="off" aria-describedby="exists-help" placeholder={'pfn("v[0]") == 0x7000b'} onInput={(e) => (text.value = e.currentTarget.value)} />
          <button type="submit" class="offer">{t("sched_search")}</button>
        </div>
      </form>
      <Examples run={run} found={found} />
      <Reply />
      <details class="covers" id="exists-help">
        <summary>{t("sched_language")}</summary>
        <dl class="asks">{ASKS.map((name) => <div key={name}><dt><code>{t(`sched_asks_${name}`)}</code></dt><dd>{t(`sched_means_${name}`)}</dd></div>)}</dl>
        <p>{t("sched_grammar")}</p>
      </details>
    </div>
  );
}

function Examples({ run, found }: { run: Trace; found: Found | null }) {
  return (
    <p class="examples">
      {examplesOf(run, found).map((example) => <button key={example.text} type="button" class="offer" title={example.text} onClick={() => { text.value = example.text; ask(example.text); }}>{example.label}</button>)}
    </p>
  );
}

function Reply() {
  const { going, found, trouble } = question;
  if (trouble.value) return <Trouble what={trouble.value} dismiss={() => (trouble.value = null)} />;
  if (going.value) return <p role="status" class="reply">{t("sched_looking")} <button type="button" class="linkish" onClick={() => question.cancel()}>{t("sched_cancel")}</button></p>;
  const answer = found.value;
  if (!answer?.exists) return null;
  const { holds, way, question: asked } = answer.exists;
  const told = holds ? "sched_yes" : answer.complete ? "sched_no" : "sched_unknown";
  return (
    <p role="status" class="reply">
      <b>{t(told)}</b> <code>{asked}</code>{" "}
      {holds && way && <>{t(way.shortest ? "sched_shortest" : "sched_one_way", { steps: many("steps", way.steps), switches: many("switches", way.switches) })} {way.link && <button type="button" class="linkish" onClick={() => replay(way.link!, way.steps)}>{t("sched_replay")}</button>}</>}
      {!holds && answer.complete && answer.schedules && t("sched_in_none", { schedules: many("schedules", answer.schedules) })}
    </p>
  );
}
