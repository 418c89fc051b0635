// How a lane's spans are packed into boxes for the width there is: phases while they have room for a word, else several in one.
import type { Lane, Span } from "./lanes";

export type Scale = (n: number) => number;
export type Drawn = Span & { row: number };
// What is drawn: a box, its inner steps, its word and where that stands.
// said: what may stand in it, the longest first.
export type Box = Drawn & { marks: number[]; said?: string[]; word: string; side: boolean };

const LEAST = 44; // pixels: what a box needs to hold a short word
const MARKED = 7; // pixels a step below which its tick is left out
const CHAR = 6.7;
const PAD = 10;

// grown: how much larger than usual the words are.
export function packed(lane: Lane, x: Scale, grown = 1): Box[] {
  const step = x(1) - x(0);
  const boxes = lane.kind === "thread" ? inPhases(lane.spans, x) : step < 2 ? apart(lane.spans, x) : lane.spans.map(alone);
  const tall = lane.rows === 1;
  const sorted = [...boxes].sort((a, b) => a.from - b.from);
  sorted.forEach((box, i) => {
    if (step < MARKED) box.marks = [];
    const own = x(box.to) - x(box.from) - 2;
    const beside = x(sorted[i + 1]?.from ?? Infinity) - x(box.to);
    const words = (box.said ?? box.labels ?? [box.label]).filter((word) => word);
    const outside = lane.kind === "thread" || lane.kind === "stale";
    const fits = (word: string, room: number) => wide(word) * grown <= room;
    box.word = (tall && words.find((word) => fits(word, own) || (outside && fits(word, beside)))) || "";
    box.side = !fits(box.word, own);
  });
  return boxes;
}

const INSET = 5;

// From where to where a box's word stands.
export function wordSpan(box: Box, x: Scale, grown = 1): [from: number, to: number] {
  const from = box.side ? x(box.to) + 3 : x(box.from) + 1 + INSET;
  return [from, from + box.word.length * CHAR * grown];
}

const wide = (word: string): number => word.length * CHAR + PAD;
const alone = (span: Drawn): Box => ({ ...span, marks: [], word: "", side: false });

function inPhases(spans: Drawn[], x: Scale): Box[] {
  const waits = spans.filter((span) => span.dashed).map(alone);
  const out: Box[] = [];
  let run: Box[] = [];
  const close = () => { out.push(...merged(run, x)); run = []; };
  for (const span of spans) {
    if (span.dashed) continue;
    const last = run[run.length - 1];
    if (last && last.to !== span.from) close();
    const before = run[run.length - 1];
    if (before && before.phase === span.phase && span.phase !== "access") join(before, span);
    else run.push(alone(span));
  }
  close();
  return [...out, ...waits];
}

// The narrowest goes together with its narrower neighbour until all have room for a word.
function merged(run: Box[], x: Scale): Box[] {
  const width = (box: Box | undefined) => (box ? x(box.to) - x(box.from) : Infinity);
  const least = (box: Box, i: number) => (i === run.length - 1 && box.phase === "access" ? 14 : LEAST);
  for (;;) {
    const small = run.map((box, i) => ({ i, over: width(box) - least(box, i) })).filter(({ over }) => over < 0).sort((a, b) => a.over - b.over)[0];
    if (!small || run.length < 2) return run;
    const left = width(run[small.i - 1]) <= width(run[small.i + 1]) ? small.i - 1 : small.i;
    join(run[left]!, run[left + 1]!);
    run.splice(left + 1, 1);
  }
}

// The more telling of the two gives the colour and the word: a box is not named for a part of it.
function join(box: Box, next: Drawn & { marks?: number[]; said?: string[] }): void {
  const more = (next.weight ?? 0) > (box.weight ?? 0);
  box.said = more ? next.said ?? next.labels : (next.weight ?? 0) < (box.weight ?? 0) ? box.said ?? box.labels : [...new Set([...(box.said ?? box.labels ?? []), ...(next.labels ?? [])])];
  box.marks = [...box.marks, next.from, ...(next.marks ?? [])];
  box.to = next.to;
  box.last = next.last ?? next.to;
  box.labels = [...new Set(more ? [...(next.labels ?? []), ...(box.labels ?? [])] : [...(box.labels ?? []), ...(next.labels ?? [])])];
  if (more) [box.kind, box.weight, box.phase] = [next.kind, next.weight, next.phase];
}

// Spans too narrow to be seen apart are drawn as one, so that long runs stay quick.
function apart(spans: Drawn[], x: Scale): Box[] {
  const out: Box[] = [];
  for (const span of spans) {
    const before = out[out.length - 1];
    if (before && before.row === span.row && before.thread === span.thread && !!before.dashed === !!span.dashed && x(span.from) - x(before.to) < 2) before.to = Math.max(before.to, span.to);
    else out.push(alone({ ...span, label: x(span.to) - x(span.from) > 30 ? span.label : "" }));
  }
  return out;
}
