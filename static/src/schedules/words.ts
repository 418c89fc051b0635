// What is said in this pane: numbers, ends of runs, rules.
import { decodePte, number } from "../format";
import { language, named, t } from "../messages";
import type { Arch, Trace } from "../types";
import type { Outcome } from "./found";

const NUMBER = new Intl.NumberFormat(language());
export const digits = (n: number | string): string => NUMBER.format(typeof n === "string" ? BigInt(n) : n);
export const listed = (items: string[]): string => new Intl.ListFormat(language()).format(items);

type Counted = "outcomes" | "states" | "schedules" | "steps" | "switches" | "rules";
export const many = (what: Counted, n: number | string): string => t(`sched_n_${what}${String(n) === "1" ? "_1" : ""}`, { n: digits(n) });

export const ruleName = (rule: string): string => named("verdict", rule);
export const ruleNames = (rules: string[]): string => listed(rules.map((rule) => t("rule_quoted", { rule: ruleName(rule) })));

// What one thread was told: codes of its faults, signals, bugs, waiting for ever.
// A signal, as in the gallery, is no broken rule; nor is an mmap that fails.
export function toldWords(outcome: Outcome, thread: string): { text: string; sign: string } {
  const codes = outcome.returns[thread] ?? [];
  const ended = [outcome.signals[thread] && named("came", outcome.signals[thread]), outcome.bugs[thread] ? "BUG" : "", outcome.stuck.includes(thread) ? t("sched_stuck") : ""].filter(Boolean) as string[];
  return { text: [...(codes.length || ended.length ? codes : [t("sched_no_fault")]), ...ended].join(", "), sign: outcome.bugs[thread] || outcome.stuck.includes(thread) ? "⬣" : outcome.signals[thread] === "MMAP_FAILED" ? "◇" : outcome.signals[thread] ? "◆" : "" };
}

type Access = { write: boolean; frame: string; value: string };
const ACCESS = /^(read|write) frame (\w+): (\w+)$/;
function access(text: string): Access {
  const [, verb, frame = text, value = ""] = ACCESS.exec(text) ?? [];
  return { write: verb === "write", frame, value };
}

// "reads 0x7000a with B's write, twice": contents by who wrote them, the same thing once.
export function sawWords(outcome: Outcome, thread: string): string {
  const writer = new Map<string, string>();
  for (const [who, texts] of Object.entries(outcome.saw)) for (const one of texts.map(access)) if (one.write) writer.set(one.value, who);
  const said = (outcome.saw[thread] ?? []).map(access).map(({ write, frame, value }) => {
    if (write) return t("sched_writes", { frame });
    const who = writer.get(value);
    if (who) return who === thread ? t("sched_reads_own", { frame }) : t("sched_reads_of", { frame, who });
    return untouched(frame, value) ? t("sched_reads", { frame }) : t("sched_reads_value", { frame, value });
  });
  const runs: { text: string; n: number }[] = [];
  for (const text of said) {
    const last = runs[runs.length - 1];
    if (last?.text === text) last.n += 1;
    else runs.push({ text, n: 1 });
  }
  return runs.map(({ text, n }) => (n > 1 ? t("sched_times", { text, n }) : text)).join(", ") || t("sched_saw_nothing");
}

const untouched = (frame: string, value: string): boolean => value === "0x0" || (value.startsWith("0xde") && frame.startsWith("0x") && value.endsWith(frame.slice(2)));

// "mspec[3]: 0x7000b, dirty"; a frame of the page allocator is named in order of mention.
export function pteWords(cell: string, text: string, run: Trace): string {
  const [frame, flags] = text.split(" ");
  const known = frame!.startsWith("0x") && !flags;
  const pte = decodePte(known ? text : `0x${(number(flags!.replace("+NX", "")) & 0xfffn).toString(16)}`, run.arch as Arch);
  const where = placeOf(cell, run);
  if (!pte.present) return t("sched_pte", { where, frame: t("not_present"), bits: text });
  const bit = (name: string) => pte.bits.some((b) => b.name === name && b.set);
  const bits = [pte.writable ? "" : t("sched_read_only"), bit("D") ? t("sched_dirty") : t("sched_clean"), bit("A") ? "" : t("sched_unused")].filter(Boolean);
  return t("sched_pte", { where, frame: known ? pte.pfn : frame!, bits: bits.join(", ") });
}

// A pte's cell, or a TLB's, as a place of the scenario.
export function placeOf(cell: string, run: Trace): string {
  const [, mm, page = "0x0"] = cell.split("/");
  const owner = run.processes.find((p) => p.id === mm);
  const at = BigInt(page) << 12n;
  const vma = (owner ?? run.processes[0])?.vmas.find((v) => at >= BigInt(v.start) && at < BigInt(v.start) + (BigInt(v.pages) << 12n));
  const name = vma ? `${vma.id}[${(at - BigInt(vma.start)) >> 12n}]` : page;
  return run.processes.length > 1 && owner ? `${owner.id}/${name}` : name;
}

export const staleWords = (cells: string[]): string[] => cells.map((cell) => t("sched_stale", { cpu: cell.split("/")[1] ?? "" }));
