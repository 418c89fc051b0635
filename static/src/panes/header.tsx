// Brand, which scenario, share, help.
import { useSignal } from "@preact/signals";
import { here } from "../address";
import { trace } from "../store";

export function Header({ help, browse }: { help: () => void; browse: () => void }) {
  const run = trace.value;
  return (
    <header class="top">
      <span class="brand"><Logo />faultwalk</span>
      <button class="picker" type="button" aria-haspopup="dialog" onClick={browse}>
        <b>{run?.scenario.title ?? "Loading"}</b>
        <span class="caret" aria-hidden="true">▾</span>
      </button>
      <span class="grow" />
      <Share />
      <button class="icon" type="button" aria-label="Keys and help" onClick={help}>?</button>
    </header>
  );
}

export function Share() {
  const said = useSignal("");
  const copy = async () => {
    const link = here();
    try {
      await navigator.clipboard.writeText(link);
      said.value = "Link copied";
    } catch {
      said.value = "Copy the address bar";
    }
    setTimeout(() => (said.value = ""), 2500);
  };
  return (
    <>
      <span class="said" role="status">{said.value}</span>
      <button id="share" class="share" type="button" onClick={() => void copy()}>Share</button>
    </>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 22 22" width="22" height="22" aria-hidden="true">
      <rect x="1" y="3" width="5" height="16" rx="2" class="fill-t0" />
      <rect x="8.5" y="3" width="5" height="16" rx="2" class="logo-gap" />
      <rect x="16" y="3" width="5" height="16" rx="2" class="fill-t1" />
    </svg>
  );
}
