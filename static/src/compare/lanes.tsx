// The threads of both runs on one axis: the left run's above the right run's, with gaps where a side stands still.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { threadLanes } from "../lanes";
import type { Lane } from "../lanes";
import { plainText } from "../markup";
import { t } from "../messages";
import { packed } from "../packing";
import type { Drawn, Scale } from "../packing";
import { Body, Hatch, Word } from "../spans";
import { theme } from "../theme";
import type { Row, Trace } from "../types";
import { pair } from "./pair";
import type { Which } from "./pair";

const TOP = 36;
const SIGN = 27;
const HEAD = 20;
const END = 12;
const GAP = 4;
const BETWEEN = 9;

type Group = { which: Which; run: Trace; lanes: Lane[]; rowOf: number[] };

export function PairLanes() {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(1000);
  const said = useComputed(() => t("spoken_places", { n: pair.row.value, of: pair.last.value, what: spokenSides() }));
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => (width.value = Math.max(200, entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const at = (event: PointerEvent) => {
    const rect = box.current!.getBoundingClientRect();
    const left = leftOf(rect.width);
    pair.seek(Math.round(((event.clientX - rect.left - left) / (rect.width - left - END)) * pair.last.value));
  };
  return (
    <section class="lanes" aria-label={t("lanes_of_both")}>
      <div
        ref={box}
        class="scrubber"
        role="slider"
        tabIndex={0}
        aria-label={t("place")}
        aria-valuemin={0}
        aria-valuemax={pair.last}
        aria-valuenow={pair.row}
        aria-valuetext={said}
        onPointerDown={(e) => { box.current!.setPointerCapture(e.pointerId); at(e); }}
        onPointerMove={(e) => box.current!.hasPointerCapture(e.pointerId) && at(e)}
      >
        <Drawing width={width.value} />
      </div>
    </section>
  );
}

const leftOf = (width: number): number => (width < 600 ? 24 : 76);

const spokenSides = (): string =>
  pair.sides.map((side) => `${pair.nameOf(side.which)}: ${side.step.value ? `${t("step_n", { n: side.position.value })}, ${plainText(side.step.value.what)}` : t("not_begun")}`).join(" ");

// Everything but the playhead is drawn once a comparison.
function Drawing({ width }: { width: number }) {
  const groups = useComputed(() => pair.sides.flatMap(({ which, trace }) => (trace.value ? [groupOf(which, trace.value, pair.rows.value)] : []))).value;
  const total = pair.last.value;
  if (groups.length < 2) return null;
  const left = leftOf(width);
  const x: Scale = (n) => left + ((width - left - END) * Math.min(n, total)) / Math.max(1, total);
  const most = width < 600 ? 3 : 8;
  let y = TOP;
  const placed = groups.map((group) => {
    const top = y;
    const lanes = group.lanes.slice(0, most);
    const height = group.lanes.length > 3 ? 17 : 21;
    y += HEAD + lanes.length * (height + GAP) + BETWEEN - GAP;
    return { group, top, lanes, height };
  });
  const bottom = y - BETWEEN + 4;
  const rows = placed.flatMap(({ lanes, top, height }) => lanes.map((lane, i) => ({ lane, boxes: packed(lane, x, theme.value === "projector" ? 1.18 : 1), top: top + HEAD + i * (height + GAP), height })));
  return (
    <svg width={width} height={bottom + 4} class="lane-svg" aria-hidden="true">
      <Hatch />
      <Ruler total={total} x={x} />
      {placed.map(({ group, top }) => (
        <g key={group.which}>
          {group.which === 1 && <line x1={0} x2={width} y1={top - 3} y2={top - 3} class="parted-line" />}
          <text x={0} y={top + 14} class="lane-name side-name">{pair.nameOf(group.which)}</text>
          <Verdicts group={group} x={x} y={top + 4} />
        </g>
      ))}
      {rows.map(({ lane, top, height }, i) => <text key={i} x={0} y={top + height / 2 + 4} class={`lane-name t${lane.thread! % 8}`}>{width < 600 ? lane.id : lane.title}</text>)}
      {rows.map(({ boxes, ...row }, i) => boxes.map((box, k) => <Body key={`${i}/${k}`} box={box} x={x} {...row} />))}
      <Future x={x} bottom={bottom} width={width} under />
      {rows.map(({ boxes, ...row }, i) => boxes.map((box, k) => <Word key={`${i}/${k}`} box={box} x={x} {...row} />))}
      <Future x={x} bottom={bottom} width={width} />
      <Playhead x={x} bottom={bottom} width={width} />
      <Mark x={x} bottom={bottom} width={width} heads={placed.map(({ group, top }) => [group.which, top + 14])} />
    </svg>
  );
}

// Spans in places instead of steps; one that the other side's steps interrupt is in pieces.
function groupOf(which: Which, run: Trace, rows: Row[]): Group {
  const rowOf: number[] = [0];
  rows.forEach((row, n) => { if (row[which] >= rowOf.length) rowOf[row[which]] = n; });
  const lanes = threadLanes(run).map((lane) => ({ ...lane, spans: lane.spans.flatMap((span) => pieces(span, rowOf)) }));
  return { which, run, lanes, rowOf };
}

function pieces(span: Drawn, rowOf: number[]): Drawn[] {
  const out: Drawn[] = [];
  for (let n = span.from + 1; n <= span.to; n += 1) {
    const row = rowOf[n]!;
    const before = out[out.length - 1];
    if (before && before.to === row - 1) [before.to, before.last] = [row, n];
    else out.push({ ...span, from: row - 1, to: row, first: n, last: n });
  }
  return out;
}

function Ruler({ total, x }: { total: number; x: Scale }) {
  const room = (x(total) - x(0)) / 44;
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].find((e) => total / e <= room) ?? 20000;
  const marks = Array.from({ length: Math.floor(total / every) + 1 }, (_, i) => i * every);
  return <>{marks.map((n) => <g key={n}><text x={x(n)} y={11} class="tick" text-anchor="middle">{n}</text><line x1={x(n)} x2={x(n)} y1={15} y2={18} class="tickline" /></g>)}</>;
}

function Verdicts({ group, x, y }: { group: Group; x: Scale; y: number }) {
  const bad = group.run.steps.filter((s) => s.verdicts.some((v) => v.level === "bad")).slice(0, 100);
  return <>{bad.map((s) => <path key={s.n} class="glyph" transform={`translate(${x(group.rowOf[s.n]!) - 6} ${y})`} d="M4 0h4l4 4v4l-4 4H4L0 8V4z"><title>{`${t("step_n", { n: s.n })}: ${plainText(s.verdicts.find((v) => v.level === "bad")!.text)}`}</title></path>)}</>;
}

// Where the runs part, and what each does there, on the side of the line that has more room.
function Mark({ x, bottom, width, heads }: { x: Scale; bottom: number; width: number; heads: [Which, number][] }) {
  const first = pair.first.value;
  if (!first) return null;
  const here = x(first.row);
  const toLeft = here > width / 2;
  const room = (toLeft ? here - 60 : width - here) - 18;
  return (
    <g class="parting-mark">
      <line x1={here} x2={here} y1={SIGN + 8} y2={bottom} />
      <circle cx={here} cy={SIGN} r={8} />
      <path d={`M${here - 3.5} ${SIGN - 2}h7M${here - 3.5} ${SIGN + 2}h7M${here + 2.5} ${SIGN - 5}l-5 10`} />
      <text class="parting-name" x={toLeft ? here - 13 : here + 13} y={SIGN + 4} text-anchor={toLeft ? "end" : "start"}>{t("first_difference")}</text>
      {width >= 600 && heads.map(([which, y]) => {
        const side = which === 0 ? first.left : first.right;
        const words = fitted(side ? plainText(side.what) : t("has_ended"), room);
        return <text key={which} x={toLeft ? here - 11 : here + 11} y={y} text-anchor={toLeft ? "end" : "start"}>{words}</text>;
      })}
    </g>
  );
}

function fitted(text: string, room: number): string {
  const most = Math.floor(room / 6.1);
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1)).trimEnd()}…`;
}

type Plot = { x: Scale; bottom: number; width: number };

// Before the first step nothing is veiled: it is the map of the difference.
function Future({ x, bottom, width, under = false }: Plot & { under?: boolean }) {
  const at = pair.row.value;
  if (at === 0) return null;
  return <g class="moving" transform={`translate(${x(at)} 0)`}><rect y={TOP - 1} width={width} height={bottom - TOP + 1} class={under ? "future under" : "future"} /></g>;
}

function Playhead({ x, bottom, width }: Plot) {
  const at = pair.row.value;
  const here = x(at);
  const wide = Math.max(22, String(at).length * 7 + 10);
  const knob = Math.min(Math.max(here - wide / 2, 0), width - wide);
  return (
    <>
      <g class="moving" transform={`translate(${here} 0)`}><line y1={14} y2={bottom} class="playhead halo" /><line y1={14} y2={bottom} class="playhead" /></g>
      <g class="moving" transform={`translate(${knob + wide / 2} 0)`}><rect x={-wide / 2} width={wide} height={15} rx="7.5" class="knob" /><text y={11} class="knob-text" text-anchor="middle">{String(at)}</text></g>
    </>
  );
}
