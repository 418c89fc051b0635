// Where the run on the stage was forked from, if it was, what that comes to, and the ways back.
import { Marked } from "./markup";
import { t } from "./messages";
import { site } from "./site";
import { stage } from "./store";
import type { Trace } from "./types";
import { fork, undo } from "./whatif";
import type { Fork } from "./whatif";

export function Forked() {
  const here = fork.value;
  if (!here) return null;
  return (
    <p class="forked" role="status" tabIndex={-1}>
      <span><ForkSign /> <Marked text={here.said} /> <Marked text={cameOf(here)} /></span>
      {endOf(here) && <span><Marked text={t("whatif_ends", { end: endOf(here) })} plain /></span>}
      <button type="button" class="linkish" onClick={undo}>{backOf(here)}</button>
      <a class="linkish" href={site(`/compare#${here.origin.link}~${here.link}&at=${here.parts}`)}>{t("whatif_compare")}</a>
    </p>
  );
}

const backOf = (here: Fork): string => t(here.replay ? "order_back" : "whatif_undo", { n: here.at });

export const ForkSign = () => <svg width="13" height="14" viewBox="0 0 13 14" aria-hidden="true" class="fork-sign"><path d="M6.5 13V8M6.5 8 2 4V1M6.5 8 11 4V1" /></svg>;

// Beside the title, in every mode: that this is not the run one came with, and the way back to it.
export function Detour() {
  const here = fork.value;
  if (!here) return null;
  return <span class="detour"><ForkSign /> {t(here.order ? "order_short" : "whatif_short")} <button type="button" class="linkish" aria-label={backOf(here)} title={backOf(here)} onClick={undo}>{t("go_back")}</button></span>;
}

// What the change comes to: whether rules of the kernel break now, and whether they did before.
function cameOf({ origin }: Fork): string {
  const run = stage.trace.value;
  const now = run && brokenAt(run);
  const before = brokenAt(origin);
  if (now) return t(before ? "whatif_still" : "whatif_breaks", { step: `#${now}` });
  return t(before ? "whatif_mended" : "whatif_kept");
}

// How it ends, where it ended otherwise before.
function endOf({ origin }: Fork): string {
  const end = stage.trace.value?.outcome.text ?? "";
  return end === origin.outcome.text ? "" : end;
}

function brokenAt(run: Trace): number | null {
  const broken = run.outcome.invariants.filter((rule) => !rule.holds && !rule.news);
  return broken.length ? Math.min(...broken.map((rule) => rule.step ?? run.steps.length)) : null;
}
