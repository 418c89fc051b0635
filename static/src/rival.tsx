// The way from the stage to the comparison: this run beside the same under a kernel worth comparing with.
import { t } from "./messages";
import { shortName } from "./revisions";
import { kernels, stage } from "./store";
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

export function CompareLink({ where }: { where: "mode" | "rev" }) {
  const run = stage.trace.value;
  const rival = run && rivalOf(run);
  if (!run || !rival) return null;
  const href = `/compare#${run.link}~${run.link},k=${rival}&at=${stage.position.value}`;
  const name = shortName(rival);
  if (where === "mode") return <a class="mode" href={href}>{t("compare")}</a>;
  return <a class="rev rival" href={href} aria-label={t("compare_with", { kernel: rival })} title={t("compare_with", { kernel: rival })}>{t("compare_with", { kernel: name })}</a>;
}
