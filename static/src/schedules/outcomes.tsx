// All outcomes, grouped by what differs; each is replayed by a click, two can be laid side by side.
import { useSignal } from "@preact/signals";
import { Marked, Thread } from "../markup";
import { t } from "../messages";
import { site } from "../site";
import { stage } from "../store";
import type { Trace } from "../types";
import type { Found, Outcome } from "./found";
import { mine, replay } from "./session";
import { treeOf } from "./tree";
import type { Branching, Part } from "./tree";
import { digits, many } from "./words";

const FOLD = 12;

type Chosen = { links: string[]; toggle: (link: string) => void };
type Shared = { found: Found; chosen: Chosen };

export function Outcomes({ found, run }: { found: Found; run: Trace }) {
  const links = useSignal<string[]>([]);
  const toggle = (link: string) => (links.value = links.value.includes(link) ? links.value.filter((l) => l !== link) : [...links.value, link].slice(-2));
  const chosen = { links: links.value.filter((link) => found.outcomes.some((outcome) => outcome.link === link)), toggle };
  const listed = found.outcomes.length;
  return (
    <section aria-label={t("sched_outcomes")} class="outcomes">
      <h3>{t("sched_outcomes")}</h3>
      <p class="small">{t(found.schedules ? "sched_weights" : "sched_no_weights")}{listed < found.outcomes_in_all ? ` ${t("sched_first", { n: digits(listed) })}` : ""}</p>
      {treeOf(found, run).map((node) => <Group key={node.key} node={node} shared={{ found, chosen }} />)}
      <Pair links={chosen.links} />
    </section>
  );
}

function Group({ node, shared }: { node: Branching; shared: Shared }) {
  if (node.leaf !== null) return <div class="told-group alone"><Leaf n={node.leaf} parts={node.parts} shared={shared} /></div>;
  const here = mine.value;
  const fold = shared.found.outcomes.length > FOLD && !(here !== null && holds(node, here));
  return (
    <details class="told-group" open={!fold}>
      <summary><Parts parts={node.parts} /><small>{many("outcomes", node.size)}</small></summary>
      <List nodes={node.below} shared={shared} />
    </details>
  );
}

const holds = (node: Branching, leaf: number): boolean => node.leaf === leaf || node.below.some((below) => holds(below, leaf));

function List({ nodes, shared }: { nodes: Branching[]; shared: Shared }) {
  return (
    <ul>
      {nodes.map((node) => (
        <li key={node.key}>
          {node.leaf === null ? <><p class="saw-group"><Parts parts={node.parts} /></p><List nodes={node.below} shared={shared} /></> : <Leaf n={node.leaf} parts={node.parts} shared={shared} />}
        </li>
      ))}
    </ul>
  );
}

function Parts({ parts }: { parts: Part[] }) {
  return <span class="parts">{parts.map((part, i) => <span key={i} class={part.sign === "⬣" ? "part-said bad" : "part-said"}>{part.sign && <span aria-hidden="true">{part.sign} </span>}{part.thread && <><Thread id={part.thread} /> </>}{part.text}</span>)}</span>;
}

function Leaf({ n, parts, shared: { found, chosen } }: { n: number; parts: Part[]; shared: Shared }) {
  const outcome = found.outcomes[n]!;
  const own = mine.value === n;
  const { link } = outcome;
  return (
    <div class={own ? "outcome own" : "outcome"}>
      {link && <label class="pick"><input type="checkbox" checked={chosen.links.includes(link)} onChange={() => chosen.toggle(link)} /><span class="visually-hidden">{t("sched_pick", { n: n + 1 })}</span></label>}
      <button type="button" class="outcome-go" disabled={!link} aria-current={own ? "true" : undefined} onClick={() => link && replay(link, outcome.steps)}>
        {parts.length ? <Parts parts={parts} /> : <span class="parts">{t("sched_same")}</span>}
        {own && <span class="own-mark">{t("sched_own")}</span>}
        <Weight outcome={outcome} found={found} />
        {outcome.because.length > 0 && <small class="decided">{t("sched_decided")}{outcome.because.map((text) => <span key={text}><Marked text={text} plain /></span>)}</small>}
      </button>
    </div>
  );
}

// How many schedules lead there; where they are not counted, how many end states, said as what it is.
function Weight({ outcome, found }: { outcome: Outcome; found: Found }) {
  if (!outcome.schedules || !found.schedules) return outcome.end_states ? <small class="weight">{many("states", outcome.end_states)}</small> : null;
  const share = Number((BigInt(outcome.schedules) * 10000n) / BigInt(found.schedules)) / 10000;
  return (
    <small class="weight">
      <span>{many("schedules", outcome.schedules)}</span>
      <svg width="56" height="7" viewBox="0 0 56 7" aria-hidden="true"><rect width="56" height="7" rx="2" class="bar-all" /><rect width={Math.max(1.5, 56 * share)} height="7" rx="2" class="bar-own" /></svg>
    </small>
  );
}

// One is compared with the run on the stage, two with each other.
function Pair({ links }: { links: string[] }) {
  const run = stage.trace.value;
  const [one, two] = links;
  if (!one || !run) return null;
  return (
    <p class="pair">
      <a class="offer" href={site(`/compare#${two ? one : run.link}~${two ?? one}`)}>{t(two ? "sched_compare_two" : "sched_compare_one")}</a>
      {!two && <span class="small">{t("sched_or_second")}</span>}
    </p>
  );
}
