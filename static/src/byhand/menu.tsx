// What one can do, by kind, wrong moves among the right ones; and what a move is about: a page in hand, and bits.
import { plainText } from "../markup";
import { named, t } from "../messages";
import { choose, toggle } from "./game";
import { chosen, group, letters, made, page } from "./position";
import type { Group, Offer } from "./position";
import { bits } from "./tasks";

export function Menu() {
  const now = made.value;
  return (
    <section class="pane k-menu" aria-label={t("byhand_groups")}>
      <Picks />
      <div class="k-kinds" role="group" aria-label={t("byhand_groups")}>
        {now?.menu.map((one) => <button key={one.group} type="button" class="k-kind" aria-pressed={group.value === one.group} onClick={() => (group.value = one.group)}>{named("byhand_group", one.group)}</button>)}
      </div>
      <div class="k-groups" tabIndex={-1}>{now?.menu.map((one, i) => <Kind key={one.group} one={one} n={i + 1} />)}</div>
    </section>
  );
}

function Kind({ one, n }: { one: Group; n: number }) {
  return (
    <div class={group.value === one.group ? "k-group open" : "k-group"} data-group={one.group} role="group" aria-labelledby={`kind-${one.group}`}>
      <h3 id={`kind-${one.group}`}><kbd aria-hidden="true">{n}</kbd> {named("byhand_group", one.group)}</h3>
      <div class="group-moves">{one.moves.map((offer) => <Move key={offer.move} offer={offer} />)}</div>
    </div>
  );
}

function Move({ offer }: { offer: Offer }) {
  return (
    <button type="button" class="k-move" aria-disabled={offer.refused ? "true" : undefined} aria-label={`${spelled(offer)}: ${offer.says}`} title={plainText(offer.refused || offer.says)} onClick={() => choose(offer)}>
      <code>{spelled(offer)}</code>
    </button>
  );
}

const pageName = (): string => made.value?.hand.pages.find((one) => one.page === page.value)?.name ?? page.value;
const bitNames = (): string => bits.filter((bit) => letters.value.includes(bit.letter)).map((bit) => bit.name).join(" ");

const spelled = (offer: Offer): string => offer.code.replace("{page}", pageName()).replace("{pte}", `${pageName()} ${bitNames()}`);

function Picks() {
  const hand = made.value?.hand;
  return (
    <div class="picks" role="group" aria-labelledby="picks-label">
      <p id="picks-label" class="soft">{t("byhand_picks")}</p>
      <div class="pick" role="radiogroup" aria-label={t("byhand_page")}>
        {hand?.pages.map((one) => (
          <button key={one.page} type="button" role="radio" class="k-pick" aria-checked={page.value === one.page} tabIndex={page.value === one.page ? 0 : -1} onClick={() => (page.value = one.page)} onKeyDown={(e) => turn(e, hand.pages.map((p) => p.page))}>
            <code>{one.name}</code> <small>{one.value}</small>
          </button>
        ))}
      </div>
      <div class="pick" role="group" aria-label={t("byhand_bits")}>
        {bits.map((bit) => <button key={bit.letter} type="button" class="k-pick bit-chip" aria-pressed={letters.value.includes(bit.letter)} onClick={() => toggle(bit.letter)}><code>{bit.name}</code></button>)}
        {hand?.vma && <button type="button" class="linkish prot" onClick={() => (chosen.value = null)}>vm_page_prot</button>}
      </div>
    </div>
  );
}

function turn(event: KeyboardEvent, pages: string[]): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  const at = (pages.indexOf(page.value) + by + pages.length) % pages.length;
  page.value = pages[at]!;
  (event.currentTarget as HTMLElement).parentElement?.querySelectorAll<HTMLElement>("[role=radio]")[at]?.focus();
}
