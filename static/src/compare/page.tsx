// The comparison's page: the words, two runs side by side, their lanes on one scrubber.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Keys, Sheet } from "../dialog";
import { plainText } from "../markup";
import { t } from "../messages";
import { Logo } from "../logo";
import { More, Share } from "../panes/header";
import { Why } from "../panes/why";
import { PlayerContext } from "../player";
import { site } from "../site";
import { gallery, MODES, trouble } from "../store";
import { langOf, titleOf } from "../told";
import { Trouble } from "../trouble";
import { KEYS } from "./keys";
import { PairLanes } from "./lanes";
import { busy, common, pick, swap } from "./open";
import { pair, SIDES } from "./pair";
import type { Which } from "./pair";
import { Endings, Parting } from "./parting";
import { stageHref } from "./refs";
import { Run } from "./side";

// Where there is no room for everything: which side's panes are shown, and which of them.
const shown = signal<Which>(0);
const card = signal<"entry" | "code">("entry");
// On a phone a side's revisions open under its name.
const revising = signal(false);

export function Page() {
  const help = useRef<HTMLDialogElement>(null);
  return (
    <>
      <Header help={() => help.current?.showModal()} />
      <main id="compare" class={`compare shows-${SIDES[shown.value]} card-${card.value} ${revising.value ? "revising" : ""}`} aria-busy={busy.value} data-ready={pair.ready.value ? "yes" : undefined}>
        <Trouble what={trouble.value} dismiss={() => (trouble.value = null)} />
        <Parting />
        <Tabs />
        <div class="sides"><Run which={0} /><Run which={1} /></div>
        <PairLanes />
        <Transport />
        <Spoken />
      </main>
      <Endings />
      <Asked />
      <Sheet dialog={help} id="help" title={t("keys")}>
        <Keys keys={KEYS} />
        <p class="small">{t("about_compare")}</p>
      </Sheet>
    </>
  );
}

function Header({ help }: { help: () => void }) {
  const id = common();
  const titles = pair.sides.map((side) => titleOf(side.trace.value).text || t("own_run"));
  return (
    <header class="top">
      <a class="brand" href={site("/")}><Logo />faultwalk</a>
      <label class="which"><span class="visually-hidden">{t("scenario")}</span>
        <select value={id ?? ""} onChange={(e) => e.currentTarget.value && pick(e.currentTarget.value)}>
          {!id && <option value="">{titles[0] === titles[1] ? titles[0] : titles.join(" | ")}</option>}
          {gallery.value.map((item) => <option key={item.id} value={item.id} lang={langOf(item)}>{item.title}</option>)}
        </select>
      </label>
      <span class="grow" />
      <nav class="modes" aria-label={t("places")}>
        {MODES.map((mode) => <a key={mode} class="mode" href={toMode(mode)}>{t(`mode_${mode}`)}</a>)}
        <a class="mode on" href={site("/compare")} aria-current="page">{t("compare")}</a>
      </nav>
      <span class="edit-slot" aria-hidden="true">{t("edit")}</span>
      <Share />
      <More help={help} />
      <button class="icon" type="button" id="help" aria-label={t("help")} onClick={help}>?</button>
    </header>
  );
}

// What is shown already opens its revisions.
function show(which: Which): void {
  revising.value = shown.value === which && !revising.value;
  shown.value = which;
}

// The left run on the stage, where it stands.
function toMode(mode: string): string {
  const ref = pair.refs.value?.[0];
  const { trace, position } = pair.sides[0];
  const place = ref && trace.value ? stageHref(ref, trace.value, position.value) : site("/#");
  return mode === "play" ? place : `${place}&m=${mode}`;
}

// Only where the panes do not fit beside each other.
function Tabs() {
  return (
    <div class="pick-panes">
      <div class="cards pick-side" role="group" aria-label={t("which_side")}>
        {([0, 1] as const).map((which) => <button key={which} type="button" aria-pressed={shown.value === which} onClick={() => show(which)}>{pair.nameOf(which)}<span class="caret" aria-hidden="true"> ▾</span></button>)}
      </div>
      <div class="cards" role="group" aria-label={t("panes")}>
        {(["entry", "code"] as const).map((id) => <button key={id} type="button" aria-pressed={card.value === id} onClick={() => (card.value = id)}>{t(`card_${id}`)}</button>)}
      </div>
    </div>
  );
}

function Transport() {
  const atEnd = pair.row.value >= pair.last.value;
  return (
    <footer class="transport">
      <div class="moves" role="toolbar" aria-label={t("steps")}>
        <button type="button" class="icon wide" aria-label={t("first_step")} aria-disabled={pair.row.value === 0} onClick={() => pair.seek(0)}><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 2h2v12H2zM14 2v12L5 8z" /></svg></button>
        <button type="button" class="icon" aria-label={t("step_back")} aria-disabled={pair.row.value === 0} onClick={pair.back}><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M12 2v12L3 8z" /></svg></button>
        <button type="button" class="go" aria-label={t("step")} aria-disabled={atEnd} onClick={pair.forward}>{t("step")} <svg width="11" height="12" viewBox="0 0 11 12" aria-hidden="true"><path d="M1 0v12l10-6z" /></svg></button>
        <button type="button" class="quiet" aria-pressed={pair.playing.value} onClick={pair.togglePlay}>{pair.playing.value ? t("pause") : t("play")}</button>
        {pair.first.value && <button type="button" class="icon to-first-small" aria-label={t("first_difference")} onClick={pair.toFirst}><span aria-hidden="true">≠</span></button>}
      </div>
      <div class="more-moves">
        <button type="button" class="quiet" onClick={swap}>{t("swap_sides")}</button>
        <button type="button" class="quiet ending" onClick={() => document.querySelector(".results")?.scrollIntoView()}>{t("how_they_end")} {pair.sides.map((side) => <Rules key={side.which} which={side.which} />)} <span aria-hidden="true">↓</span></button>
      </div>
    </footer>
  );
}

function Rules({ which }: { which: Which }) {
  const n = pair.sides[which].trace.value?.outcome.invariants.filter((rule) => !rule.holds && !rule.news).length ?? 0;
  return <span class={n > 0 ? "kept broken" : "kept"}><b>{pair.nameOf(which)}</b> {n > 0 ? t("rules_broken", { n }) : t("rules_kept")}</span>;
}

// One voice for both sides.
function Spoken() {
  const { row, first, moved } = pair;
  const said = pair.sides.map((side) => {
    if (!side.step.value) return "";
    const name = pair.nameOf(side.which);
    return moved.value[side.which] ? `${name}: ${plainText(side.step.value.what)}` : t("stands_still", { side: name });
  });
  const here = first.value?.row === row.value ? t("parts_here") : "";
  return <p class="visually-hidden" role="status" aria-live="polite">{[here, ...said].filter(Boolean).join(" ")}</p>;
}

// "Why?" belongs to the side on which it was asked.
const asker = signal<Which>(0);
function Asked() {
  const asking = pair.sides.find((side) => side.asked.value !== null);
  useEffect(() => { if (asking) asker.value = asking.which; }, [asking]);
  return <PlayerContext.Provider value={pair.sides[asking?.which ?? asker.value]}><Why /></PlayerContext.Provider>;
}
