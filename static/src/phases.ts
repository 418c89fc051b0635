// A thread's steps as the phases that a reader follows: it faults, reads the pte, asks the driver, sets the pte, returns.
import { decodePte } from "./format";
import { named, t } from "./messages";
import type { Step, Trace } from "./types";

// A phase's name, how telling the step is within it, and what to call it, the longest first.
export type Phase = { phase: string; weight: number; labels: string[] };

// Small steps that belong to what comes next, if that comes at once.
const GLUE = /^(pte_unmap|BUG_ON|BUG|add_mm_counter|pfn_valid)$/;
const WEIGHT: Record<string, number> = { access: 7, driver: 6, mm: 5, pte: 4, page: 3, tlb: 3, return: 2, fault: 2, lock: 1 };
const FAULTED = 2.5;
const READ = 4.5;
const WROTE = 9;

export function phasesOf(trace: Trace, steps: Step[]): Phase[] {
  let depth = 0;
  const phases = steps.map((step): Phase => {
    if (step.op === "spin_lock") depth += 1;
    const phase = depth > 0 ? "locked" : phaseOf(step);
    if (step.op === "spin_unlock") depth = Math.max(0, depth - 1);
    return { phase, weight: weightOf(step), labels: labelsOf(trace, step) };
  });
  for (let i = phases.length - 1; i >= 0; i -= 1) {
    if (phases[i]!.phase !== "") continue;
    const next = phases[i + 1];
    const follows = next && steps[i + 1]!.n === steps[i]!.n + 1 && next.phase !== "locked" && next.phase !== "access";
    phases[i]!.phase = follows ? next.phase : "";
  }
  phases.forEach((phase, i) => { phase.phase ||= phases[i - 1]?.phase ?? "fault"; });
  return phases;
}

const faulted = (step: Step): boolean => step.op === "access" && String(step.answer ?? "").startsWith("fault");

function weightOf(step: Step): number {
  if (step.kind === "pte" && step.delta.some(([cell]) => cell.startsWith("pte/"))) return WROTE;
  if (step.kind === "check" && step.verdicts.length > 0) return WROTE;
  if (faulted(step)) return FAULTED;
  if (step.op === "read_pte") return READ;
  return GLUE.test(step.op) ? 0 : (WEIGHT[step.kind] ?? 0);
}

function phaseOf(step: Step): string {
  if (GLUE.test(step.op)) return "";
  if (step.op === "access") return faulted(step) ? "fault" : "access";
  if (step.op === "down_read") return "fault";
  if (step.op === "up_read") return "return";
  return step.op === "down_write" || step.op === "up_write" ? "mm" : step.kind;
}

function labelsOf(trace: Trace, step: Step): string[] {
  if (step.op === "access") return [faulted(step) ? t("phase_faults") : step.args.write ? t("phase_writes") : t("phase_reads")];
  const label = known(step.op) ?? (WEIGHT[step.kind] ? named("phase", step.kind) : "");
  const now = step.op === "set_pte_at" ? step.delta.find(([cell]) => cell.startsWith("pte/"))?.[2] : undefined;
  const pte = now === undefined ? null : decodePte(now, trace.arch);
  return pte?.present ? [t("phase_sets_frame", { pfn: pte.pfn }), label, t("phase_sets")] : [label, named("phase_short", step.kind)].filter((word) => word && word !== step.kind);
}

function known(id: string): string | undefined {
  const said = named("phase", id);
  return said === id ? undefined : said;
}
