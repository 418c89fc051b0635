// What the pages of both games have: the bar above, and the dialog with the rules and the keys.
import type { RefObject } from "preact";
import { Keys, Sheet } from "./dialog";
import type { Keymap } from "./dialog";
import { Logo } from "./logo";
import { t } from "./messages";
import type { Key } from "./messages";
import { More, Share } from "./panes/header";
import { site } from "./site";
import { langOf } from "./told";
import type { Said } from "./types";

type Dialog = RefObject<HTMLDialogElement | null>;

export function Top({ title, list, help }: { title: Said; list: Dialog; help: Dialog }) {
  const aid = () => help.current?.showModal();
  return (
    <header class="top">
      <a class="brand" href={site("/")}><Logo />faultwalk</a>
      <button class="picker" type="button" aria-haspopup="dialog" onClick={() => list.current?.showModal()}>
        <b lang={langOf(title)}>{title.text}</b><span class="caret" aria-hidden="true">▾</span>
      </button>
      <span class="grow" />
      <Share />
      <More help={aid} />
      <button class="icon" type="button" id="help" aria-label={t("help")} onClick={aid}>?</button>
    </header>
  );
}

export const Rules = ({ dialog, title, rules, keys }: { dialog: Dialog; title: string; rules: readonly Key[]; keys: Keymap }) => (
  <Sheet dialog={dialog} id="help" title={title}>
    <ul class="game-rules">{rules.map((rule) => <li key={rule}>{t(rule)}</li>)}</ul>
    <h3 class="sheet-part">{t("keys")}</h3>
    <Keys keys={keys} />
  </Sheet>
);
