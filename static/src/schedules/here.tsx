// At the step on the stage: what can still come, and what another thread's turn would have led to.
import { ForkSign } from "../forked";
import { Thread } from "../markup";
import { parts, t } from "../messages";
import { course } from "../schedules";
import type { Branch, Course } from "../schedules";
import { stage } from "../store";
import { apply } from "../whatif";
import type { Found } from "./found";
import { begin, blank } from "./session";
import { many, ruleNames } from "./words";

export function Here({ found }: { found: Found }) {
  const seen = course.value;
  if (blank.value) return <p class="here"><button type="button" class="offer" onClick={begin}>{t("sched_along")}</button></p>;
  if (!seen || (found.outcomes_in_all === 1 && seen.branches.length === 0)) return null;
  const at = stage.position.value;
  const run = stage.trace.value;
  const can = seen.open[at]?.length;
  if (!run || can === undefined) return null;
  const branches = seen.branches.filter((branch) => branch.at === at);
  return (
    <section class="here" aria-label={t("sched_here")}>
      <h3>{parts(at === 0 ? "sched_open_first" : "sched_open", { step: t("step_n", { n: at }), n: <b>{can}</b>, all: many("outcomes", found.outcomes_in_all) })}</h3>
      <Decides seen={seen} at={at} found={found} />
      {branches.map((branch) => <Turn key={branch.thread} branch={branch} seen={seen} found={found} />)}
      {branches.length === 0 && at < run.steps.length && found.schedules !== "1" && <p class="small">{t("sched_nobody_else")}</p>}
    </section>
  );
}

// The next step of this run, where it takes something away.
function Decides({ seen, at, found }: { seen: Course; at: number; found: Found }) {
  const next = seen.open[at + 1];
  const who = stage.trace.value?.steps[at]?.thread;
  if (!next || !who) return null;
  const gone = seen.open[at]!.length - next.length;
  const kept = safe(found, seen.breakable[at]!.filter((rule) => !seen.breakable[at + 1]!.includes(rule)));
  if (gone === 0 && kept.length === 0) return null;
  return (
    <p class="decides">
      {parts(gone > 0 ? "sched_decides" : "sched_decides_rule", { who: <Thread id={who} />, n: many("outcomes", gone) })}
      {kept.length > 0 && ` ${t("sched_safe_from", { rules: ruleNames(kept) })}`}
    </p>
  );
}

const safe = (found: Found, rules: string[]): string[] => rules.filter((rule) => !found.violations.find((v) => v.invariant === rule)?.promise);

function Turn({ branch, seen, found }: { branch: Branch; seen: Course; found: Found }) {
  const rules = safe(found, branch.breakable);
  const next = seen.open[branch.at + 1]!;
  const only = branch.outcomes.filter((n) => !next.includes(n)).length;
  return (
    <button type="button" class="offer turn-offer" onClick={() => void apply(`run:${branch.thread}`)}>
      <ForkSign />
      <span>
        {parts("sched_if", { who: <Thread id={branch.thread} />, n: many("outcomes", branch.outcomes.length) })}
        {only > 0 && <b> {t("sched_only_so", { n: only })}</b>}
        {rules.length > 0 && <small> {t("sched_can_break", { rules: ruleNames(rules) })}</small>}
      </span>
    </button>
  );
}
