// The rules that some schedule breaks, each with its best schedule; the driver's promise apart from the kernel's rules.
import { Marked } from "../markup";
import { t } from "../messages";
import type { Found, Violation } from "./found";
import { replay } from "./session";
import { many, ruleName } from "./words";

export function Broken({ found }: { found: Found }) {
  const rules = [...found.violations.filter((v) => !v.promise), ...found.violations.filter((v) => v.promise)];
  if (rules.length === 0) return null;
  return (
    <section aria-label={t("sched_broken")}>
      <h3>{t("sched_broken")}</h3>
      <ul class="breaks">{rules.map((rule) => <li key={rule.invariant}><Rule rule={rule} /></li>)}</ul>
    </section>
  );
}

function Rule({ rule }: { rule: Violation }) {
  const length = t(rule.shortest ? "sched_shortest" : "sched_one_way", { steps: many("steps", rule.steps), switches: many("switches", rule.switches) });
  const words = (
    <>
      <span aria-hidden="true" class="rule-sign">{rule.promise ? "○" : "⬣"}</span>
      <span class="rule-head"><b>{rule.promise ? t("sched_promise") : ruleName(rule.invariant)}</b>{rule.link && <span class="to-run">{t("sched_replay_at", { n: rule.steps })}</span>}</span>
      <span class="rule-text"><Marked text={rule.text} plain /> <small>{length}{rule.link === null ? ` ${t("sched_no_link")}` : ""}</small></span>
    </>
  );
  const kind = rule.promise ? "rule-row promise" : "rule-row";
  if (!rule.link) return <p class={kind}>{words}</p>;
  return <button type="button" class={kind} onClick={() => replay(rule.link!, rule.steps)}>{words}</button>;
}
