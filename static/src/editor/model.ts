// The data of a scenario as the form sees it. It may be anything, for it is being written: every look is a careful one.
import type { Trace } from "../types";

type Bag = Record<string, unknown>;
export const bag = (value: unknown): Bag => (value && typeof value === "object" && !Array.isArray(value) ? (value as Bag) : {});
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const bags = (value: unknown): Bag[] => list(value).map(bag);
export const word = (value: unknown): string => (value === undefined || value === null ? "" : String(value));

export type VmaName = { name: string; pages: number; process: number; index: number };
export type Members = { threads: string[]; vmas: VmaName[]; files: string[]; drivers: string[] };

export function membersOf(data: unknown): Members {
  const scenario = bag(data);
  const processes = bags(scenario.processes);
  return {
    threads: processes.flatMap((process) => bags(process.threads).map(({ name }) => word(name))),
    vmas: processes.flatMap((process, p) => bags(process.vmas).map((vma, index) => ({ name: word(vma.name), pages: pagesOf(vma), process: p, index }))),
    files: Object.keys(bag(scenario.files)),
    drivers: Object.keys(bag(scenario.drivers)),
  };
}

export const pagesOf = (vma: Bag): number => Math.max(0, Math.min(4096, Number(vma.pages ?? 16) || 0));

export const VERBS = ["read", "write", "mprotect", "munmap", "truncate", "remap", "fork", "kill"] as const;
export type Verb = (typeof VERBS)[number];
export const verbOf = (act: Bag): Verb => VERBS.find((verb) => act[verb] !== undefined) ?? "read";

export const freeName = (stem: string, taken: string[]): string => {
  for (let n = 1; ; n += 1) if (!taken.includes(n === 1 ? stem : `${stem}${n}`)) return n === 1 ? stem : `${stem}${n}`;
};

export type Turn = { run: string; until: string };
export const turnsIn = (data: unknown): Turn[] => bags(bag(data).schedule).map(({ run, until }) => ({ run: word(run), until: word(until ?? "end") }));

// The order of a run, written down: a turn for each time that another thread moves.
export function turnsOf({ steps }: Trace): Turn[] {
  const turns: Turn[] = [];
  steps.forEach((step, i) => {
    const next = steps[i + 1];
    if (!next) turns.push({ run: step.thread, until: "end" });
    else if (next.thread !== step.thread) turns.push({ run: step.thread, until: `${step.op}#${step.nth}` });
  });
  return turns;
}

// How many steps each turn took in a run, and what was left for the end.
export function lengthsOf({ steps }: Trace, turns: Turn[]): { lengths: number[]; rest: number } {
  const done = new Map<string, number>();
  let at = 0;
  const lengths = turns.map(({ run, until }) => {
    const from = at;
    const [op = "", nth = ""] = until.split("#");
    const enough = () => until !== "end" && (done.get(`${run} ${op}`) ?? 0) >= Number(nth);
    while (at < steps.length && steps[at]!.thread === run && !enough()) {
      const key = `${run} ${steps[at]!.op}`;
      done.set(key, (done.get(key) ?? 0) + 1);
      at += 1;
    }
    return at - from;
  });
  return { lengths, rest: steps.length - at };
}

// What `turn` would say if it were longer by some of its thread's own steps; null if it cannot be.
export function longer({ steps }: Trace, turns: Turn[], turn: number, by: number): string | null {
  const { run } = turns[turn]!;
  const own = steps.filter((step) => step.thread === run).map((step) => `${step.op}#${step.nth}`);
  const { lengths } = lengthsOf({ steps } as Trace, turns);
  const before = turns.slice(0, turn).reduce((sum, other, i) => sum + (other.run === run ? lengths[i]! : 0), 0);
  const to = before + lengths[turn]! + by;
  if (to <= before || to > own.length) return null;
  return to === own.length ? "end" : own[to - 1]!;
}
