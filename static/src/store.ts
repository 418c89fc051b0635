// The one mutable thing on the page: which run, which step. Panes read it; only this module writes it.
import { computed, effect, signal } from "@preact/signals";
import * as api from "./api";
import { readHash, writeHash } from "./address";
import { Timeline } from "./timeline";
import type { KernelInfo, Listed, RunRequest, Step, Trace, Trouble, Value } from "./types";

export const FLAGSHIP = "two-threads-one-page";

export const trace = signal<Trace | null>(null);
export const position = signal(0);
export const kernels = signal<KernelInfo[]>([]);
export const gallery = signal<Listed[]>([]);
export const trouble = signal<Trouble | null>(null);
export const busy = signal(false);
export const playing = signal(false);
export const speed = signal(1);
export const card = signal<"path" | "entry" | "code" | "threads">("entry");
export const againstParent = signal(true);
export const pickedFrame = signal<number | null>(null);

const timeline = computed(() => (trace.value ? new Timeline(trace.value) : null));

export const last = computed(() => trace.value?.steps.length ?? 0);
export const step = computed<Step | null>(() => trace.value?.steps[position.value - 1] ?? null);

export type Cells = { get(cell: string): Value | undefined; names(): Iterable<string> };
export const cells = computed<Cells>(() => {
  const line = timeline.value;
  line?.seek(position.value);
  return { get: (cell) => line?.cells.get(cell), names: () => line?.cells.keys() ?? [] };
});

// What the panes look at: the page that the newest access or pte step at or before here was about.
export const focus = computed(() => {
  const run = trace.value;
  if (!run) return null;
  for (let n = position.value; n > 0; n -= 1) {
    const { args } = run.steps[n - 1]!;
    if (typeof args.mm === "string" && typeof args.address === "string") {
      return place(run, args.mm, args.address) ?? run.focus;
    }
  }
  return run.focus;
});

function place(run: Trace, mm: string, address: string) {
  const at = BigInt(address);
  const owner = run.processes.find((p) => p.id === mm) ?? run.processes[0];
  for (const vma of owner?.vmas ?? []) {
    const page = Number((at - BigInt(vma.start)) >> 12n);
    if (page >= 0 && page < vma.pages) return { mm, address, vma: vma.id, page };
  }
  return null;
}

// --- moving

export function seek(to: number): void {
  position.value = Math.max(0, Math.min(last.value, to));
  pickedFrame.value = null;
}

export const forward = (): void => seek(position.value + 1);
export const back = (): void => seek(position.value - 1);

export function hop(direction: 1 | -1, wanted: (step: Step) => boolean): void {
  const steps = trace.value?.steps ?? [];
  for (let n = position.value + direction; n >= 1 && n <= steps.length; n += direction) {
    if (wanted(steps[n - 1]!)) return seek(n);
  }
  seek(direction > 0 ? last.value : 0);
}

export const isFault = (s: Step): boolean => s.op === "access";
export const isWait = (s: Step): boolean => Object.keys(s.waiting).length > 0;
export const isVerdict = (s: Step): boolean => s.verdicts.some((v) => v.level === "bad");

// --- running

export async function open(request: RunRequest, at: number | "keep", push = true): Promise<boolean> {
  busy.value = true;
  playing.value = false;
  try {
    const run = await api.run(request);
    const to = at === "keep" ? position.value : at;
    trace.value = run;
    if (run.drift) trouble.value = moved(run.drift);
    seek(to);
    writeHash(run.link, position.value, push);
    return true;
  } catch (error) {
    trouble.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
    return false;
  } finally {
    busy.value = false;
  }
}

function moved(drift: { step: number | null; event: string | null }): Trouble {
  const where = drift.step === null ? "this link" : `step ${drift.step}`;
  const what = drift.event === null ? "the run is not the one it was" : `the first thing that differs: ${drift.event}`;
  return {
    title: "The model has moved since this link was made; this is the run as it is now.",
    errors: [{ where, what, instead: "" }],
  };
}

export function switchKernel(kernel: string): void {
  const run = trace.value;
  if (!run || run.kernel.id === kernel) return;
  trouble.value = null;
  void open({ scenario: run.scenario, kernel }, "keep");
}

export function pick(id: string): void {
  trouble.value = null;
  void open({ gallery: id }, 0);
}

async function fromAddress(): Promise<void> {
  const wanted = readHash();
  trouble.value = null;
  if (wanted && (await open(wanted.request, wanted.step, false))) return;
  if (!trace.value || !wanted) await open({ gallery: FLAGSHIP }, 0, false);
}

export async function start(): Promise<void> {
  window.addEventListener("popstate", () => void fromAddress());
  effect(() => {
    const run = trace.value;
    if (run) writeHash(run.link, position.value, false);
  });
  effect(() => {
    document.title = trace.value?.scenario.title ? `${trace.value.scenario.title} · Faultwalk` : "Faultwalk";
  });
  play();
  await Promise.all([
    fromAddress(),
    api.kernels().then((list) => (kernels.value = list), () => undefined),
    api.scenarios().then((list) => (gallery.value = list), () => undefined),
  ]);
}

// Autoplay: stops at verdicts and at the end.
function play(): void {
  let timer = 0;
  effect(() => {
    clearTimeout(timer);
    if (!playing.value) return;
    const here = step.value;
    const began = here && isVerdict(here) && position.value !== startedAt;
    if (position.value >= last.value || began) {
      playing.value = false;
      return;
    }
    timer = window.setTimeout(forward, 1400 / speed.value);
  });
}

let startedAt = -1;
export function togglePlay(): void {
  startedAt = position.value;
  if (!playing.value && position.value >= last.value) seek(0);
  playing.value = !playing.value;
}
