// Brand, which scenario, share, help.
import type { Mode } from "../store";
import { useSignal } from "@preact/signals";
import { here } from "../address";
import { edit, editing } from "../edit";
import { Detour } from "../forked";
import { Logo } from "../logo";
import { Looks } from "../looks";
import { t } from "../messages";
import { site } from "../site";
import { choose, mode, MODES, stage } from "../store";
import { CompareLink } from "../rival";
import { followed, parts } from "../rooms";
import { fetching, share } from "../share";
import { langOf, titleOf } from "../told";

type Ways = { help: () => void; browse: () => void; present: () => void };

export function Header({ help, browse, present }: Ways) {
  const run = stage.trace.value;
  const Badge = parts.value?.Badge;
  return (
    <header class="top">
      <span class="brand"><Logo />faultwalk</span>
      <button class="picker" type="button" aria-haspopup="dialog" onClick={browse}>
        <b lang={langOf(titleOf(run))}>{titleOf(run).text || t("loading")}</b>
        <span class="caret" aria-hidden="true">▾</span>
      </button>
      <Detour />
      <span class="grow" />
      {Badge && <Badge />}
      <Modes />
      <button type="button" class="icon" id="edit" aria-expanded={editing.value} onClick={() => edit(!editing.value)}>{t("edit")}</button>
      <button id="share" class="share" type="button" aria-haspopup="dialog" aria-busy={fetching.value} onClick={() => void share()}>{t("share")}</button>
      <More help={help} present={present} />
      <button class="icon" type="button" id="help" aria-label={t("help")} onClick={help}>?</button>
    </header>
  );
}

const PLACES = [["gallery", "/gallery"], ["lessons", "/lessons"], ["game", "/play"], ["byhand", "/be-the-kernel"], ["thread", "/thread"], ["glossary", "/glossary"], ["truth", "/truth"]] as const;

// Where else one can go, and how it should look.
// present: on the stage, which can be edited too.
export function More({ help, present }: Pick<Ways, "help"> & Partial<Ways>) {
  return (
    <>
      <button type="button" class="icon" id="menu" popovertarget="more" aria-label={t("more")}><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M1 3h14v2H1zM1 7h14v2H1zM1 11h14v2H1z" /></svg></button>
      <div id="more" popover="auto" class="menu more">
        <nav aria-label={t("places")}>{PLACES.map(([id, href]) => <a key={id} href={site(href)}>{t(`place_${id}`)}</a>)}</nav>
        {present && !followed && <div class="more-here"><button id="present" type="button" popovertarget="more" onClick={present}>{t("present")}</button><a href={site("/r")}>{t("place_follow")}</a></div>}
        <div class="by-hand more-here">
          {present && !followed && <button type="button" popovertarget="more" onClick={() => edit(true)}>{t("edit")}</button>}
          <button type="button" popovertarget="more" onClick={help}>{t("help")}</button>
        </div>
        <Looks />
      </div>
    </>
  );
}

// The modes are one choice: arrows move it, as in any radio group.
function Modes() {
  return (
    <div class="modes">
      <div class="mode-set" role="radiogroup" aria-label={t("mode")}>
      {MODES.map((m) => (
        <button key={m} type="button" role="radio" aria-checked={mode.value === m} tabIndex={mode.value === m ? 0 : -1} class={mode.value === m ? "mode on" : "mode"} onClick={() => pick(m)} onKeyDown={(e) => turn(e, m)}>
          {t(`mode_${m}`)}
        </button>
      ))}
      </div>
      <CompareLink where="mode" />
    </div>
  );
}

// Once it is chosen the arrows step again.
function pick(m: Mode): void {
  choose(m);
  document.querySelector<HTMLElement>(".transport .go")?.focus({ preventScroll: true });
}

function turn(event: KeyboardEvent, from: Mode): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.stopPropagation();
  event.preventDefault();
  const at = (MODES.indexOf(from) + by + MODES.length) % MODES.length;
  choose(MODES[at]!);
  (event.currentTarget as HTMLElement).parentElement?.querySelectorAll<HTMLElement>("[role=radio]")[at]?.focus();
}

// Where the address says all there is.
export function Share() {
  const said = useSignal("");
  const copy = async () => {
    const link = here();
    try {
      await navigator.clipboard.writeText(link);
      said.value = t("link_copied");
    } catch {
      said.value = t("copy_yourself");
    }
    setTimeout(() => (said.value = ""), 2500);
  };
  return (
    <>
      <span class="said" role="status">{said.value}</span>
      <button id="share" class="share" type="button" onClick={() => void copy()}>{t("share")}</button>
    </>
  );
}
