// A run in one file: the stage over the trace that came with the document. Nothing is asked of any server.
import { effect } from "@preact/signals";
import { render } from "preact";
import { useRef } from "preact/hooks";
import type { RefObject } from "preact";
import { KeysApart, Sheet } from "./dialog";
import { KEYS, onKey } from "./keys";
import type { Key } from "./messages";
import { Logo } from "./logo";
import { Looks } from "./looks";
import { t } from "./messages";
import { Caption } from "./panes/caption";
import { Entry } from "./panes/entry";
import { Lanes } from "./panes/lanes";
import { Legend } from "./panes/legend";
import { Results } from "./panes/results";
import { Source } from "./panes/source";
import { Story, tells } from "./panes/story";
import { Threads } from "./panes/threads";
import { Transport } from "./panes/transport";
import { Vmas } from "./panes/vmas";
import { Walk } from "./panes/walk";
import { Why } from "./panes/why";
import { PlayerContext } from "./player";
import { dayOf, shortName } from "./revisions";
import { card, stage } from "./store";
import { langOf, titleOf } from "./told";
import type { Trace } from "./types";

const CARDS = ["path", "entry", "code", "threads"] as const;
const ELSEWHERE: Key[] = ["key_turning", "key_revision", "key_answer", "key_skip", "key_share", "key_present"];

const came = document.getElementById("trace")!;
const run = JSON.parse(came.textContent!) as Trace;

function Page() {
  const help = useRef<HTMLDialogElement>(null);
  return (
    <PlayerContext.Provider value={stage}>
      <header class="top">
        <span class="brand"><Logo />faultwalk</span>
        <span class="picker"><b lang={langOf(titleOf(run))}>{titleOf(run).text}</b></span>
        <span class="grow" />
        <Whole looks="share" />
        <button type="button" class="icon" id="help" aria-label={t("help")} onClick={() => help.current?.showModal()}>?</button>
      </header>
      <main id="stage" class={`app card-${card.value} mode-play${tells.value ? " tells" : ""}`} data-ready="yes">
        <Caption brief={tells.value} />
        <div class="cards" role="group" aria-label={t("panes")}>
          {CARDS.map((id) => <button key={id} type="button" aria-pressed={card.value === id} onClick={() => (card.value = id)}>{t(id === "entry" && tells.value ? "story" : `card_${id}`)}</button>)}
        </div>
        <div class="stage"><Vmas /><Walk /><Entry /><Story /><Source /><Threads /></div>
        <Lanes />
        <Transport days={<Kernel />} />
      </main>
      <Results />
      <Why />
      <Help dialog={help} />
    </PlayerContext.Provider>
  );
}

function Kernel() {
  const { id, date, title } = run.kernel;
  return (
    <>
      <p class="days-label"><b>{t("kernel_version")}</b><span class="days-more"> {t("one_file_lacks")} <Whole looks="linkish" /></span></p>
      <p class="revisions"><span class="rev on" title={title}>{shortName(id)}<small>{dayOf(date)}</small></span></p>
    </>
  );
}

// The same run at the same step where it can be forked and searched, if whoever made the file said where that is.
function Whole({ looks }: { looks: string }) {
  const { url } = came.dataset;
  return url ? <a class={looks} target="_blank" rel="noopener" href={atStep(url, stage.position.value)}>{t("one_file_whole")}</a> : null;
}

// A short link has its step in the query, a self-contained one behind what it holds.
function atStep(url: string, step: number): string {
  const to = new URL(url);
  if (to.hash) to.hash = `${to.hash.replace(/&t=\d+/, "")}&t=${step}`;
  else to.searchParams.set("t", String(step));
  return to.href;
}

function Help({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <Sheet dialog={dialog} id="help" title={t("signs")}>
      <Legend />
      <KeysApart keys={KEYS.filter(([, does]) => !ELSEWHERE.includes(does))} />
      <div class="more"><Looks /></div>
    </Sheet>
  );
}

// The file's address says the step: x.html#t=14.
const wanted = (): number => Number(new URLSearchParams(location.hash.slice(1)).get("t") ?? NaN);

function remember(step: number): void {
  try {
    if (wanted() !== step) history.replaceState(null, "", `#t=${step}`);
  } catch {
    // a frame without an address of its own: nobody reads it there
  }
}

stage.show(run, Number.isInteger(wanted()) ? wanted() : Number(came.dataset.at));
addEventListener("hashchange", () => Number.isInteger(wanted()) && stage.seek(wanted()));
addEventListener("keydown", onKey);
render(<Page />, document.getElementById("root")!);
stage.run();

let resting = 0;
effect(() => {
  const at = stage.position.value;
  clearTimeout(resting);
  resting = window.setTimeout(() => remember(at), 200);
});
