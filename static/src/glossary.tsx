// Terms on the stage: a known name becomes a dotted link that shows what it means without leaving the page.
import { computed, signal } from "@preact/signals";
import { render } from "preact";
import type { ComponentChildren } from "preact";
import * as api from "./api";
import { t } from "./messages";
import { site } from "./site";
import type { Term } from "./types";

const terms = signal<Record<string, Term>>({});

// After the first view: nothing that is on screen waits for it. Without it names are just names.
export function learnTerms(): void {
  const later = "requestIdleCallback" in window ? (act: () => void) => requestIdleCallback(act, { timeout: 1500 }) : (act: () => void) => setTimeout(act, 1500);
  later(() => void api.glossary().then((list) => (terms.value = list), () => undefined));
}

export const meaning = (name: string): Term | undefined => (Object.hasOwn(terms.value, name) ? terms.value[name] : undefined);

// What sentences say without marking it as code: words that the glossary gives for this, and names that are no words.
const inProse = computed(() => {
  const found = Object.entries(terms.value).filter(([spelling, term]) => term.said || /^->|\w_\w/.test(spelling));
  return new Map(found.map(([spelling, term]) => [spelling.toLowerCase(), term]));
});
const pattern = computed(() => {
  const longest = [...inProse.value.keys()].sort((a, b) => b.length - a.length);
  return longest.length ? new RegExp(`(?<![\\w>/-])(${longest.map((word) => word.replace(/[|.*+]/g, "\\$&")).join("|")})(?![\\w-]|\\.\\w)`, "i") : null;
});

export type Piece = { text: string; term?: Term };

// A text cut at the terms in it; each at its first place only, and not if `past`, which was read before, had it.
export function pieces(text: string, past: ReadonlySet<string> = new Set()): Piece[] {
  const known = new Set(past);
  if (!pattern.value) return [{ text }];
  return text.split(pattern.value).map((part, i) => {
    const term = i % 2 ? inProse.value.get(part.toLowerCase()) : undefined;
    if (!term || known.has(term.id)) return { text: part };
    known.add(term.id);
    return { text: part, term };
  });
}

// The terms of a text, those in code among them.
export function termsOf(text: string): Term[] {
  const code = [...text.matchAll(/`([^`]*)`/g)].map(([, name]) => meaning(name!));
  const prose = pieces(text.replace(/`[^`]*`/g, "`")).map((piece) => piece.term);
  const found = [...prose, ...code].filter((term) => term !== undefined);
  return found.filter((term, i) => found.findIndex((other) => other.id === term.id) === i);
}

export const Words = ({ text, past }: { text: string; past?: ReadonlySet<string> }) => (
  <>{pieces(text, past).map((piece) => (piece.term ? <TermLink term={piece.term}>{piece.text}</TermLink> : piece.text))}</>
);

export function Known({ name, children }: { name: string; children: ComponentChildren }) {
  const term = meaning(name);
  return term ? <TermLink term={term}>{children}</TermLink> : <>{children}</>;
}

// A link, so that it opens in a new tab as any other, and reads inline; a button in what a click does.
export const TermLink = ({ term, children }: { term: Term; children: ComponentChildren }) => <a class="known" role="button" aria-haspopup="dialog" href={site(`/glossary#${term.id}`)}>{children}</a>;

// Sentences come and go with every step, so their links have no listeners of their own.
function linkOf({ target }: Event): [at: HTMLAnchorElement, term: Term] | null {
  const at = target instanceof Element ? target.closest<HTMLAnchorElement>("a.known") : null;
  const term = at && Object.values(terms.value).find(({ id }) => `#${id}` === at.hash);
  return at && term ? [at, term] : null;
}

function act(event: MouseEvent | KeyboardEvent): void {
  const found = linkOf(event);
  if (!found || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  show(found[1], found[0]);
}

document.addEventListener("click", act, true);
document.addEventListener("keydown", (event) => (event.key === " " || event.key === "Enter") && act(event), true);
document.addEventListener("pointerover", (event) => entered(event, hover));
document.addEventListener("pointerout", (event) => entered(event, unhover));

function entered(event: PointerEvent, tell: (event: PointerEvent, at: HTMLElement, term: Term) => void): void {
  const found = linkOf(event);
  if (found && !found[0].contains(event.relatedTarget as Node | null)) tell(event, ...found);
}

// Under what cannot hold links itself: the terms of its texts.
export function TermsIn({ texts, past = "" }: { texts: string[]; past?: string }) {
  const known = new Set(termsOf(past).map((term) => term.id));
  const found = termsOf(texts.join(" ")).filter((term) => !known.has(term.id));
  if (!found.length) return null;
  return <p class="small terms-in">{t("terms_here")} {found.map((term, i) => <>{i > 0 && " · "}<TermLink key={term.id} term={term}>{term.term}</TermLink></>)}</p>;
}

const card = document.createElement("div");
card.id = "term";
card.popover = "auto";
card.className = "term-card";
card.setAttribute("role", "dialog");
card.setAttribute("aria-labelledby", "term-name");
card.tabIndex = -1;

// A mouse that rests on a name sees the same card, which takes no focus and goes with the mouse. Not over one that
// was opened by hand.
const RESTS = 500; // milliseconds
let resting = 0;
let hovered = false;

function hover({ pointerType }: PointerEvent, at: HTMLElement, term: Term): void {
  clearTimeout(resting);
  if (pointerType !== "mouse" || card.contains(at) || (!hovered && card.matches(":popover-open"))) return;
  resting = window.setTimeout(() => at.isConnected && show(term, at, true), RESTS);
}

function unhover(): void {
  clearTimeout(resting);
  if (hovered) resting = window.setTimeout(hideTerm, RESTS);
}

card.addEventListener("pointerenter", () => hovered && clearTimeout(resting));
card.addEventListener("pointerleave", unhover);
card.addEventListener("focusin", () => { hovered = false; });

// In the dialog that the name stands in, else it would lie under it. A term of the card takes its place.
function show(term: Term, at: HTMLElement, resting = false): void {
  const within = card.contains(at);
  if (!within) card.hidePopover?.();
  render(<Card term={term} />, card);
  if (within) return card.focus();
  hovered = resting;
  card.autofocus = !resting; // before it stands in the document, which would focus it
  (at.closest("dialog") ?? document.body).append(card);
  card.showPopover({ source: at });
}

const Card = ({ term }: { term: Term }) => (
  <>
    <b id="term-name" lang={term.lang}>{term.term}</b>
    <p lang={term.lang}><Words text={term.short} past={new Set([term.id])} /></p>
    <a href={site(`/glossary#${term.id}`)}>{t("term_more")}</a>
    <button type="button" class="icon" aria-label={t("close")} onClick={hideTerm}>✕</button>
  </>
);

export const hideTerm = (): void => void (card.matches(":popover-open") && card.hidePopover());
