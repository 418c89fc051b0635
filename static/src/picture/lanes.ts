// Threads, the pte, stale TLBs and locks over time, up to the cursor and, paler, beyond it.
import type { Lane } from "../lanes";
import { t } from "../messages";
import type { Box as Span, Scale } from "../packing";
import { isVerdict } from "../player";
import type { Player } from "../player";
import type { Trace } from "../types";
import type { Colours, Tone } from "./colours";
import { cut, line, path, rect, text, wide } from "./marks";
import type { Look, Mark } from "./marks";
import { lanesOf, packed } from "./readers";
import type { Box } from "./view";

const SIZES = { thread: 30, pte: 21, stale: 19, lock: 18 };
const ROW = 9;
const GAP = 8;
const RULER = 32;
const WORD = 12;
const PALE = 0.5;
const PALE_FILLS = /^(fault|return|access|mm)$/;
const MOST = 1.5; // how much larger lanes are where there are few

const known = new WeakMap<Trace, Lane[]>();

// While something is to be predicted, what the lanes hold is read off the run up to here: the rest is not in the picture.
function lanesUpTo(run: Trace, n: number, blind: boolean): Lane[] {
  const all = known.get(run) ?? lanesOf(run);
  known.set(run, all);
  if (!blind) return all;
  const past = new Map(lanesOf({ ...run, steps: run.steps.slice(0, n) }).map((lane) => [lane.id, lane.spans]));
  return all.map((lane) => ({ ...lane, spans: past.get(lane.id) ?? [] }));
}

export function lanes(player: Player, { x: left, y, w, h }: Box, c: Colours): Mark[] {
  const run = player.trace.value!;
  const blind = player.blind.value;
  const at = player.position.value;
  const all = lanesUpTo(run, at, blind);
  const title = (lane: Lane): string => (blind && lane.kind === "stale" ? t("lane_tlbs") : lane.title);
  const longest = Math.max(...all.map((lane) => wide([{ text: title(lane), fill: "", weight: 600 }], 14)));
  const start = left + Math.min(180, Math.max(92, longest + 16));
  const steps = Math.max(1, run.steps.length);
  const x: Scale = (n) => start + ((left + w - start) * Math.min(n, steps)) / steps;
  const tall = (lane: Lane): number => (lane.kind === "lock" && lane.rows > 1 ? ROW * lane.rows : SIZES[lane.kind]);
  const used = all.reduce((sum, lane) => sum + tall(lane) + GAP, -GAP);
  const scale = Math.min(MOST, (h - RULER) / used);
  const marks = ruler(run, x, y, c);
  const veiled: Mark[] = [];
  const words: Mark[] = [];
  let top = y + RULER;
  for (const lane of all) {
    const height = tall(lane) * scale;
    const size = Math.min(14, height * 0.95);
    const tone = lane.kind === "thread" ? c.threads[lane.thread! % 8]!.me : c.soft;
    marks.push(text(left, top + height / 2 + size * 0.36, size, cut([{ text: title(lane), fill: tone, weight: 600 }], size, start - left - 8)));
    for (const span of packed(lane, x, WORD / 11)) {
      veiled.push(...body(lane, span, top, height, x, c));
      words.push(...word(span, top, height, x, c, lane, at));
    }
    top += height + GAP * scale;
  }
  const end = top - GAP * scale;
  const here = x(at);
  const veil = at < steps ? [rect(here, y + RULER - 2, left + w - here + 2, end - y - RULER + 4, 0, { fill: c.paper, opacity: PALE })] : [];
  return [...marks, ...veiled, ...(blind ? [] : veil), line(here, y + 15, here, end + 3, { stroke: c.paper, width: 5, opacity: 0.8 }), ...words, ...(blind ? withheld(here, left + w, y + RULER, end, c) : []), ...cursor(at, here, y, end, left + w, c), ...octagons(run, x, y, blind ? at : steps, c)];
}

function ruler(run: Trace, x: Scale, y: number, c: Colours): Mark[] {
  const total = run.steps.length;
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((one) => total / one <= (x(total) - x(0)) / 44) ?? 10000;
  return Array.from({ length: Math.floor(total / every) + 1 }, (_, i) => i * every).flatMap((n) => [
    text(x(n), y + 11, 12, [{ text: String(n), fill: c.faint, mono: true }], "middle"),
    line(x(n), y + 16, x(n), y + 20, { stroke: c.rule }),
  ]);
}

type Shape = { x: number; y: number; w: number; h: number };

