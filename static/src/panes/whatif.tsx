// What could happen otherwise at this step. What cannot says why not.
import { Marked } from "../markup";
import { named, t } from "../messages";
import { mode, stage } from "../store";
import { apply, fork, looking, offers, undo } from "../whatif";
import type { Fork } from "../whatif";
import type { Offer, Trace } from "../types";

export function WhatIf() {
  if (mode.value !== "whatif") return null;
  const kinds = [...new Set(offers.value.map((offer) => offer.kind))];
  return (
    <section class="pane p-whatif" aria-label={t("mode_whatif")} aria-busy={looking.value}>
      <h2><span>{t("whatif_at", { n: stage.position.value })}</span></h2>
      <Forked />
      {kinds.map((kind) => (
        <fieldset key={kind} class="offers">
          <legend>{named("whatif", kind)}</legend>
          <Kind all={offers.value.filter((offer) => offer.kind === kind)} />
        </fieldset>
      ))}
    </section>
  );
}

// What the change comes to: whether rules of the kernel break now, and whether they did before.
function cameOf({ origin }: Fork): string {
  const run = stage.trace.value;
  const now = run && brokenAt(run);
  const before = brokenAt(origin);
  if (now) return t(before ? "whatif_still" : "whatif_breaks", { step: `#${now}` });
  return t(before ? "whatif_mended" : "whatif_kept");
}

function brokenAt(run: Trace): number | null {
  const broken = run.outcome.invariants.filter((rule) => !rule.holds && !rule.news);
  return broken.length ? Math.min(...broken.map((rule) => rule.step ?? run.steps.length)) : null;
}

function Forked() {
  const here = fork.value;
  if (!here) return null;
  return (
    <p class="forked" role="status" tabIndex={-1}>
      <svg width="13" height="14" viewBox="0 0 13 14" aria-hidden="true" class="fork-sign"><path d="M6.5 13V8M6.5 8 2 4V1M6.5 8 11 4V1" /></svg> <Marked text={here.said} /> <Marked text={cameOf(here)} /> <button type="button" class="linkish" onClick={undo}>{t("whatif_undo", { n: here.at })}</button>
      {" "}<a class="linkish" href={`/compare#${here.origin.link}~${here.link}&at=${here.at}`}>{t("whatif_compare")}</a>
    </p>
  );
}

// Alternatives share a lead: it is read once.
function Kind({ all }: { all: Offer[] }) {
  const lead = all[0]!.lead;
  return <>{lead && <span class="lead"><Marked text={lead} plain /></span>}{all.map((offer) => <Choice key={offer.id} offer={offer} alone={all.length === 1} />)}</>;
}

// The only one of its kind is what the heading says.
function Choice({ offer, alone }: { offer: Offer; alone: boolean }) {
  if (offer.possible) return <button type="button" class="offer" onClick={() => void apply(offer.id)}>{offer.lead && <span class="visually-hidden"><Marked text={offer.lead} plain /> </span>}<Marked text={offer.label} plain /></button>;
  return <p class="offer not"><span class={alone ? "visually-hidden" : ""}><Marked text={offer.label} plain /></span> <small><Marked text={offer.why_not} plain /></small></p>;
}
