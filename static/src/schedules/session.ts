// The search for the run on the stage: begun by itself, kept while only the schedule differs.
import { computed, effect } from "@preact/signals";
import { course } from "../schedules";
import { Search } from "../search";
import { mode, open, stage } from "../store";
import type { Trace } from "../types";
import { reordered } from "../whatif";
import type { Found } from "./found";

export const search = new Search<Found>("/api/explorations");
export const question = new Search<Found>("/api/explorations");

const BUDGET = { max_states: 400_000, seconds: 60 };
const QUICK = 3; // seconds: what took longer is not done again for another schedule unless it is wanted

// What all schedules of a scenario share.
function worldOf(run: Trace): string {
  const { title: _t, story: _s, watch_under: _w, schedule: _o, notes: _n, questions: _q, expect: _e, ...rest } = run.scenario;
  return JSON.stringify([rest, run.kernel.id]);
}
// A link brings no expectations: with them, a page that is loaded again would ask another question.
const bodyOf = ({ scenario: { expect: _, ...scenario }, kernel }: Trace) => ({ scenario, kernel: kernel.id, ...BUDGET });

let world = "";
let seen = ""; // the run whose course is asked for, or known

export function begin(): void {
  const run = stage.trace.value;
  if (!run) return;
  seen = run.link;
  course.value = null;
  void search.ask({ ...bodyOf(run), course: true });
}

function look(run: Trace): void {
  if (run.link === seen && (search.found.peek() ?? search.going.peek() ?? search.trouble.peek())) return;
  const same = worldOf(run) === world;
  const found = search.found.peek();
  if (!same) {
    world = worldOf(run);
    search.drop();
    question.drop();
  }
  if (same && found && (found.seconds > QUICK || found.limit)) {
    if (run.link !== seen) course.value = null;
    return;
  }
  begin();
}

// Whether what was open along this run could be known and is not.
export const blank = computed(() => {
  const found = search.found.value;
  return found !== null && found.complete && found.method === "exact" && course.value === null && search.going.value === null && stage.trace.value?.link !== seen;
});

export const ask = (exists: string): void => {
  const run = stage.trace.value;
  if (run) void question.ask({ ...bodyOf(run), exists });
};

// Which outcome the run on the stage comes to, where that is known.
export const mine = computed<number | null>(() => {
  const last = course.value?.open.at(-1);
  return last?.length === 1 ? last[0]! : null;
});

export function replay(link: string, at: number): void {
  const [before, from] = [stage.trace.value, stage.position.value];
  void open({ link }, at).then((opened) => {
    if (!opened) return;
    if (before) reordered(before, from);
    scrollTo({ top: 0 });
  });
}

let started = false;
export function watch(): void {
  if (started) return;
  started = true;
  effect(() => {
    const run = stage.trace.value;
    if (run && mode.value === "schedules") look(run);
    else search.leave();
  });
  effect(() => {
    const found = search.found.value;
    if (found?.course && stage.trace.peek()?.link === seen) course.value = found.course;
  });
}