function body(lane: Lane, span: Span, top: number, height: number, x: Scale, c: Colours): Mark[] {
  const thin = lane.rows > 1;
  const h = thin ? height / lane.rows - 2 : height;
  const place: Shape = { x: x(span.from) + 1, y: top + (thin ? (span.row * height) / lane.rows : 0), w: Math.max(1.5, x(span.to) - x(span.from) - 2), h };
  const tone = c.threads[span.thread % 8]!;
  const marks = [rect(place.x, place.y, place.w, place.h, Math.min(5, place.h / 2, place.w / 3), looks(lane, span, tone, c))];
  if (!span.dashed && span.thread % 3 > 0) marks.push(pattern(span.thread % 3, foot(place), c));
  const ticks = span.marks.map((n) => `M${x(n).toFixed(2)} ${(place.y + 1).toFixed(2)}v5`).join("");
  if (ticks) marks.push(path(ticks, { stroke: PALE_FILLS.test(span.kind) ? tone.me : c.shade, opacity: 0.4 }));
  return marks;
}

function looks(lane: Lane, span: Span, tone: Tone, c: Colours): Look {
  if (span.kind === "agrees") return { fill: c["rule-2"], stroke: c.faint, width: 1 };
  if (lane.kind === "stale") return { fill: c["bad-wash"], stroke: c.bad, width: 1.4, dash: "4 3" };
  if (span.dashed) return { stroke: span.kind === "none" ? c.faint : tone.me, width: 1.4, dash: "4 3" };
  if (PALE_FILLS.test(span.kind)) return { fill: tone.wash, stroke: tone.me, width: 0.9 };
  return { fill: tone.fill };
}

// A pattern tells the threads apart without colour; where there are words it is the box's foot.
const foot = ({ x, y, w, h }: Shape): Shape => (h >= 14 ? { x: x + 1, y: y + h - 6, w: w - 2, h: 5 } : { x, y, w, h });

function pattern(kind: number, { x, y, w, h }: Shape, c: Colours): Mark {
  const d: string[] = [];
  const f = (n: number): string => n.toFixed(1);
  if (kind === 1) for (let at = x; at + h <= x + w; at += 7) d.push(`M${f(at)} ${f(y + h)}l${f(h)} ${f(-h)}`);
  else for (let at = x + 2; at + 3 <= x + w; at += 6) d.push(`M${f(at)} ${f(y + h / 2)}h2`);
  return path(d.join(""), { stroke: c.shade, width: 2, opacity: 0.28 });
}

function word(span: Span, top: number, height: number, x: Scale, c: Colours, lane: Lane, at: number): Mark[] {
  if (!span.word) return [];
  const tone = c.threads[span.thread % 8]!;
  const plain = span.dashed || PALE_FILLS.test(span.kind) || c.dark;
  const fill = span.kind === "agrees" ? c.soft : lane.kind === "stale" ? c.bad : span.side ? tone.me : plain ? c.ink : c["on-fill"];
  const size = Math.min(WORD, height * 0.8);
  const mark = text(span.side ? x(span.to) + 3 : x(span.from) + 6, top + height / 2 + size * 0.34, size, [{ text: span.word, fill: span.from >= at ? faded(fill, c) : fill, weight: 600, mono: true }]);
  return [mark];
}

// Words of what is still to come, as pale as can still be read.
const faded = (fill: string, c: Colours): string => (fill === c["on-fill"] || fill === c.ink ? c.soft : fill);

function withheld(here: number, right: number, top: number, end: number, c: Colours): Mark[] {
  if (right - here < 6) return [];
  const said = [{ text: t("drawn_as_you_step"), fill: c.faint }];
  const veil = rect(here + 4, top, right - here - 4, end - top, 8, { fill: c["rule-2"] });
  return wide(said, 15) + 40 > right - here ? [veil] : [veil, text((here + right) / 2, (top + end) / 2 + 5, 15, said, "middle")];
}

function cursor(at: number, here: number, y: number, end: number, right: number, c: Colours): Mark[] {
  const said = [{ text: String(at), fill: c.paper, weight: 700, mono: true }];
  const w = Math.max(26, wide(said, 12) + 12);
  const x = Math.min(here - w / 2, right + 14 - w);
  return [
    line(here, y + 15, here, end + 3, { stroke: c.ink, width: 1.8 }),
    rect(x, y - 1, w, 17, 8.5, { fill: c.ink }),
    text(x + w / 2, y + 11.6, 12, said, "middle"),
  ];
}

function octagons(run: Trace, x: Scale, y: number, last: number, c: Colours): Mark[] {
  const bad = run.steps.slice(0, last).filter(isVerdict).slice(0, 100);
  return bad.map((step) => path(`M${(x(step.n) - 2.5).toFixed(2)} ${y + 17}h5l3.5 3.5v5l-3.5 3.5h-5l-3.5-3.5v-5z`, { fill: c.bad, stroke: c.paper, width: 1.5 }));
}
