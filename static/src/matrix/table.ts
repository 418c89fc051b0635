// From the address to a table of rules by kernel, for each architecture; and the sentence that sums it up.
import { computed, effect, signal } from "@preact/signals";
import * as api from "../api";
import { language, named, t } from "../messages";
import { shortName } from "../revisions";
import { Search } from "../search";
import type { Way } from "../search";
import type { Listed } from "../types";

type Break = Way & { text: string; promise: boolean };
export type Cell = { kernel: string; arch: string; refused?: string; complete: boolean; limit: string | null; states: number; outcomes: number; refuses: boolean; broken: Record<string, Break> };
export type Matrix = { kernels: string[]; arches: string[]; cells: Cell[]; complete: boolean; limit: string | null; rules: string[]; munmaps: boolean; seconds: number };

export const DEFAULT = "two-threads-one-page";
export const search = new Search<Matrix>("/api/explorations/matrix");
export const gallery = signal<Listed[]>([]);
// What the address asks for: s=<id of the gallery>, or a link.
export const asked = signal("");
export const arch = signal("");
export const linked = signal(""); // the title that a link brings

export const galleryId = computed(() => (asked.value.startsWith("s=") ? decodeURIComponent(asked.value.slice(2)) : null));
export const title = computed(() => gallery.value.find((item) => item.id === galleryId.value)?.title ?? linked.value ?? galleryId.value);

const sourceOf = (): { gallery: string } | { link: string } => (galleryId.value ? { gallery: galleryId.value } : { link: asked.value });

export function look(): void {
  search.found.value = null;
  void search.ask(sourceOf());
}

export function pick(id: string): void {
  history.pushState(null, "", `#s=${encodeURIComponent(id)}`);
  fromAddress();
}

function fromAddress(): void {
  const [first = ""] = location.hash.slice(1).split("&");
  asked.value = first || `s=${DEFAULT}`;
  arch.value = "";
  if (galleryId.value === null) void api.run({ link: asked.value }).then((run) => { linked.value = run.scenario.title || t("own_run"); arch.value ||= run.arch.id; }, () => undefined);
  look();
}

export async function start(): Promise<void> {
  addEventListener("popstate", fromAddress);
  addEventListener("hashchange", fromAddress);
  effect(() => { if (title.value) document.title = t("matrix_title", { title: title.value }); });
  fromAddress();
  await api.scenarios().then((list) => (gallery.value = list), () => undefined);
}

// --- what the table says

export const chosen = computed(() => {
  const { arches = [] } = search.found.value ?? {};
  const own = gallery.value.find((item) => item.id === galleryId.value)?.arch;
  return [arch.value, own, arches[0]].find((id) => id && arches.includes(id)) ?? "";
});

export const cellsOf = (matrix: Matrix, id: string): Cell[] => matrix.kernels.map((kernel) => matrix.cells.find((cell) => cell.kernel === kernel && cell.arch === id)!);
export const isPromise = (matrix: Matrix, rule: string): boolean => matrix.cells.some((cell) => cell.broken?.[rule]?.promise);
// By a BUG_ON the kernel refuses a mapping that it was never to be given: no fault of its own.
export const isRefusal = (cell: Cell, rule: string): boolean => rule === "no_bug" && cell.refuses;
export const ruleName = (rule: string): string => named("verdict", rule);

const and = (items: string[]): string => new Intl.ListFormat(language()).format(items);
const names = (cells: Cell[]): string => and(cells.map((cell) => shortName(cell.kernel)));

// "v1 and v2 can break: ... From v3 on nothing of the kernel's own breaks."
export function sentences(matrix: Matrix, id: string): string[] {
  const cells = cellsOf(matrix, id);
  const open = cells.filter((cell) => !cell.refused);
  const own = matrix.rules.filter((rule) => !isPromise(matrix, rule));
  const breaks = (cell: Cell) => own.filter((rule) => rule in cell.broken);
  const faults = (cell: Cell) => breaks(cell).filter((rule) => !isRefusal(cell, rule));
  const said = grouped(open.filter((cell) => faults(cell).length), (cell) => faults(cell).join()).map((group) => t("matrix_breaks", { kernels: names(group), rules: and(faults(group[0]!).map((rule) => t("rule_quoted", { rule: ruleName(rule) }))) }));
  const refusing = open.filter((cell) => cell.refuses);
  if (refusing.length) said.push(t("matrix_refuse_by_bug", { kernels: names(refusing) }));
  const clean = open.slice(open.findLastIndex((cell) => breaks(cell).length) + 1);
  if (said.length === 0) said.push(t(open.every((cell) => cell.complete) ? "matrix_none" : "matrix_none_yet"));
  else if (clean.length && clean.every((cell) => cell.complete)) said.push(t("matrix_from_on", { kernel: shortName(clean[0]!.kernel) }));
  const promised = open.filter((cell) => Object.values(cell.broken).some((way) => way.promise));
  if (promised.length) said.push(t("matrix_promise", { kernels: names(promised) }));
  if (matrix.munmaps) said.push(t("sched_munmap"));
  const refused = cells.filter((cell) => cell.refused);
  if (refused.length) said.push(t("matrix_refuses", { kernels: names(refused) }));
  return said;
}

function grouped<T>(items: T[], key: (item: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(key(item), [...(found.get(key(item)) ?? []), item]);
  return [...found.values()];
}

// Whether all architectures agree on what breaks where.
export function alike(matrix: Matrix): string {
  const shape = (id: string) => JSON.stringify(cellsOf(matrix, id).map((cell) => [cell.refused ? "-" : "", Object.keys(cell.broken ?? {}).sort()]));
  const same = new Set(matrix.arches.map(shape)).size === 1;
  return t(same ? "matrix_alike" : "matrix_not_alike", { arches: and(matrix.arches) });
}
