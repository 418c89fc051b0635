// A range of steps as a film: GIF always, video where this browser can encode it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { language, t } from "../messages";
import { codecOf, heightOf, VIDEOS } from "../picture/film";
import type { Film as Made, Video } from "../picture/film";
import { stage } from "../store";
import { Trouble } from "../trouble";
import type { Trouble as What } from "../types";
import type { Place } from "./files";
import { Choice, Dress, drawn, hidden, nameOf } from "./looks";
import { save } from "./save";

type Kind = "gif" | Video;

const SIZES = [640, 960, 1280, 1920];
const SECONDS = [0.5, 1, 1.5, 2, 3, 5];
const MOST = 500; // steps in one film

export function Film({ place }: { place: Place }) {
  const end = hidden() ? stage.position.value : stage.last.value;
  const range = useSignal<[from: number, to: number]>([0, end]);
  const seconds = useSignal(1.5);
  const size = useSignal(1280);
  const videos = useSignal<Video[] | null>(null);
  const going = useSignal<{ kind: Kind; n: number; of: number } | null>(null);
  const said = useSignal("");
  const wrong = useSignal<What | null>(null);
  const stop = useRef<AbortController | null>(null);
  const acts = useRef<HTMLDivElement>(null);
  const draw = drawn(place);
  useEffect(() => () => stop.current?.abort(), []);
  useEffect(() => void encodable(size.value).then((kinds) => (videos.value = kinds)), [size.value]);
  const [from, to] = within(range.value, end);

  const make = async (kind: Kind) => {
    if (going.value || !draw) return;
    const control = (stop.current = new AbortController());
    const of = to - from + 1;
    [going.value, wrong.value, said.value] = [{ kind, n: 0, of }, null, ""];
    try {
      const made = await filmed(kind, { picture: draw, from, to, seconds: seconds.value, width: size.value, stop: control.signal, went: (n) => (going.value = { kind, n, of }) });
      save(made, `${nameOf(place.title)}-${from}-${to}.${kind}`);
      said.value = t("share_film_made", { kind: t(`share_file_${kind}`), size: sized(made.size) });
    } catch (error) {
      if (control.signal.aborted) said.value = t("share_film_cancelled");
      else wrong.value = { title: t("share_film_failed"), errors: [{ where: t(`share_file_${kind}`), what: String(error), instead: t("share_film_smaller") }] };
    }
    going.value = null;
    keepFocus(acts.current);
  };
  if (!draw) return <p class="share-note" role="status">{t("loading")}</p>;
  const kinds: Kind[] = ["gif", ...(videos.value ?? [])];
  return (
    <>
      <div class="share-options">
        <Step label={t("share_from")} value={from} max={end} set={(n) => (range.value = [n, Math.max(n, to)])} />
        <Step label={t("share_to")} value={to} max={end} set={(n) => (range.value = [Math.min(n, from), n])} />
        <Choice label={t("share_seconds")} value={seconds.value} values={SECONDS} say={(one) => one.toLocaleString(language())} choose={(one) => (seconds.value = one)} />
        <Choice label={t("share_size")} value={size.value} values={SIZES} say={(one) => t("share_pixels", { width: one, height: heightOf(one) })} choose={(one) => (size.value = one)} />
        <Dress name="film" />
      </div>
      <div ref={acts} class="share-acts">{kinds.map((kind) => <button key={kind} type="button" class="share-act" aria-disabled={going.value !== null} onClick={() => void make(kind)}>{t(`share_file_${kind}`)}</button>)}</div>
      {going.value && <Going {...going.value} cancel={() => stop.current?.abort()} />}
      <p class="share-note" role="status">{said.value}</p>
      <p class="share-note">{sentence(to - from + 1, seconds.value, videos.value)}{to - from + 1 === MOST && ` ${t("share_film_most", { n: MOST })}`}{hidden() && ` ${t("share_film_blind", { n: end })}`}</p>
      <Trouble what={wrong.value} dismiss={() => (wrong.value = null)} />
    </>
  );
}

const within = ([from, to]: [number, number], end: number): [number, number] => {
  const first = Math.max(0, Math.min(from, end));
  return [first, Math.max(first, Math.min(to, end, first + MOST - 1))];
};

async function encodable(width: number): Promise<Video[]> {
  const found = await Promise.all(VIDEOS.map((kind) => codecOf(kind, width)));
  return VIDEOS.filter((_, i) => found[i]);
}

// The encoders are fetched when one is wanted.
async function filmed(kind: Kind, film: Made): Promise<Blob> {
  if (kind === "gif") return (await import("../picture/gif")).gif(film);
  return (await import("../picture/video")).video(film, kind);
}

// How long it will be, and what this browser cannot make.
function sentence(steps: number, seconds: number, videos: Video[] | null): string {
  const long = t("share_film_says", { n: steps, seconds: (steps * seconds).toLocaleString(language()) });
  if (!videos || videos.length === VIDEOS.length) return long;
  return `${long} ${videos.length ? t("share_film_lacks", { kind: t(`share_file_${videos[0] === "mp4" ? "webm" : "mp4"}`) }) : t("share_film_none")}`;
}

const sized = (bytes: number): string => (bytes / 1e6).toLocaleString(language(), { maximumSignificantDigits: 2, style: "unit", unit: "megabyte" });

// The button to cancel is gone by now; whoever pressed it goes on from the others.
const keepFocus = (acts: HTMLElement | null): void => void requestAnimationFrame(() => {
  if (!document.activeElement?.matches("button, input, select, summary, textarea")) acts?.querySelector("button")?.focus();
});

type StepProps = { label: string; value: number; max: number; set: (n: number) => void };

// A number out of bounds is brought back to them when the field is left.
function Step({ label, value, max, set }: StepProps) {
  const left = (field: HTMLInputElement) => {
    const n = Math.max(0, Math.min(max, Math.round(Number(field.value) || 0)));
    field.value = String(n);
    set(n);
  };
  return <label class="share-choice"><span>{label}</span><input type="number" min={0} max={max} value={value} onChange={(e) => left(e.currentTarget)} /></label>;
}

function Going({ kind, n, of, cancel }: { kind: Kind; n: number; of: number; cancel: () => void }) {
  return (
    <div class="share-acts share-underway">
      <label class="share-going"><span>{t("share_film_going", { kind: t(`share_file_${kind}`), n, of })}</span><progress max={of} value={n} /></label>
      <button type="button" class="share-act" onClick={cancel}>{t("share_cancel")}</button>
    </div>
  );
}
