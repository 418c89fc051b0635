// What the lanes draw, computed once a run: spans of steps, lock holds and waits, values of the pte.
import { decodePte, pteCell } from "./format";
import { named, t } from "./messages";
import { phasesOf } from "./phases";
import type { Lock, Step, TlbEntry, Trace, Value } from "./types";

// labels: other words for it, the longest first; first and last: its steps, where from and to are places of another axis.
export type Span = { from: number; to: number; label: string; labels?: string[]; kind: string; thread: number; dashed?: boolean; phase?: string; weight?: number; first?: number; last?: number };
export type Lane = { id: string; title: string; kind: "thread" | "lock" | "pte" | "stale"; thread?: number; rows: number; spans: (Span & { row: number })[] };

export function lanesOf(trace: Trace): Lane[] {
  return [...threadLanes(trace), pteLane(trace), ...staleLanes(trace), ...lockLanes(trace)];
}

export function threadLanes(trace: Trace): Lane[] {
  return trace.threads.map((thread, index) => {
    const own = trace.steps.filter((step) => step.thread === thread.id);
    const phases = phasesOf(trace, own);
    const spans = own.map((step, i) => ({ from: step.n - 1, to: step.n, label: step.op === "access" ? accessLabel(step) : labelOf(step), kind: step.kind, thread: index, row: 0, ...phases[i]! }));
    return { id: thread.id, title: t("lane_thread", { id: thread.id }), kind: "thread", thread: index, rows: 1, spans: [...spans, ...waits(trace, thread.id, index)] };
  });
}

const accessLabel = (step: Step): string => (step.args.write ? t("lane_write") : t("lane_read"));

function labelOf(step: Step): string {
  const own = named("lane", step.op);
  return own === step.op ? named("lane", step.kind) : own;
}

function waits(trace: Trace, id: string, thread: number): (Span & { row: number })[] {
  const spans: (Span & { row: number })[] = [];
  for (const step of trace.steps) {
    const wait = Object.hasOwn(step.waiting, id) ? step.waiting[id] : undefined;
    if (!wait) continue;
    const label = t("lane_waits", { who: wait.by.join(", ") });
    const lastSpan = spans[spans.length - 1];
    if (lastSpan && lastSpan.to === step.n - 1 && lastSpan.label === label) lastSpan.to = step.n;
    else spans.push({ from: step.n - 1, to: step.n, label, labels: [label, t("lane_waits_short")], kind: "wait", thread, dashed: true, row: 0 });
  }
  // a wait begins once the thread stands at the lock, so never over its own steps
  return spans.map((s) => ({ ...s, from: Math.max(s.from, lastOwn(trace, id, s.to)) })).filter((s) => s.to > s.from);
}

function lastOwn(trace: Trace, id: string, before: number): number {
  for (let n = before; n >= 1; n -= 1) if (trace.steps[n - 1]!.thread === id) return n;
  return 0;
}

type Hold = { from: number; thread: number; row: number };

function lockLanes(trace: Trace): Lane[] {
  const lanes = new Map<string, Lane>();
  const open = new Map<string, Map<string, Hold>>();
  const index = (id: string) => trace.threads.findIndex((t) => t.id === id);
  for (const step of trace.steps) {
    for (const [cell, , now] of step.delta) {
      if (!cell.startsWith("lock/")) continue;
      const lane = lanes.get(cell) ?? newLock(cell);
      lanes.set(cell, lane);
      const held = open.get(cell) ?? new Map<string, Hold>();
      open.set(cell, held);
      const holders = new Set(holdersOf(now));
      for (const [who, hold] of [...held]) {
        if (holders.has(who)) continue;
        lane.spans.push({ ...hold, to: step.n, label: who, kind: "hold" });
        held.delete(who);
      }
      for (const who of holders) {
        if (held.has(who)) continue;
        const used = new Set([...held.values()].map((h) => h.row));
        let row = 0;
        while (used.has(row)) row += 1;
        held.set(who, { from: step.n - 1, thread: index(who), row });
        lane.rows = Math.max(lane.rows, row + 1);
      }
    }
  }
  for (const [cell, held] of open) for (const [who, hold] of held) lanes.get(cell)!.spans.push({ ...hold, to: trace.steps.length, label: who, kind: "hold" });
  const found = [...lanes.values()].sort((a, b) => order(a.id) - order(b.id)).slice(0, 6);
  const named = (lane: Lane) => found.filter((other) => other.title === lane.title).length > 1;
  return found.map((lane) => (named(lane) ? { ...lane, title: `${lane.title} ${lane.id.split("/")[2]}` } : lane));
}

