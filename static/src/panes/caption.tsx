// What happened, because of what, and the verdict: the one sentence of the page.
import { useSignal, useSignalEffect } from "@preact/signals";
import { Fragment } from "preact";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { named, parts, t } from "../messages";
import { afterPause } from "../pause";
import { usePlayer } from "../player";
import type { Player } from "../player";
import { Marked, plainText } from "../markup";
import { theme } from "../theme";
import { langOf, noteOf, notesAt, storyOf, titleOf, watchIsTrue } from "../told";
import type { Said, Verdict } from "../types";

const PAUSE = 200; // milliseconds

// brief: at the opening the rest of the story stands elsewhere.
export function Caption({ level = 1, brief = false }: { level?: 1 | 5; brief?: boolean }) {
  const player = usePlayer();
  const now = player.step.value;
  const notes = notesOf(player);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => { if (notes.length && box.current) fit(box.current); }, [player.position.value, player.trace.value, theme.value]);
  return (
    <section class={now ? "caption" : "caption opens"} aria-label={t("what_happened")}>
      <div key={String(player.position.value).length} class="count" aria-hidden="true"><b>{String(player.position.value)}</b><span>{t("of_n", { n: player.last.value })}</span></div>
      <div class={["words", now ? "" : "opening", isLong(now ? plainText(now.what) : opening(player).head) ? "long" : "", notes.length > 0 ? "noted" : ""].join(" ")}>
        <div ref={box} class="sentences">
          {/* a step's sentences are new ones: nothing that stays is moved by their length */}
          <Fragment key={player.position.value}>
            <div class="said-first">{now ? <><Head level={level}><Marked text={now.what} /></Head><p><Marked text={now.why} after={now.what} /></p></> : <><Opening level={level} />{brief ? <p class="site">{t("what_this_is")}</p> : <Rest />}</>}</div>
            {notes.map((note, i) => <p key={i} class="note" lang={langOf(note)} title={plainText(note.text)}><span aria-hidden="true">★ </span><Marked text={note.text} /></p>)}
          </Fragment>
          <Spoken />
        </div>
      </div>
      <Chip />
    </section>
  );
}

// A remark has as many lines as the sentences leave it.
function fit(box: HTMLElement): void {
  const notes = [...box.querySelectorAll<HTMLElement>(".note")];
  for (const note of notes) note.style.webkitLineClamp = "none";
  const over = box.scrollHeight - box.clientHeight;
  const last = notes.at(-1);
  if (over > 0 && last) last.style.webkitLineClamp = String(Math.max(1, Math.floor((last.offsetHeight - over) / parseFloat(getComputedStyle(last).lineHeight))));
}

// A story's first sentence is its headline, the rest of its first paragraph sets the scene. What follows says what to
// watch, and so what will happen: not while that is being asked; nor the rest of a story in one piece.
type HeadProps = { level: 1 | 5; lang?: string | undefined; children: ComponentChildren };
const Head = ({ level, lang, children }: HeadProps) => (level === 1 ? <h1 lang={lang}>{children}</h1> : <h5 lang={lang}>{children}</h5>);

function Opening({ level }: { level: 1 | 5 }) {
  const { head, lang } = opening(usePlayer());
  return <Head level={level} lang={lang}><Marked text={head} /></Head>;
}

export function Rest() {
  const { head, rest, lang } = opening(usePlayer());
  return <>{rest.map((text, i) => <p key={i} class={i ? "later" : undefined} lang={lang} title={plainText(text)}><Marked text={text} after={[head, ...rest.slice(0, i)].join(" ")} /></p>)}</>;
}

// A story's first sentence is its headline; its last paragraph says what to watch, and that would answer a question.
export function opening({ trace, blind }: Player): { head: string; rest: string[]; lang?: string | undefined } {
  const run = trace.value;
  if (!run) return { head: t("setting_up"), rest: [] };
  const story = storyOf(run);
  const [scene = "", ...watch] = story.text.trim().split(/\n+/);
  const [head = "", ...said] = scene.split(/(?<=[.!?])\s+/);
  const rest = [watch.length || !blind.value ? said.join(" ") : "", blind.value || !watchIsTrue(run) ? "" : watch.join(" ")];
  return { head: head || titleOf(run).text || t("own_run"), rest: rest.filter((text) => text), lang: langOf(story) };
}

// What does not stand on one line.
const isLong = (text: string): boolean => text.length > 84;

export function notesOf({ step, trace }: Player): Said[] {
  const [now, run] = [step.value, trace.value];
  return now && run ? notesAt(run, now).map((place) => noteOf(run, place)) : [];
}

// The verdicts of this step, else the worst one in force: its step is said, so that it can be found.
export function Chip() {
  const player = usePlayer();
  const now = player.step.value;
  const fresh = now?.verdicts[0];
  if (fresh) return <div key={now.n} class={`chip ${fresh.level}`} title={plainText(fresh.text)}><Sign level={fresh.level} /><span>{named("verdict", fresh.id) === fresh.id ? <Marked text={fresh.text} /> : named("verdict", fresh.id)}</span></div>;
  const old = earlier(player);
  if (!old && !now) return <div class="chip hint"><span class="by-key">{parts("press_to_begin", { key: <kbd>→</kbd> })}</span><span class="by-hand">{t("tap_to_begin")}</span></div>;
  if (!old) return <div class="chip none" />;
  return <div key={`past ${old.n}`} class={`chip past ${old.level}`} title={plainText(old.text)}><Sign level={old.level} /><span><Marked text={t("verdict_since", { verdict: named("verdict", old.id), step: `#${old.n}` })} /></span></div>;
}

export function earlier({ verdicts, position }: Player): (Verdict & { n: number }) | null {
  const step = verdicts.value.findLast((s) => s.n < position.value);
  return step ? { ...step.verdicts.find((v) => v.level === "bad")!, n: step.n } : null;
}

// A rule breaks.
export const Octagon = () => (
  <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" class="sign">
    <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="none" stroke="currentColor" stroke-width="1.6" />
    <path d="M8 4.4v4.4M8 11v.6" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />
  </svg>
);

function Sign({ level }: { level: string }) {
  return level === "bad" ? <Octagon /> : (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" class="sign">
      <circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M8 7.4v4M8 4.6v.5" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />
    </svg>
  );
}

// Said once moving pauses: who runs through a hundred steps is not told of each.
function Spoken() {
  const player = usePlayer();
  const said = useSignal("");
  const pause = useMemo(() => afterPause(PAUSE, () => (said.value = spoken(player))), [player]);
  useSignalEffect(() => {
    void [player.trace.value, player.position.value];
    pause.again();
  });
  useEffect(() => pause.never, [pause]);
  return <p class="visually-hidden" role="status" aria-live="polite">{said}</p>;
}

function spoken({ trace, step, position, last }: Player): string {
  const now = step.value;
  if (!now) return trace.value ? t("spoken_start", { title: titleOf(trace.value).text, n: last.value }) : "";
  const verdict = now.verdicts[0];
  const words = [plainText(now.what), plainText(now.why), verdict ? plainText(verdict.text) : ""].filter(Boolean).join(" ");
  return t("spoken_step", { n: position.value, words }).slice(0, 220);
}
