// The answer in words, and exactly what it covers; until there is one, how far the search is.
import { parts, t } from "../messages";
import type { Key } from "../messages";
import { site } from "../site";
import { stage } from "../store";
import type { Found } from "./found";
import { begin, replay, search } from "./session";
import { digits, listed, many } from "./words";

export function Answer() {
  const going = search.going.value;
  const found = search.found.value;
  // what is looked up again for another schedule does not flicker
  if (going && !(found && going.seconds < 0.5)) return <Progress />;
  if (!found) return search.cancelled.value ? <p class="answer-more" role="status">{t("sched_cancelled")}</p> : null;
  const { sign, key, kind } = verdictOf(found);
  const broken = found.violations.filter((v) => !v.promise).length;
  return (
    <div class={`answer ${kind}`}>
      <div role="status">
        <h3><span aria-hidden="true" class="answer-sign">{sign}</span> {t(found.schedules === "1" && kind === "bad" ? "sched_breaks_always" : key, { rules: many("rules", broken) })}</h3>
      </div>
      <Shortest found={found} />
      <p class="answer-more">{lookedAt(found)}{found.munmaps && ` ${t("sched_munmap")}`}</p>
      {found.limit === "cancelled" && <button type="button" class="offer" onClick={begin}>{t("sched_try")}</button>}
      {(found.limit === "max_states" || found.limit === "seconds") && <Further />}
      <Covers found={found} />
    </div>
  );
}

// What a reader wants to see first: the kernel's own rules broken, as soon as can be.
function Shortest({ found }: { found: Found }) {
  const [way] = found.violations.filter((v) => !v.promise && v.link).sort((a, b) => a.steps - b.steps);
  if (!way) return null;
  return <button type="button" class="go" onClick={() => replay(way.link!, way.steps)}>{t(way.shortest ? "sched_see" : "sched_see_found")}</button>;
}

// What is too large for a server that others share is for a machine of one's own.
function Further() {
  const run = stage.trace.value!;
  return (
    <details class="covers">
      <summary>{t("sched_further")}</summary>
      <p>{t("sched_further_how")}</p>
      <pre tabIndex={0} class="command"><code>{`./faultwalk explore '${run.link}' --kernel ${run.kernel.id} --max-states 10000000`}</code></pre>
    </details>
  );
}

function verdictOf({ complete, violations }: Found): { sign: string; key: Key; kind: string } {
  if (violations.some((v) => !v.promise)) return { sign: "⬣", key: "sched_breaks", kind: "bad" };
  if (!complete) return { sign: "?", key: "sched_proves_nothing", kind: "open" };
  if (violations.length) return { sign: "○", key: "sched_promise_only", kind: "well" };
  return { sign: "✓", key: "sched_holds", kind: "well" };
}

function lookedAt(found: Found): string {
  const outcomes = many("outcomes", found.outcomes_in_all);
  const states = many("states", found.states);
  if (!found.complete) {
    const why = found.limit === "seconds" ? t("sched_out_of_time", { states }) : found.limit === "cancelled" ? t("sched_stopped_by_you", { states }) : t("sched_out_of_states", { states });
    return t("sched_not_all", { why, outcomes });
  }
  if (found.schedules === "1") return t("sched_only_one", { states });
  return found.schedules ? t("sched_all", { schedules: many("schedules", found.schedules), states, outcomes }) : t("sched_all_reduced", { states, outcomes });
}

function Covers({ found }: { found: Found }) {
  const run = stage.trace.value!;
  const how = found.method === "exact" ? t("sched_exact") : t("sched_reduced");
  return (
    <details class="covers">
      <summary>{t("sched_covers")}</summary>
      <p>{how}</p>
      {found.twins.map((twins) => <p key={twins.join()}>{t("sched_twins", { who: listed(twins) })}</p>)}
      <p>{t("sched_scope", { kernel: run.kernel.id, arch: run.arch.id })} {t("sched_unfair")}</p>
      <p>{parts("sched_model", { link: <a href={site("/known-differences")}>{t("known_differences")}</a> })}</p>
    </details>
  );
}

function Progress() {
  const { states, rate, seconds, max_states, max_seconds, queued } = search.going.value!;
  const used = Math.min(1, Math.max(states / max_states, seconds / max_seconds));
  const left = Math.max(0, Math.round(max_seconds - seconds));
  return (
    <div class="going">
      <div class="going-words">
        <p>{queued ? t("sched_queued") : t("sched_going", { states: many("states", states), rate: digits(rate) })}</p>
        <button type="button" class="offer" onClick={() => search.cancel()}>{t("sched_cancel")}</button>
      </div>
      <progress max={1} value={queued ? 0 : used} aria-label={t("sched_budget")} />
      {!queued && <p class="small">{t("sched_left", { states: digits(Math.max(0, max_states - states)), seconds: left })}</p>}
    </div>
  );
}
