// The page: panes around one store, and the keys.
import { render } from "preact";
import { useRef } from "preact/hooks";
import { Caption } from "./panes/caption";
import { Entry } from "./panes/entry";
import { Gallery } from "./panes/gallery";
import { Header } from "./panes/header";
import { Lanes } from "./panes/lanes";
import { Results } from "./panes/results";
import { Source } from "./panes/source";
import { Transport } from "./panes/transport";
import { Vmas } from "./panes/vmas";
import { Walk } from "./panes/walk";
import { KEYS, onKey } from "./keys";
import { busy, card, start, trace, trouble } from "./store";

const CARDS = [["path", "Path"], ["entry", "Entry"], ["code", "Code"], ["threads", "Threads"]] as const;

function Page() {
  const help = useRef<HTMLDialogElement>(null);
  const scenarios = useRef<HTMLDialogElement>(null);
  return (
    <>
      <Header help={() => help.current?.showModal()} browse={() => scenarios.current?.showModal()} />
      <main id="stage" class={`app card-${card.value}`} aria-busy={busy.value} data-ready={trace.value ? "yes" : undefined}>
        <Trouble />
        <Caption />
        <div class="cards" role="group" aria-label="Panes">
          {CARDS.map(([id, name]) => <button key={id} type="button" aria-pressed={card.value === id} onClick={() => (card.value = id)}>{name}</button>)}
        </div>
        <div class="stage"><Vmas /><Walk /><Entry /><Source /></div>
        <Lanes />
        <Transport />
      </main>
      <Results />
      <Gallery dialog={scenarios} />
      <dialog ref={help} class="sheet" aria-labelledby="help-title" onClick={(e) => e.target === help.current && help.current?.close()}>
        <div class="sheet-head"><h2 id="help-title">Keys</h2><button type="button" class="icon" aria-label="Close" onClick={() => help.current?.close()}>✕</button></div>
        <dl class="keys">{KEYS.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
        <p class="small">Each step is one thing that another CPU could observe. The code shown is the code that runs, in Python that mirrors the kernel's functions name for name. <a href="/known-differences">Known differences</a> from real kernels are written down.</p>
      </dialog>
    </>
  );
}

function Trouble() {
  const what = trouble.value;
  if (!what) return null;
  return (
    <div class="trouble" role="alert">
      <b>{what.title}</b>
      {what.errors.slice(0, 3).map((e, i) => <p key={i}><code>{e.where}</code>: {e.what}{e.instead ? `; ${e.instead}` : ""}</p>)}
      <button type="button" class="icon" aria-label="Dismiss" onClick={() => (trouble.value = null)}>✕</button>
    </div>
  );
}

addEventListener("keydown", onKey);
render(<Page />, document.getElementById("root")!);
void start();
