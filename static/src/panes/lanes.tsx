// Threads, locks, the pte and stale TLBs over time. The whole area is the scrubber.
import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { lanesOf } from "../lanes";
import type { Lane } from "../lanes";
import { last, position, seek, step, trace } from "../store";
import { plainText } from "../markup";
import type { Trace } from "../types";

const lanes = computed(() => (trace.value ? lanesOf(trace.value) : []));
const width = signal(1000);
const LEFT = 104;
const TOP = 24;

const heightOf = (lane: Lane): number => ({ thread: 26, lock: lane.rows > 1 ? 9 * lane.rows : 16, pte: 18, stale: 16 })[lane.kind];

export function Lanes() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => (width.value = Math.max(200, entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const at = (event: PointerEvent) => {
    const rect = box.current!.getBoundingClientRect();
    seek(Math.round(((event.clientX - rect.left - left.value) / (rect.width - left.value - 8)) * last.value));
  };
  return (
    <section class="lanes threads" aria-label="Threads and locks over time">
      <div
        ref={box}
        class="scrubber"
        role="slider"
        tabIndex={0}
        aria-label="Step"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={position}
        aria-valuetext={said}
        onPointerDown={(e) => { box.current!.setPointerCapture(e.pointerId); at(e); }}
        onPointerMove={(e) => box.current!.hasPointerCapture(e.pointerId) && at(e)}
      >
        <Drawing />
      </div>
    </section>
  );
}

const left = computed(() => (width.value < 600 ? 64 : LEFT));
const said = computed(() => `step ${position.value} of ${last.value}. ${step.value ? plainText(step.value.what) : ""}`);

// Reads the run and the width only: a step moves the playhead and redraws nothing else.
function Drawing() {
  const run = trace.value;
  if (!run) return null;
  const x = (n: number) => left.value + ((width.value - left.value - 8) * n) / Math.max(1, run.steps.length);
  let y = TOP;
  const placed = lanes.value.map((lane) => {
    const top = y;
    y += heightOf(lane) + 9;
    return { lane, top };
  });
  const narrow = left.value < LEFT;
  return (
    <svg width={width.value} height={y + 2} class="lane-svg" aria-hidden="true">
      <Hatch />
      <Ruler run={run} x={x} />
      {placed.map(({ lane, top }) => <LaneRow key={lane.id} lane={lane} top={top} x={x} narrow={narrow} />)}
      <Glyphs run={run} x={x} />
      <Playhead x={x} bottom={y} />
    </svg>
  );
}

type Scale = (n: number) => number;

// Where the run stands; what has not happened yet is paler.
function Playhead({ x, bottom }: { x: Scale; bottom: number }) {
  const here = x(position.value);
  return (
    <>
      <rect x={here} y={TOP - 1} width={Math.max(0, width.value - here)} height={bottom} class="future" />
      <line x1={here} x2={here} y1={12} y2={bottom} class="playhead" />
      <circle cx={here} cy={12} r="5.5" class="knob" />
    </>
  );
}

function Hatch() {
  return (
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6" class="hatch-ink" /></pattern>
      <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1.2" class="hatch-ink" /></pattern>
    </defs>
  );
}

function Ruler({ run, x }: { run: Trace; x: Scale }) {
  const total = run.steps.length;
  const room = (x(total) - x(0)) / 44;
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((e) => total / e <= room) ?? 10000;
  const marks = Array.from({ length: Math.floor(total / every) + 1 }, (_, i) => i * every);
  return <>{marks.map((n) => <g key={n}><text x={x(n)} y={10} class="tick" text-anchor="middle">{n}</text><line x1={x(n)} x2={x(n)} y1={14} y2={18} class="tickline" /></g>)}</>;
}

function LaneRow({ lane, top, x, narrow }: { lane: Lane; top: number; x: Scale; narrow: boolean }) {
  const h = heightOf(lane);
  const title = narrow ? lane.title.replace("thread ", "") : lane.title;
  return (
    <g>
      <text x={0} y={top + h / 2 + 4} class={lane.kind === "thread" ? `lane-name t${lane.thread! % 8}` : "lane-name"}>{title}</text>
      {merged(lane, x).map((span, i) => {
        const rowH = lane.rows > 1 ? 7 : h;
        const sy = top + (lane.rows > 1 ? span.row * 9 : 0);
        const sw = Math.max(1.5, x(span.to) - x(span.from) - 2);
        const label = fit(span.label, sw);
        return (
          <g key={i} class={`span ${lane.kind} ${span.kind} t${span.thread % 8} ${span.dashed ? "dashed" : ""}`}>
            <rect x={x(span.from) + 1} y={sy} width={sw} height={rowH} rx={Math.min(5, rowH / 2)} class="body" />
            {span.thread % 3 > 0 && !span.dashed && <rect x={x(span.from) + 1} y={sy} width={sw} height={rowH} rx={Math.min(5, rowH / 2)} fill={span.thread % 3 === 1 ? "url(#hatch)" : "url(#dots)"} />}
            {label && rowH > 12 && <text x={x(span.from) + 6} y={sy + rowH / 2 + 4} class="span-label">{label}</text>}
          </g>
        );
      })}
    </g>
  );
}

const fit = (label: string, room: number): string => (label.length * 6.4 + 9 <= room ? label : "");

// Spans too narrow to be seen apart are drawn as one, so that long runs stay quick.
function merged(lane: Lane, x: Scale) {
  if (x(1) - x(0) >= 2) return lane.spans;
  const out: Lane["spans"] = [];
  for (const span of lane.spans) {
    const before = out[out.length - 1];
    if (before && before.row === span.row && before.thread === span.thread && !!before.dashed === !!span.dashed && x(span.from) - x(before.to) < 2) before.to = span.to;
    else out.push({ ...span, label: "" });
  }
  return out;
}

function Glyphs({ run, x }: { run: Trace; x: Scale }) {
  const bad = run.steps.filter((s) => s.verdicts.some((v) => v.level === "bad")).slice(0, 100);
  return <>{bad.map((s) => <path key={s.n} class="glyph" transform={`translate(${x(s.n) - 6} ${TOP - 12})`} d="M4 0h4l4 4v4l-4 4H4L0 8V4z" />)}</>;
}
