// What can be read off a run about its moves: who could move, where threads meet, how a beginning is written down.
import type { Step, Trace } from "../types";

export type Segment = { thread: string; op: string; nth: number };

// Who can move after the first `at` steps; nobody at the end.
export const movers = (run: Trace, at: number): string[] => run.steps[at]?.runnable ?? [];

// What a thread does next is a matter of its own past: any run that goes on from here shows it.
export const nextOf = (run: Trace, at: number, thread: string): Step | undefined => run.steps.slice(at).find((step) => step.thread === thread);

// The beginning of a run by switch points, which outlive a model that has more steps.
export function segments(run: Trace, at: number): Segment[] {
  const found: Segment[] = [];
  for (const { thread, op, nth } of run.steps.slice(0, at)) {
    if (found.at(-1)?.thread === thread) found.pop();
    found.push({ thread, op, nth });
  }
  return found;
}

export const changes = (run: Trace, at: number): number => Math.max(0, segments(run, at).length - 1);

export const scheduleOf = (list: Segment[], then = ""): string =>
  [...list.map(({ thread, op, nth }) => `${thread} until ${op}#${nth}`), ...(then ? [`${then} until end`] : [])].join("; ");

// In an address: A.read_pte.1~B.set_pte_at.2
export const written = (list: Segment[]): string => list.map(({ thread, op, nth }) => `${thread}.${op}.${nth}`).join("~");

export function readSegments(text: string): Segment[] {
  return text.split("~").flatMap((part) => {
    const [, thread, op, nth] = /^([\w-]+)\.(\w+)\.(\d{1,5})$/.exec(part) ?? [];
    return thread && op && nth ? [{ thread, op, nth: Number(nth) }] : [];
  });
}

// What another thread could notice of a step, or decide: ptes, locks that are taken, pages, a driver's next answer. A lock
// that is given back can always be given back at once. mmap_sem matters only where somebody wants it for himself.
const SHARED = /^(pte|lock|page|frame|swap|driver|file)\//;
const RELEASES = /^(spin_unlock|up_read|up_write|unlock_page)$/;
const WRITERS = /\b(munmap|mprotect|remap|fork)\b/;

export function meets(run: Trace, step: Step): boolean {
  if (RELEASES.test(step.op)) return false;
  const alone = !run.threads.some((thread) => thread.program.some((words) => WRITERS.test(words)));
  const shared = (cell: string) => SHARED.test(cell) && !(alone && cell.startsWith("lock/mmap_sem/"));
  return step.reads.some(shared) || step.delta.some(([cell]) => shared(cell));
}
