// Terms on the stage: a known name becomes a dotted link that shows what it means without leaving the page.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import * as api from "./api";
import { t } from "./messages";
import type { Term } from "./types";

const terms = signal<Record<string, Term>>({});

// After the first view: nothing that is on screen waits for it. Without it names are just names.
export function learnTerms(): void {
  const later = "requestIdleCallback" in window ? window.requestIdleCallback : (act: () => void) => setTimeout(act, 1500);
  later(() => void api.glossary().then((list) => (terms.value = list), () => undefined));
}

export const meaning = (name: string): Term | undefined => (Object.hasOwn(terms.value, name) ? terms.value[name] : undefined);

// A link, so that it opens in a new tab as any other, and reads inline; a button in what a click does.
export function Known({ name, children }: { name: string; children: ComponentChildren }) {
  const term = meaning(name);
  if (!term) return <>{children}</>;
  const act = (event: MouseEvent | KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    show(term, event.currentTarget as HTMLElement);
  };
  return <a class="known" role="button" aria-haspopup="dialog" href={`/glossary#${term.id}`} onClick={act} onKeyDown={(event) => (event.key === " " || event.key === "Enter") && act(event)}>{children}</a>;
}

const card = document.createElement("div");
card.id = "term";
card.popover = "auto";
card.className = "term-card";
card.setAttribute("role", "dialog");
card.setAttribute("aria-labelledby", "term-name");
card.tabIndex = -1;
card.autofocus = true;

// In the dialog that the name stands in, else it would lie under it.
function show(term: Term, at: HTMLElement): void {
  card.hidePopover?.();
  const lang: Record<string, string> = term.lang ? { lang: term.lang } : {};
  card.replaceChildren(part("b", term.term, { id: "term-name", ...lang }), part("p", term.short, lang), part("a", t("term_more"), { href: `/glossary#${term.id}` }));
  (at.closest("dialog") ?? document.body).append(card);
  card.showPopover({ source: at });
}

export const hideTerm = (): void => void (card.matches(":popover-open") && card.hidePopover());

function part(name: string, text: string, more: Record<string, string> = {}): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(more)) made.setAttribute(key, value);
  return made;
}
