// Moves: each list of them is a question to the engine, asked once. Undo and redo are shorter and longer lists.
import { batch, effect } from "@preact/signals";
import * as api from "../api";
import { t } from "../messages";
import { kernels } from "../store";
import { chosen, busy, future, hinted, kernel, letters, looking, made, moves, next, over, page, player, ready, refused, slips, task, trouble } from "./position";
import type { Offer, Played } from "./position";
import { learn, most, solvedOf, tasks } from "./tasks";

let known = new Map<string, Promise<Played>>();
let newest = 0;

function ask(list: string[], hint = false): Promise<Played> {
  const key = `${list.join("~")} ${hint ? "?" : ""}`;
  const asked = known.get(key);
  if (asked) return asked;
  const asking = api.post<Played>("/api/kernel-play", { task: task.value.id, kernel: kernel.value, moves: list, hint });
  known.set(key, asking);
  asking.catch(() => known.delete(key));
  return asking;
}

// What comes of a list of moves; null if something else was wanted meanwhile, or it did not work.
async function asked(list: string[], hint = false): Promise<Played | null> {
  const mine = newest;
  busy.value = true;
  try {
    const found = await ask(list, hint);
    return mine === newest ? found : null;
  } catch (error) {
    if (mine === newest) trouble.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
    return null;
  } finally {
    if (mine === newest) busy.value = false;
  }
}

function settle(found: Played): void {
  made.value = found;
  player.trace.value = found.run;
  player.seek(found.run.steps.length);
  looking.value = refused.value = next.value = null;
  hinted.value = "";
  if (!found.hand.pages.some((one) => one.page === page.value)) page.value = found.hand.pages.at(-1)?.page ?? "zero";
}

// --- moving

export const written = (offer: Offer): string =>
  offer.takes === "page" ? `${offer.move}.${page.value}` : offer.takes === "pte" ? `${offer.move}.${page.value}.${letters.value}` : offer.move;

export function choose(offer: Offer): void {
  if (busy.value || over.value) return;
  if (offer.refused) {
    batch(() => {
      hinted.value = "";
      refused.value = { move: offer.move, code: offer.code, state: "refused", from: 0, to: 0, answer: "", tells: 0, says: [{ kind: "refused", rule: "", text: offer.refused, place: null, at: null, excused: false }] };
    });
    return;
  }
  void move(written(offer));
}

export async function move(text: string): Promise<void> {
  if (busy.value || over.value) return;
  if (moves.value.length >= most) {
    trouble.value = { title: t("byhand_full"), errors: [] };
    return;
  }
  const before = moves.value;
  const found = await asked([...before, text]);
  if (!found) return;
  const verdict = found.moves.at(-1)!;
  batch(() => {
    if (verdict.state === "refused") {
      hinted.value = "";
      refused.value = verdict; // it changed nothing, and is no part of the link
      slips.value += 1;
      return;
    }
    future.value = [];
    if (verdict.state === "bad") slips.value += 1;
    const had = new Set(made.value?.hand.pages.map((one) => `${one.page} ${one.value}`));
    settle(found);
    const fresh = found.hand.pages.find((one) => !had.has(`${one.page} ${one.value}`));
    if (fresh) page.value = fresh.page; // what was just got is what the next moves are most likely about
    if (found.over?.solved) learn(task.value.id, kernel.value, Math.max(slips.value, found.over.mistakes));
  });
}

async function jump(list: string[], later: string[]): Promise<void> {
  const found = await asked(list);
  if (!found) return;
  batch(() => {
    future.value = later;
    settle(found);
  });
}

export function undo(): void {
  if (refused.value) {
    refused.value = null;
    return;
  }
  const last = moves.value.at(-1);
  if (last !== undefined && !busy.value) void jump(moves.value.slice(0, -1), [last, ...future.value]);
}

export function redo(): void {
  const [first, ...rest] = future.value;
  if (first !== undefined && !busy.value) void jump([...moves.value, first], rest);
}

export function restart(): void {
  if (moves.value.length && !busy.value) void jump([], [...moves.value, ...future.value]);
}

export function look(n: number): void {
  const verdict = made.value?.moves[n];
  if (!verdict) return;
  batch(() => {
    refused.value = null;
    hinted.value = "";
    looking.value = n === made.value!.moves.length - 1 ? null : n;
    player.seek(looking.value === null ? made.value!.run.steps.length : verdict.to);
  });
}

// The task's own hint first; who asks again is told what the handler does next.
export async function hint(): Promise<void> {
  if (over.value) return;
  if (hinted.value === "") {
    hinted.value = "hint";
    return;
  }
  const found = await asked(moves.value, true);
  if (!found) return;
  batch(() => {
    next.value = found.next;
    hinted.value = "next";
  });
}

export const dismiss = (): void => {
  batch(() => {
    hinted.value = "";
    refused.value = null;
  });
};

export const toggle = (letter: string): void => {
  const now = letters.value;
  chosen.value = now.includes(letter) ? now.replace(letter, "") : now + letter;
};

// --- opening

export async function open(id: string, under: string, list: string[] = [], push = true): Promise<void> {
  newest += 1;
  const wanted = tasks.find((one) => one.id === id) ?? tasks[0]!;
  batch(() => {
    task.value = wanted;
    kernel.value = wanted.kernels.includes(under) ? under : wanted.kernels[0]!;
    known = new Map();
    made.value = null;
    future.value = [];
    looking.value = refused.value = next.value = trouble.value = chosen.value = null;
    hinted.value = "";
    page.value = "zero";
    slips.value = 0;
  });
  if (push) history.pushState(null, "", address());
  const found = (await asked(list.slice(0, most))) ?? (list.length && trouble.value ? await asked([]) : null);
  if (!found) return;
  batch(() => {
    settle(found);
    page.value = found.hand.pages.at(-1)?.page ?? "zero";
    slips.value = found.over?.mistakes ?? found.moves.filter((one) => one.state === "bad" || one.state === "refused").length;
  });
}

function address(): string {
  const so = moves.value.join("~");
  return `#t=${task.value.id}&k=${kernel.value}${so ? `&m=${so}` : ""}`;
}

function fromAddress(): void {
  const fields = new URLSearchParams(location.hash.slice(1).replace(/\+/g, "%2B"));
  const id = fields.get("t") ?? tasks.find((one) => !one.kernels.every((k) => solvedOf(one.id, k) !== undefined))?.id ?? "";
  void open(id, fields.get("k") ?? "", (fields.get("m") ?? "").split("~").filter((move) => move), false);
}

export async function start(): Promise<void> {
  addEventListener("popstate", fromAddress);
  effect(() => {
    const to = address();
    if (ready.value && location.hash !== to) history.replaceState(null, "", to);
  });
  effect(() => { document.title = t("byhand_title", { title: task.value.title.text }); });
  fromAddress();
  await api.kernels().then((list) => (kernels.value = list), () => undefined);
}
