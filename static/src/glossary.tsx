// Terms of the glossary wherever a caption names one: a short answer on the spot, the page for the rest.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "./messages";

export type Term = { id: string; term: string; short: string };

const terms = signal<Record<string, Term>>({});
const asked = signal<Term | null>(null);

// Fetched when the page has nothing better to do; without it captions are plain.
export function learnTerms(): void {
  const learn = () => void fetch("/api/glossary").then((answer) => (answer.ok ? answer.json() : {})).then((found: Record<string, Term>) => (terms.value = found), () => undefined);
  if ("requestIdleCallback" in window) window.requestIdleCallback(learn, { timeout: 3000 });
  else setTimeout(learn, 1000);
}

export const termOf = (word: string): Term | null => (Object.hasOwn(terms.value, word) ? terms.value[word]! : null);

export function TermRef({ term, children }: { term: Term; children: string }) {
  return <button type="button" class="term-ref" onClick={() => (asked.value = term)}><code>{children}</code></button>;
}

export function Terms() {
  const box = useRef<HTMLDialogElement>(null);
  const term = asked.value;
  useEffect(() => {
    if (term && !box.current?.open) box.current?.showModal();
  }, [term]);
  return (
    <dialog ref={box} class="sheet term-sheet" aria-labelledby="term-title" onClose={() => (asked.value = null)} onClick={(e) => e.target === box.current && box.current?.close()}>
      <div class="sheet-head"><h2 id="term-title"><code>{term?.term}</code></h2><button type="button" class="icon" aria-label={t("close")} onClick={() => box.current?.close()}>✕</button></div>
      <p>{term?.short}</p>
      {term && <p><a href={`/glossary#${term.id}`}>{t("term_more")}</a></p>}
    </dialog>
  );
}
