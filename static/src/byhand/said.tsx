// What is said of a move: what it did, which rule it broke and where that rule stands, or what is to be done next.
import { Marked, plainText } from "../markup";
import { parts, t } from "../messages";
import { shortName } from "../revisions";
import { langOf } from "../told";
import type { Step } from "../types";
import { dismiss, move } from "./game";
import { hinted, kernel, made, next, over, ready, shown, task } from "./position";
import type { Place, Says, Verdict } from "./position";
import { resultWords } from "./result";

export const SIGN = { ok: "✓", same: "✓", bad: "✗", off: "·", refused: "⊘" } as const;

export function Said() {
  if (hinted.value) return <Hinted />;
  const verdict = shown.value;
  if (!verdict) return <div class="say"><p class="soft"><Marked text={beginning()} plain /></p></div>;
  const loud = verdict.state === "bad" || verdict.state === "refused";
  const told = telling(verdict);
  const as = verdict.says.find((says) => says.rule === "as")?.at;
  return (
    <div class={`say of-${verdict.state}`} key={`${verdict.move} ${verdict.from}`}>
      <b class="k-sign" aria-hidden="true">{SIGN[verdict.state]}</b>
      <div class="k-said" tabIndex={0} role="group" aria-label={t(`byhand_state_${verdict.state}`)}>
        {verdict.says.filter((says) => says.text).map((says) => <p key={says.text} class={broken(says) ? "rule" : "soft"}><Marked text={says.text} plain /> {says.place && <Where place={says.place} at={says.rule === "dispatch" ? null : says.at} />}</p>)}
        {told && <p class={loud ? "soft" : undefined}><Marked text={told.what} plain /> <span class="soft">{meanwhile(verdict)}</span></p>}
        {as && <p class="soft">{t("byhand_as", { kernel: shortName(kernel.value), place: lineOf(as) })} <code>{as.code}</code></p>}
      </div>
    </div>
  );
}

const broken = (says: Says): boolean => says.kind !== "note" && says.kind !== "off" && !says.excused;

// The line that decided, and the one that does what is meant, where that is another.
export function Where({ place, at }: { place: Place; at: Place | null }) {
  const other = at && (at.function !== place.function || at.line !== place.line) ? at : null;
  return (
    <span class="where">
      <code>{(other ?? place).code}</code> <span class="soft">{lineOf(other ?? place)}{other && `, ${t("byhand_decided")} ${lineOf(place)}`}</span>
    </span>
  );
}

export const lineOf = (place: Place): string => t("byhand_at", { fn: place.function, line: place.line });

function Hinted() {
  const told = hinted.value === "hint" ? task.value.hint : null;
  const to = next.value;
  return (
    <div class="say answers" key={hinted.value}>
      <b class="k-sign" aria-hidden="true">?</b>
      <div class="k-said" tabIndex={0} role="group" aria-label={t("byhand_hint")}>
        {told && <p lang={langOf(told)}><b>{t("byhand_hint_lead")}</b> <Marked text={told.text} plain /></p>}
        {!told && !to && <p>{t("byhand_next_none", { kernel: shortName(kernel.value) })}</p>}
        {!told && to && <p>{parts("byhand_next", { kernel: shortName(kernel.value), code: <code key="code">{to.code}</code> })} <Where place={to.place} at={to.at} /></p>}
        {!told && to && <p class="soft" lang="en">{to.at.doc}</p>}
      </div>
      {!told && to && <button type="button" class="offer" onClick={() => void move(to.move)}>{t("byhand_do_it")}</button>}
      <button type="button" class="icon" aria-label={t("dismiss")} onClick={dismiss}>✕</button>
    </div>
  );
}

export function beginning(): string {
  const hand = made.value?.hand;
  if (!hand) return "";
  return t("byhand_begin", { kernel: shortName(kernel.value), who: `@${task.value.thread}`, access: t(hand.write ? "byhand_store" : "byhand_read"), address: `\`${hand.address}\`` });
}

// The step whose sentence says what the move did.
const telling = (verdict: Verdict): Step | undefined => (verdict.tells ? made.value?.run.steps[verdict.tells - 1] : undefined);

function meanwhile({ from, to }: Verdict): string {
  const others = (made.value?.run.steps.slice(from - 1, to) ?? []).filter((step) => step.thread !== task.value.thread);
  const who = [...new Set(others.map((step) => step.thread))].join(", ");
  return others.length ? t(others.length === 1 ? "byhand_and_meanwhile_1" : "byhand_and_meanwhile", { who, n: others.length }) : "";
}

// One voice: a hint, the verdict of the newest move, the end.
export function spoken(): string {
  if (hinted.value === "hint") return `${t("byhand_hint_lead")} ${plainText(task.value.hint.text)}`;
  if (hinted.value === "next") return next.value ? `${t("byhand_next", { kernel: shortName(kernel.value), code: next.value.code })} ${lineOf(next.value.at)}` : t("byhand_next_none", { kernel: shortName(kernel.value) });
  const verdict = shown.value;
  if (!verdict) return ready.value ? plainText(beginning()) : "";
  const told = telling(verdict);
  const says = verdict.says.filter((one) => one.text).map((one) => plainText(one.text)).join(" ");
  const end = over.value ? resultWords() : "";
  return [`${verdict.code}: ${t(`byhand_state_${verdict.state}`)}.`, says, told ? plainText(told.what) : "", end].filter((part) => part).join(" ");
}
