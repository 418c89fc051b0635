// The page: panes around one store, and the keys.
import { effect } from "@preact/signals";
import { render } from "preact";
import { useRef } from "preact/hooks";
import { Caption } from "./panes/caption";
import { Entry } from "./panes/entry";
import { Gallery } from "./panes/gallery";
import { Header } from "./panes/header";
import { Legend } from "./panes/legend";
import { Lanes } from "./panes/lanes";
import { Predict, questioned } from "./panes/predict";
import { Results } from "./panes/results";
import { Schedules } from "./panes/schedules";
import { Source } from "./panes/source";
import { Story, tells } from "./panes/story";
import { Threads } from "./panes/threads";
import { Transport } from "./panes/transport";
import { Vmas } from "./panes/vmas";
import { Walk } from "./panes/walk";
import { WhatIf } from "./panes/whatif";
import { Why } from "./panes/why";
import { KeysApart, Sheet } from "./dialog";
import { Editing } from "./edit";
import { enter, present } from "./enter";
import { firstVisit } from "./first";
import { hideTerm, learnTerms } from "./glossary";
import { KEYS, onKey } from "./keys";
import { parts, t } from "./messages";
import { PlayerContext } from "./player";
import { asking, loaded, predicts } from "./predict";
import { seeksRivals } from "./rival";
import { followed, parts as roomParts } from "./rooms";
import { site } from "./site";
import { room, sharing } from "./share";
import { whatifs } from "./whatif";
import { Trouble } from "./trouble";
import { busy, card, mode, paned, stage, start, trouble } from "./store";

const CARDS = ["path", "entry", "code", "threads"] as const;

function Page() {
  const Bar = roomParts.value?.Bar;
  const help = useRef<HTMLDialogElement>(null);
  const scenarios = useRef<HTMLDialogElement>(null);
  return (
    <PlayerContext.Provider value={stage}>
      <Header help={() => help.current?.showModal()} browse={() => scenarios.current?.showModal()} present={present} />
      {Bar && <Bar />}
      <Editing />
      <main id="stage" class={`app card-${card.value} mode-${mode.value}${asking.value ? " asking" : ""}${tells.value ? " tells" : ""}${questioned.value ? " questioned" : ""}`} aria-busy={busy.value} data-ready={stage.trace.value ? "yes" : undefined} data-questions={loaded.value ? "yes" : undefined}>
        <Trouble what={trouble.value} dismiss={() => (trouble.value = null)} />
        <Caption brief={tells.value} />
        <div class="cards" role="group" aria-label={t("panes")}>
          {paned.value && <button type="button" aria-pressed={card.value === "mode"} onClick={() => (card.value = "mode")}>{t(`mode_${mode.value}`)}</button>}
          {CARDS.map((id) => <button key={id} type="button" aria-pressed={card.value === id} onClick={() => (card.value = id)}>{t(id === "entry" && tells.value ? "story" : `card_${id}`)}</button>)}
        </div>
        <div class="stage"><Vmas /><Walk /><Entry /><Predict /><WhatIf /><Schedules /><Story /><Source /><Threads /></div>
        <Lanes />
        <Transport />
      </main>
      {!stage.blind.value && <Results />}
      <Why />
      <Gallery dialog={scenarios} />
      <Sharing />
      <Sheet dialog={help} id="help" title={t("signs")}>
        <Legend />
        <KeysApart keys={KEYS} />
        <p class="small">{parts("about_steps", { link: <a href={site("/known-differences")}>{t("known_differences")}</a> })}</p>
      </Sheet>
    </PlayerContext.Provider>
  );
}

function Sharing() {
  const Dialog = room.value;
  return sharing.value && Dialog ? <Dialog close={() => (sharing.value = false)} /> : null;
}

addEventListener("keydown", onKey);
document.querySelector(".unscripted")?.remove(); // a short link's text, which Preact would take for a part of the page
render(<Page />, document.getElementById("root")!);
void start(followed !== undefined).then(learnTerms);
effect(() => { void stage.position.value; hideTerm(); });
predicts();
firstVisit();
whatifs();
seeksRivals();
enter();
