// The way from the stage to the comparison: this run beside the same under a kernel worth comparing with.
import { computed } from "@preact/signals";
import { t } from "./messages";
import { shortName } from "./revisions";
import { kernels, rested, stage } from "./store";
import type { Trace } from "./types";

type Expected = Record<string, { source?: string } & Record<string, unknown>>;

// The nearest kernel of which the scenario expects another end, earlier ones first; else the parent.
export function rivalOf(run: Trace): string | null {
  const ids = kernels.value.map((k) => k.id);
  const here = ids.indexOf(run.kernel.id);
  const expected = (run.scenario.expect ?? {}) as Expected;
  const mine = ends(expected[run.kernel.id]);
  const other = ids
    .filter((id) => mine && expected[id] && ends(expected[id]) !== mine)
    .sort((a, b) => Math.abs(ids.indexOf(a) - here) - Math.abs(ids.indexOf(b) - here))[0];
  return other ?? run.kernel.parent ?? ids[here + 1] ?? null;
}

const ends = (expected: Expected[string] | undefined): string => (expected ? JSON.stringify({ ...expected, source: "" }) : "");

const rival = computed(() => stage.trace.value && rivalOf(stage.trace.value));
const exact = (): void => void (rested.value = stage.position.value);

// A run's link may be long: written to where one stands when one rests there or reaches for it.
export function CompareLink({ where }: { where: "mode" | "rev" }) {
  const run = stage.trace.value;
  const other = rival.value;
  if (!run || !other) return null;
  const ways = { href: `/compare#${run.link}~${run.link},k=${other}&at=${rested.value}`, onPointerDown: exact, onKeyDown: exact, onClick: exact };
  if (where === "mode") return <a class="mode" {...ways}>{t("compare")}</a>;
  return <a class="rev rival" {...ways} aria-label={t("compare_with", { kernel: other })} title={t("compare_with", { kernel: other })}><span aria-hidden="true">⇄</span> {shortName(other)}</a>;
}
