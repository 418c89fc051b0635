// The way from the stage to the comparison: this run beside the same under a kernel worth comparing with.
import { computed, effect, signal } from "@preact/signals";
import * as api from "./api";
import { t } from "./messages";
import { shortName } from "./revisions";
import { site } from "./site";
import { kernels, rested, stage } from "./store";
import type { Rival, Trace } from "./types";

type Expected = Record<string, { source?: string; broken?: string[] } & Record<string, unknown>>;

// What the server found for a run without expectations, by its link.
const found = signal<Record<string, Rival>>({});

// The nearest kernel that comes to another end, earlier ones first: as the scenario expects, or as the server has found.
export function rivalOf(run: Trace): Rival | null {
  const ids = kernels.value.map((k) => k.id);
  const here = ids.indexOf(run.kernel.id);
  const expected = (run.scenario.expect ?? {}) as Expected;
  const mine = expected[run.kernel.id];
  const other = ids
    .filter((id) => mine && expected[id] && ends(expected[id]) !== ends(mine))
    .sort((a, b) => Math.abs(ids.indexOf(a) - here) - Math.abs(ids.indexOf(b) - here))[0];
  if (other) return { kernel: other, mends: ids.indexOf(other) > here && breaks(run, mine) && !breaks(run, expected[other]) };
  const parent = run.kernel.parent ?? ids[here + 1];
  return found.value[run.link] ?? (parent ? { kernel: parent, mends: false } : null);
}

const ends = (expected: Expected[string]): string => JSON.stringify({ ...expected, source: "" });

const breaks = (run: Trace, expected: Expected[string] | undefined): boolean =>
  expected?.broken?.some((id) => run.outcome.invariants.some((rule) => rule.id === id && !rule.news)) ?? false;

// A link carries no expectations, nor does a fork: there the other kernels' runs tell, once the page is idle.
export function seeksRivals(): void {
  let timer = 0;
  effect(() => {
    const run = stage.trace.value;
    clearTimeout(timer);
    if (!run || (run.scenario.expect as Expected | undefined)?.[run.kernel.id] || found.peek()[run.link]) return;
    timer = window.setTimeout(() => void seek(run), 600);
  });
}

async function seek(run: Trace): Promise<void> {
  const rival = await api.rival({ scenario: run.scenario, kernel: run.kernel.id }).catch(() => null);
  if (rival) found.value = { ...found.value, [run.link]: rival };
}

const hrefOf = (run: Trace, rival: Rival, at: number | "first"): string => site(`/compare#${run.link}~${run.link},k=${rival.kernel}&at=${at}`);

const rival = computed(() => stage.trace.value && rivalOf(stage.trace.value));
const exact = (): void => void (rested.value = stage.position.value);

// A run's link may be long: written to where one stands when one rests there or reaches for it.
export function CompareLink({ where }: { where: "mode" | "rev" }) {
  const run = stage.trace.value;
  const other = rival.value;
  if (!run || !other) return null;
  const ways = { href: hrefOf(run, other, rested.value), onPointerDown: exact, onKeyDown: exact, onClick: exact };
  if (where === "mode") return <a class="mode" {...ways}>{t("compare")}</a>;
  const words = t("compare_with", { kernel: shortName(other.kernel) });
  return <a class="rev rival" {...ways} aria-label={words} title={words}>{words}</a>;
}

// Where a run breaks a rule that another kernel keeps.
export function Repair({ run }: { run: Trace }) {
  const rival = run === stage.trace.value ? rivalOf(run) : null;
  if (!rival?.mends) return null;
  return <a class="linkish" href={hrefOf(run, rival, "first")}>{t("see_repair", { kernel: shortName(rival.kernel) })}</a>;
}
