// One document in the editor: its reading, its faults, its run on the stage, and what is kept of it.
import { batch, computed, effect, signal } from "@preact/signals";
import { kernels, open, stage } from "../store";
import { language, named, t } from "../messages";
import type { Trace, Trouble } from "../types";
import { changedBy } from "./change";
import type { Change } from "./change";
import { mark, redoText, text, undoText, write } from "./code";
import { locate, readText } from "./document";
import type { Fault, Path, Reading, Told } from "./document";
import { drafts, keep, look } from "./drafts";
import type { Draft } from "./drafts";
import { bag } from "./model";
import { toYaml } from "./yaml";

const PAUSE = 400; // milliseconds without a key before the run is asked for
const VERSION = 10 * 60_000; // after so long without a change, the next one begins a new draft
const LARGE = 40_000;

export const reading = signal<Reading>(readText("{}"));
export const told = signal<Told[]>([]);
export const state = signal<"fine" | "running" | "bad">("fine");
export const note = signal(""); // said once, politely
export const faults = computed<Fault[]>(() => {
  const { faults: own } = reading.value;
  return own.length ? own : told.value.map((one) => locate(reading.value, one));
});
export const data = computed<Record<string, unknown>>(() => bag(reading.value.data));

let current: Draft | null = null;
let pristine = "";
let shown: Trace | null = null;
let asked = ""; // the data that the stage shows, or was asked to
let running = false;
let again = false;
let timer = 0;
let reader = 0;

export function watch(): () => void {
  look();
  const stops = [
    effect(() => onText(text.value)),
    effect(() => { const run = stage.trace.value; if (run) batch(() => adopt(run)); }),
    effect(() => mark(faults.value)),
  ];
  addEventListener("pagehide", saveNow);
  return () => { saveNow(); removeEventListener("pagehide", saveNow); stops.forEach((stop) => stop()); };
}

function onText(now: string): void {
  clearTimeout(reader);
  if (now.length < LARGE) reading.value = readText(now);
  else reader = window.setTimeout(() => (reading.value = readText(now)), 250);
  if (now !== pristine || current) saveSoon();
  clearTimeout(timer);
  timer = window.setTimeout(() => void run(), PAUSE);
}

// --- the run

let wanted = 0;
let left = -1;

export async function run(): Promise<void> {
  clearTimeout(timer);
  again = running;
  if (running) return;
  const { data: scenario, faults: own } = readText(text.peek());
  if (own.length) return void (state.value = "bad");
  const asking = JSON.stringify(scenario);
  if (asking === asked && state.peek() !== "bad") return void (told.value = []);
  if (stage.position.peek() !== left) wanted = stage.position.peek();
  running = true;
  state.value = "running";
  const failed: Trouble[] = [];
  const good = await open({ scenario }, wanted, false, (trouble) => failed.push(trouble));
  left = stage.position.peek();
  running = false;
  batch(() => {
    told.value = failed.flatMap(({ title, errors }) => (errors.length ? errors : [{ where: "", what: title, instead: t("edit_try_again") }]));
    state.value = good ? "fine" : "bad";
  });
  if (good) asked = asking;
  saveNow();
  if (again) void run();
}

// --- what the stage shows

// A run that others put on the stage: the same scenario under another kernel or schedule, or another scenario.
function adopt(run: Trace): void {
  if (run === shown) return;
  const before = shown;
  shown = run;
  if (running && before) return;
  if (before && text.peek() && before.scenario.title === run.scenario.title) {
    if (reading.peek().data) take(before, run);
    return;
  }
  const draft = drafts.peek().find((one) => one.link === run.link);
  if (draft && !before) resume(draft, true);
  else begin(toYaml(run.scenario), before ? t("edit_now_shows", { title: String(run.scenario.title ?? "") }) : "");
}

function take(before: Trace, run: Trace): void {
  const parts = new Set([...Object.keys(before.scenario), ...Object.keys(run.scenario)]);
  const changes = [...parts].filter((part) => JSON.stringify(before.scenario[part]) !== JSON.stringify(run.scenario[part])).map(
    (part): Change => (run.scenario[part] === undefined ? { remove: [part] } : { set: [part], value: run.scenario[part] }),
  );
  if (!changes.length) return;
  asked = JSON.stringify(readText(changedBy(text.peek(), changes)).data);
  apply(...changes);
}

function begin(next: string, words: string): void {
  saveNow();
  current = null;
  pristine = next;
  told.value = [];
  state.value = "fine";
  asked = JSON.stringify(readText(next).data);
  write(next, text.peek() !== "");
  note.value = words;
}

// onward: what is typed next belongs to the same draft; else it begins one of its own.
export function resume(draft: Draft, onward: boolean): void {
  saveNow();
  current = onward && Date.now() - draft.at < VERSION ? draft : null;
  pristine = draft.text;
  write(draft.text, text.peek() !== "");
  note.value = t("edit_resumed", { title: draft.title, when: when(draft.at) });
  void run();
}

export function fresh(): void {
  if (shown) begin(toYaml(shown.scenario), t("edit_afresh"));
}

// A text from outside: a file, or a paste that is everything.
export function bring(next: string, words: string): void {
  saveNow();
  current = null;
  write(next);
  note.value = words;
}

export const when = (at: number): string => new Date(at).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });

// --- what is kept

let saver = 0;
let dirty = false;

function saveSoon(): void {
  if (dirty) return;
  dirty = true;
  saver = window.setTimeout(saveNow, 300);
}

export function saveNow(): void {
  clearTimeout(saver);
  if (!dirty) return;
  dirty = false;
  const now = text.peek();
  if (!current || Date.now() - current.at > VERSION) current = { id: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`, at: 0, title: "", text: "", link: "" };
  const title = String(data.peek().title ?? (current.title || t("edit_untitled")));
  current = { ...current, at: Date.now(), title, text: now, link: shown?.link ?? "" };
  keep(current);
}

export const currentId = (): string => current?.id ?? "";
export const pending = (): boolean => dirty;

// --- changes from the form

export function apply(...changes: Change[]): void {
  if (!reading.peek().data) return;
  write(changedBy(text.peek(), changes));
}

export const undo = (): void => void undoText();
export const redo = (): void => void redoText();

export const faultsAt = (path: Path): Fault[] => {
  const place = path.reduce<string>((so, part) => (typeof part === "number" ? `${so}[${part}]` : so ? `${so}.${part}` : part), "");
  return faults.value.filter(({ where }) => where === place);
};

export const kernelName = (id: string): string => kernels.value.find((kernel) => kernel.id === id)?.title ?? id;
export const opName = (op: string): string => named("lane", op);
