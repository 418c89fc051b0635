// The presenter's second window: what to say and what comes, kept in step by the window that presents.
import { signal } from "@preact/signals";
import { render } from "preact";
import { t } from "./messages";
import type { Told } from "./room/notes";
import "./theme";

const told = signal<Told | null>(null);
const clock = signal(Date.now());
const began = Date.now();

const channel = new BroadcastChannel(`faultwalk ${location.hash.slice(1)}`);
channel.onmessage = ({ data }: MessageEvent<unknown>) => {
  if (data && typeof data === "object") told.value = data as Told;
};
channel.postMessage("tell");
setInterval(() => (clock.value = Date.now()), 5000);

function Notes() {
  const now = told.value;
  if (!now) return <main class="notes"><h1>{t("room_notes_title")}</h1><p>{t("room_notes_alone")}</p></main>;
  return (
    <main class="notes">
      <header class="notes-head">
        <h1>{now.title} <small>{now.kernel}</small></h1>
        <p><b class="notes-room">{now.room}</b> <span>{now.online ? t(now.here === 1 ? "room_here_1" : "room_here", { n: now.here }) : t("room_offline")}</span> <time>{new Date(clock.value).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })}</time> <span>{t("room_minutes", { n: Math.floor((clock.value - began) / 60_000) })}</span></p>
      </header>
      <section aria-labelledby="notes-now">
        <h2 id="notes-now">{now.at ? t("step_of", { n: now.at, of: now.last }) : t("room_notes_start")}{now.blank && <mark>{t("room_notes_dark")}</mark>}</h2>
        <p class="notes-now">{now.now || now.watch[0]}</p>
        {now.remarks.map((text, i) => <p key={i} class="notes-remark">★ {text}</p>)}
      </section>
      <section aria-labelledby="notes-next">
        <h2 id="notes-next">{t("room_notes_next")}</h2>
        <p class="notes-next">{now.next || t("room_notes_end")}</p>
      </section>
      {now.question && (
        <section aria-labelledby="notes-question" class="notes-question">
          <h2 id="notes-question">{t("room_notes_question", { n: now.question.at })}{now.poll && <mark>{t(now.poll.open ? "room_notes_open" : "room_notes_closed", { n: now.poll.answers, of: now.here })}</mark>}</h2>
          <p>{now.question.ask}</p>
          <ol class="notes-choices">{now.question.choices.map((choice, i) => <li key={i} class={choice.right ? "notes-right" : ""}>{choice.right ? "✓ " : ""}{choice.text}{(now.poll?.counts ?? []).map((round, r) => <b key={r}> {share(round, i)}</b>)}</li>)}</ol>
          <p class="notes-because">{now.question.because}</p>
          {now.acts.length > 1 && <div class="notes-more">{now.acts.slice(1).map((what) => <button key={what} type="button" onClick={() => channel.postMessage(what)}>{t(`room_${what}`)}</button>)}</div>}
        </section>
      )}
      {!now.asks && <p class="notes-tip">{t("room_notes_predict")}</p>}
      <section aria-labelledby="notes-watch">
        <h2 id="notes-watch">{t("room_notes_watch")}</h2>
        {now.watch.map((text, i) => <p key={i}>{text}</p>)}
      </section>
      <div class="notes-acts" role="toolbar" aria-label={t("steps")}>
        <button type="button" onClick={() => channel.postMessage("back")}>◀ {t("step_back")}</button>
        <button type="button" class="first" onClick={() => channel.postMessage("next")}>{now.acts[0] ? t(`room_${now.acts[0]}`) : `${t("step")} ▶`}</button>
        <button type="button" aria-pressed={now.blank} onClick={() => channel.postMessage("darken")}>{t("room_darken")}</button>
      </div>
    </main>
  );
}

function share(round: number[], choice: number): string {
  const all = round.reduce((sum, n) => sum + n, 0);
  const n = round[choice] ?? 0;
  return t("room_share", { n, share: all ? Math.round((100 * n) / all) : 0 });
}

// The clicker works here too, whichever window has the keys.
const KEYS: Record<string, string> = { ArrowRight: "next", PageDown: "next", " ": "next", ArrowLeft: "back", PageUp: "back", ".": "darken", b: "darken" };
addEventListener("keydown", (event) => {
  const what = KEYS[event.key];
  if (!what || event.ctrlKey || event.metaKey || event.altKey || (event.key === " " && (event.target as HTMLElement).closest("button"))) return;
  event.preventDefault();
  channel.postMessage(what);
});

render(<Notes />, document.getElementById("root")!);
