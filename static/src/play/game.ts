// The game's moves. Every position is a place in a run that the engine made; a move that goes on in the run at hand
// costs nothing, any other was asked for ahead.
import { batch, effect } from "@preact/signals";
import * as api from "../api";
import { t } from "../messages";
import { kernels } from "../store";
import type { Trace } from "../types";
import { askFor, asked, forget, recordWin } from "./answers";
import { knownOf, levels } from "./levels";
import { changes, meets, movers, readSegments, scheduleOf, segments, written } from "./moves";
import type { Segment } from "./moves";
import { busy, future, horizon, kernel, level, made, movable, moves, past, player, ready, trouble, won } from "./position";
import type { Made } from "./position";

// --- runs: each is asked for once

let runs = new Map<string, Promise<Made>>();
let newest = 0;

function ask(schedule: string): Promise<Made> {
  const known = runs.get(schedule);
  if (known) return known;
  const asking = api.post<Made>("/api/play", { level: level.value.id, kernel: kernel.value, schedule });
  runs.set(schedule, asking);
  asking.catch(() => runs.delete(schedule));
  return asking;
}

// What would come of the threads that this run does not go on with.
function prefetch(): void {
  const here = made.value;
  const at = player.position.value;
  if (!here) return;
  for (const thread of movers(here.run, at)) if (here.run.steps[at]?.thread !== thread) void ask(scheduleOf(segments(here.run, at), thread)).catch(() => undefined);
}

// --- moving

// on: up to where the thread next does something that another could notice, else one step only.
export async function move(thread: string, on: boolean): Promise<void> {
  const here = made.value;
  const at = player.position.value;
  if (!here || busy.value || !movable.value.includes(thread)) return;
  const mine = newest;
  let next = here;
  if (here.run.steps[at]?.thread !== thread) {
    busy.value = true;
    try {
      next = await ask(scheduleOf(segments(here.run, at), thread));
    } catch (error) {
      trouble.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
      return;
    } finally {
      busy.value = false;
    }
    if (mine !== newest) return;
  }
  batch(() => {
    past.value = [...past.value, { made: here, at }];
    future.value = [];
    forget();
    settle(next, landing(next.run, at, thread, on));
    if (won.value) recordWin(changes(next.run, player.position.value));
  });
}

function landing(run: Trace, at: number, thread: string, on: boolean): number {
  const last = run.steps.length;
  let to = at + 1;
  if (on) while (to < last && movers(run, to).includes(thread) && run.steps[to]!.thread === thread && !meets(run, run.steps[to]!)) to += 1;
  return forced(run, to);
}

// Where one thread only can move there is nothing to choose.
function forced(run: Trace, at: number): number {
  let to = at;
  while (to < run.steps.length && movers(run, to).length === 1) to += 1;
  return to;
}

function settle(next: Made, at: number): void {
  made.value = next;
  if (player.trace.value !== next.run) player.trace.value = next.run;
  horizon.value = Math.max(horizon.value, next.run.steps.length);
  player.seek(at);
}

function jump(from: typeof past, to: typeof future): void {
  const mark = from.value.at(-1);
  const here = made.value;
  if (!mark || !here || busy.value) return;
  batch(() => {
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, { made: here, at: player.position.value }];
    forget();
    settle(mark.made, mark.at);
  });
}

export const undo = (): void => jump(past, future);
export const redo = (): void => jump(future, past);

export function restart(): void {
  if (!made.value || player.position.value === 0) return;
  batch(() => {
    past.value = [...past.value, { made: made.value!, at: player.position.value }];
    future.value = [];
    forget();
    settle(made.value!, 0);
  });
}

// --- opening

export async function open(id: string, under: string, list: Segment[] = [], push = true): Promise<void> {
  const mine = ++newest;
  const wanted = levels.find((one) => one.id === id) ?? levels[0]!;
  batch(() => {
    level.value = wanted;
    kernel.value = wanted.kernels.includes(under) ? under : wanted.kernels[0]!;
    runs = new Map();
    past.value = future.value = [];
    made.value = null;
    trouble.value = null;
    forget();
  });
  if (push) history.pushState(null, "", address());
  try {
    const found = await ask(scheduleOf(list, list.at(-1)?.thread));
    if (mine !== newest) return;
    batch(() => {
      horizon.value = Math.ceil((found.run.steps.length + 6) / 10) * 10;
      const at = list.reduce((from, segment) => Math.max(from, placeOf(found.run, segment)), 0);
      past.value = list.flatMap((segment, i) => (i < list.length - 1 ? [{ made: found, at: placeOf(found.run, segment) }] : []));
      if (at > 0) past.value = [{ made: found, at: 0 }, ...past.value];
      settle(found, forced(found.run, at));
      if (won.value) askFor("best");
      if (list.some((segment) => placeOf(found.run, segment) === 0)) trouble.value = { title: t("game_drift"), errors: [] };
    });
  } catch (error) {
    if (mine === newest) trouble.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
  }
}

const placeOf = (run: Trace, { thread, op, nth }: Segment): number => run.steps.find((step) => step.thread === thread && step.op === op && step.nth === nth)?.n ?? 0;

function address(): string {
  const so = written(moves.value);
  return `#l=${level.value.id}&k=${kernel.value}${so ? `&m=${so}` : ""}`;
}

function fromAddress(): void {
  const fields = new URLSearchParams(location.hash.slice(1).replace(/\+/g, "%2B"));
  const id = fields.get("l") ?? levels.find((one) => !one.kernels.every((k) => knownOf(one.id, k).best !== undefined))?.id ?? "";
  void open(id, fields.get("k") ?? "", readSegments(fields.get("m") ?? ""), false);
}

export async function start(): Promise<void> {
  addEventListener("popstate", fromAddress);
  effect(() => {
    const to = address();
    if (ready.value && location.hash !== to) history.replaceState(null, "", to);
  });
  effect(() => { document.title = t("game_title", { title: level.value.title.text }); });
  effect(() => { if (ready.value && asked.value !== "claim") prefetch(); });
  fromAddress();
  await api.kernels().then((list) => (kernels.value = list), () => undefined);
}
