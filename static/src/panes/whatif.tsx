// What could happen otherwise at this step. What cannot says why not.
import { Forked } from "../forked";
import { Marked } from "../markup";
import { named, t } from "../messages";
import { mode, stage } from "../store";
import { apply, looking, offers } from "../whatif";
import type { Offer } from "../types";

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
