// "Who last wrote this, and because of what": answered from the run's own steps.
import { decodePte, hex, lockName, lockTerm, pteCell, vpn } from "./format";
import { named, t } from "./messages";
import type { Player } from "./player";
import type { Lock, Step, TlbEntry, Value } from "./types";

export type Thing = { id: string; name: string; value: string; cell: string; part: (value: Value | undefined) => string; at?: number; level?: string; term?: string };

const whole = (value: Value | undefined): string => JSON.stringify(value ?? null);

// Everything on the panes that somebody may ask about.
export function things(player: Player): Thing[] {
  return [...verdictThings(player), ...pteThings(player), ...frameThings(player), ...lockThings(player), ...tlbThings(player)];
}

function pteThings({ trace, focus, cells }: Player): Thing[] {
  const run = trace.value;
  const at = focus.value;
  if (!run || !at) return [];
  const cell = pteCell(at.mm, at.address);
  const pte = decodePte(cells.value.get(cell), run.arch);
  const frameOf = (value: Value | undefined) => { const p = decodePte(value, run.arch); return p.none ? "" : p.present ? p.pfn : p.rest; };
  return [
    { id: "pte", term: "pte", name: t("why_pte"), value: pte.none ? t("none") : pte.present ? pte.pfn : t("not_present"), cell, part: frameOf },
    ...pte.bits.map((bit, i) => ({
      id: `bit-${bit.name}`, term: `bit ${bit.name}`, name: t("why_bit", { bit: bit.name, title: bit.title }), value: bit.set ? "1" : "0", cell,
      part: (value: Value | undefined) => String(decodePte(value, run.arch).bits[i]!.set),
    })),
  ];
}

function frameThings({ trace, focus, cells }: Player): Thing[] {
  const run = trace.value;
  const at = focus.value;
  if (!run || !at) return [];
  const { present, pfn } = decodePte(cells.value.get(pteCell(at.mm, at.address)), run.arch);
  if (!present) return [];
  const fields = ["kind", "count", "mapcount"].filter((f) => cells.value.get(`page/${pfn}/${f}`) !== undefined);
  const found = fields.map((f) => ({ ...thing(`${f}-${pfn}`, t("why_page", { field: f, pfn }), `page/${pfn}/${f}`, String(cells.value.get(`page/${pfn}/${f}`))), term: f }));
  const contents = cells.value.get(`frame/${pfn}`);
  return contents === undefined ? found : [...found, thing(`contents-${pfn}`, t("why_contents", { pfn }), `frame/${pfn}`, String(contents))];
}

const thing = (id: string, name: string, cell: string, value: string): Thing => ({ id, name, value, cell, part: whole });

function lockThings({ locks, cells }: Player): Thing[] {
  return locks.value.map((cell) => ({ ...thing(cell, t("why_lock", { lock: lockName(cell) }), cell, lockWords(cells.value.get(cell))), term: lockTerm(cell) }));
}

function lockWords(value: Value | undefined): string {
  if (!value) return t("lock_free");
  if (typeof value === "string") return t("lock_held", { who: value });
  const { readers, writer } = value as Lock;
  if (writer) return t("lock_written", { who: writer });
  return readers.length ? t("lock_read", { who: readers.join(", ") }) : t("lock_free");
}

function tlbThings({ trace, focus, cells }: Player): Thing[] {
  const at = focus.value;
  if (!at) return [];
  return [...new Set(trace.value?.threads.map((thread) => thread.cpu) ?? [])].sort().map((cpu) => {
    const cell = `tlb/${cpu}/${hex(vpn(at.address))}`;
    const entry = cells.value.get(cell) as TlbEntry | undefined;
    return { ...thing(cell, t("why_tlb", { cpu }), cell, entry ? `${entry.pfn} ${entry.rw ? "rw" : "r"}` : t("empty")), term: "TLB" };
  });
}

function verdictThings({ trace, position }: Player): Thing[] {
  const found: Thing[] = [];
  for (const step of trace.value?.steps.slice(0, position.value) ?? []) {
    for (const verdict of step.verdicts) found.push({ ...thing(`${verdict.id}-${step.n}`, t("why_verdict"), "", named("verdict", verdict.id)), at: step.n, level: verdict.level });
  }
  return found.slice(-3).reverse();
}

export type Answer = { step: Step; own: Step[] } | null;

// The newest step at or before here that changed this part of the cell, and the steps that it follows from.
export function why({ trace, position }: Player, { cell, part, at }: Thing): Answer {
  const steps = trace.value?.steps ?? [];
  for (let n = at ?? position.value; n >= 1; n -= 1) {
    const step = steps[n - 1]!;
    if (at === undefined && !step.delta.some(([c, was, now]) => c === cell && part(was) !== part(now))) continue;
    return { step, own: step.causes.filter((c) => c < n).slice(-3).map((c) => steps[c - 1]!) };
  }
  return null;
}
