// One run and where it stands. Panes read it through the context; only its own methods move it.
import { batch, computed, effect, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { t } from "./messages";
import { lastUpTo, Timeline } from "./timeline";
import type { Step, Trace, Value } from "./types";

export type Cells = { get(cell: string): Value | undefined };
export type Span = { from: number; to: number; loops: boolean };
export type Focus = { mm: string; address: string; vma: string; page: number };

const BEAT = 1400; // milliseconds a step at normal speed
const SETTLED = 300; // milliseconds after which what moved has come to rest

export class Player {
  readonly trace = signal<Trace | null>(null);
  readonly position = signal(0);
  readonly playing = signal(false);
  readonly speed = signal(1);
  // Which of several runs on one page this is, for labels; "" where there is only one.
  readonly whose = signal("");
  readonly pickedFrame = signal<number | null>(null);
  // What "Why?" is asked about: ids of things, "" for all of them, null for nothing.
  readonly asked = signal<string | null>(null);
  // Where autoplay must halt, and what a step forward may not pass (Predict's open questions).
  readonly halts = signal<ReadonlySet<number>>(new Set());
  readonly barrier = signal<number | null>(null);
  held = (): void => {};
  // What autoplay keeps to: steps from and to, and whether it begins again at the end.
  readonly span = signal<Span | null>(null);
  // Whether what has not happened yet is hidden.
  readonly blind = signal(false);

  private readonly timeline = computed(() => (this.trace.value ? new Timeline(this.trace.value) : null));
  readonly last = computed(() => this.trace.value?.steps.length ?? 0);
  readonly step = computed<Step | null>(() => this.trace.value?.steps[this.position.value - 1] ?? null);

  // The class of the thread that acts: what a step changes has its colour.
  readonly actor = computed(() => `t${Math.max(0, this.trace.value?.threads.findIndex((t) => t.id === this.step.value?.thread) ?? 0) % 8}`);

  // Of the whole run, for panes that would search it at each step.
  readonly verdicts = computed(() => (this.trace.value?.steps ?? []).filter(isVerdict));
  readonly locks = computed(() => [...new Set((this.trace.value?.steps ?? []).flatMap((s) => s.delta.map(([cell]) => cell)).filter((cell) => cell.startsWith("lock/")))]);

  // Whether its steps use frames with a struct page, whose counts take a line more.
  readonly counted = computed(() => (this.trace.value?.steps ?? []).some((s) => s.delta.some(([cell]) => cell.startsWith("page/"))));

  readonly cells = computed<Cells>(() => {
    const line = this.timeline.value;
    const at = this.position.value;
    return { get: (cell) => line?.get(cell, at) };
  });
  private readonly moves = computed(() => {
    const byThread = Map.groupBy(this.trace.value?.steps ?? [], (s) => s.thread);
    return new Map([...byThread].map(([thread, steps]) => [thread, { steps, at: steps.map((s) => s.n) }]));
  });

  // A thread's newest step at or before here.
  latest(thread: string): Step | undefined {
    const moves = this.moves.value.get(thread);
    return moves?.steps[lastUpTo(moves.at, this.position.value)];
  }

  // Steps that follow each other faster than motion lasts are shown without it.
  readonly swift = signal(false);
  private movedWhen = -SETTLED;

  // What the panes look at: the page that the newest access or pte step at or before here was about.
  readonly focus = computed<Focus | null>(() => {
    const run = this.trace.value;
    if (!run) return null;
    for (let n = this.position.value; n > 0; n -= 1) {
      const { args } = run.steps[n - 1]!;
      if (typeof args.mm === "string" && typeof args.address === "string") return this.placed(run, args.mm, args.address);
    }
    return run.focus;
  });

  // One place is one object, so that whoever reads it is told only of another place.
  private readonly places = computed(() => ({ run: this.trace.value, known: new Map<string, Focus>() }));
  private placed(run: Trace, mm: string, address: string): Focus {
    const { known } = this.places.value;
    const key = `${mm} ${address}`;
    const found = known.get(key) ?? place(run, mm, address) ?? run.focus;
    known.set(key, found);
    return found;
  }

  show(run: Trace, at: number): void {
    this.trace.value = run;
    this.seek(at);
  }

  seek(to: number): void {
    const barrier = this.barrier.value ?? Infinity;
    const most = Math.min(this.last.value, barrier);
    if (to >= barrier && this.position.peek() === barrier) this.held();
    const now = performance.now();
    batch(() => {
      this.position.value = Math.max(0, Math.min(most, to));
      this.pickedFrame.value = null;
      this.swift.value = now - this.movedWhen < SETTLED;
    });
    this.movedWhen = now;
  }

  readonly forward = (): void => this.seek(this.position.value + 1);
  readonly back = (): void => this.seek(this.position.value - 1);

  hop(direction: 1 | -1, wanted: (step: Step) => boolean): void {
    const steps = this.trace.value?.steps ?? [];
    for (let n = this.position.value + direction; n >= 1 && n <= steps.length; n += direction) {
      if (wanted(steps[n - 1]!)) return this.seek(n);
    }
    this.seek(direction > 0 ? this.last.value : 0);
  }

  private startedAt = -1;
  private direction: 1 | -1 = 1;
  readonly togglePlay = (direction: 1 | -1 = 1): void => {
    if (!this.playing.value && direction > 0 && this.position.value === this.barrier.value) return this.held();
    this.startedAt = this.position.value;
    const [start, end] = this.ends(direction);
    if (!this.playing.value && this.position.value === end) this.seek(start);
    this.direction = direction;
    this.playing.value = !this.playing.value;
  };

  private ends(direction: 1 | -1): [start: number, end: number] {
    const { from, to } = this.span.value ?? { from: 0, to: this.last.value };
    const last = Math.min(to, this.last.value);
    return direction > 0 ? [from, last] : [last, from];
  }

  // Autoplay, either way: halts at verdicts, at questions and at the end. Answers how to stop it for good.
  run(): () => void {
    let timer = 0;
    return effect(() => {
      clearTimeout(timer);
      if (!this.playing.value) return;
      const at = this.position.value;
      const now = this.step.value;
      const began = at !== this.startedAt && (this.halts.value.has(at) || (now !== null && isVerdict(now)));
      const [start, end] = this.ends(this.direction);
      const over = at === end || at === (this.direction > 0 ? this.last.value : 0);
      const held = this.direction > 0 && at === this.barrier.value;
      if (held || start === end || (!this.span.value?.loops && (over || began))) {
        this.playing.value = false;
        return;
      }
      const go = over ? () => this.seek(start) : this.direction > 0 ? this.forward : this.back;
      timer = window.setTimeout(go, BEAT / this.speed.value);
    });
  }
}

function place(run: Trace, mm: string, address: string): Focus | null {
  const at = BigInt(address);
  const owner = run.processes.find((p) => p.id === mm) ?? run.processes[0];
  for (const vma of owner?.vmas ?? []) {
    const page = Number((at - BigInt(vma.start)) >> 12n);
    if (page >= 0 && page < vma.pages) return { mm, address, vma: vma.id, page };
  }
  return null;
}

export const isFault = (s: Step): boolean => s.op === "access";
export const isWait = (s: Step): boolean => Object.keys(s.waiting).length > 0;
export const isVerdict = (s: Step): boolean => s.verdicts.some((v) => v.level === "bad");

// A pane's label, told apart from the same pane of another run.
export const labelled = (label: string, { whose }: Player): string => (whose.value ? t("of_run", { label, whose: whose.value }) : label);

export const PlayerContext = createContext<Player | null>(null);

export function usePlayer(): Player {
  const player = useContext(PlayerContext);
  if (!player) throw new Error("a pane stands outside a player");
  return player;
}