const order = (cell: string): number => ["mmap_sem", "ptl", "page_table_lock", "page", "mmlist"].indexOf(cell.split("/")[1]!);
const newLock = (cell: string): Lane => ({ id: cell, title: lockTitle(cell), kind: "lock", rows: 1, spans: [] });

function lockTitle(cell: string): string {
  const [, kind = "", who = ""] = cell.split("/");
  return kind === "page" ? t("lane_page_lock", { pfn: who }) : kind === "page_table_lock" ? t("lane_pt_lock") : kind;
}

function holdersOf(value: Value): string[] {
  if (value === null) return [];
  if (typeof value === "string") return [value];
  const lock = value as Lock;
  return [...(lock.writer ? [lock.writer] : []), ...(lock.readers ?? [])];
}

function pteLane(trace: Trace): Lane {
  const cell = pteCell(trace.focus.mm, trace.focus.address);
  const spans: (Span & { row: number })[] = [];
  let from = 0;
  let writer = -1;
  let value: Value | undefined = trace.cells[cell];
  const close = (to: number) => {
    if (to > from) spans.push({ from, to, label: ptePhrase(trace, value, writer), kind: decodePte(value, trace.arch).none ? "none" : "value", thread: Math.max(0, writer), dashed: decodePte(value, trace.arch).none, row: 0 });
  };
  for (const step of trace.steps) {
    const change = step.delta.find(([c]) => c === cell);
    if (!change) continue;
    close(step.n);
    from = step.n;
    value = change[2];
    writer = trace.threads.findIndex((t) => t.id === step.thread);
  }
  close(trace.steps.length);
  return { id: cell, title: `pte[${trace.focus.page}]`, kind: "pte", rows: 1, spans };
}

function ptePhrase(trace: Trace, value: Value | undefined, writer: number): string {
  const pte = decodePte(value, trace.arch);
  const what = pte.none ? t("none") : pte.present ? pte.pfn : t("not_present");
  return writer < 0 ? what : t("lane_by", { what, who: trace.threads[writer]!.id });
}

// What the TLB of a CPU holds that at some time disagrees with the pte, and from when to when it does.
function staleLanes(trace: Trace): Lane[] {
  const lanes: Lane[] = [];
  const pte = pteCell(trace.focus.mm, trace.focus.address);
  const page = pte.split("/")[2]!;
  for (const cpu of [...new Set(trace.threads.map((t) => t.cpu))].sort()) {
    const tlb = `tlb/${cpu}/${page}`;
    const spans = staleSpans(trace, pte, tlb).map((s) => ({ ...s, thread: Math.max(0, trace.threads.findIndex((t) => t.cpu === cpu)), row: 0 }));
    if (spans.some((s) => s.kind === "stale")) lanes.push({ id: tlb, title: t("lane_cpu_tlb", { cpu }), kind: "stale", rows: 1, spans });
  }
  return lanes;
}

function staleSpans(trace: Trace, pte: string, tlb: string): Span[] {
  const spans: Span[] = [];
  const now: Record<string, Value | undefined> = { [pte]: trace.cells[pte], [tlb]: trace.cells[tlb] };
  let kind = "";
  for (const step of trace.steps) {
    for (const [cell, , value] of step.delta) if (cell in now) now[cell] = value;
    const entry = now[tlb] as TlbEntry | null | undefined;
    const page = decodePte(now[pte], trace.arch);
    const lastSpan = spans[spans.length - 1];
    if (kind) lastSpan!.to = step.n;
    const was = kind;
    kind = !entry || entry.mm !== trace.focus.mm ? "" : !page.present || page.pfn !== entry.pfn || (entry.rw === 1 && !page.writable) ? "stale" : "agrees";
    const label = kind && (kind === "stale" ? t("lane_still", { pfn: entry!.pfn }) : entry!.pfn);
    if (kind && (kind !== was || label !== lastSpan!.label)) spans.push({ from: step.n, to: step.n, label, kind, thread: 0, dashed: kind === "stale" });
  }
  return spans.filter((span) => span.to > span.from);
}
