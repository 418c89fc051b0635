// Threads, locks, the pte and stale TLBs over time. The whole area is the scrubber.
import { useComputed, useSignal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { threadIndex } from "../format";
import { lanesOf } from "../lanes";
import { Hatch, merged, SpanBox } from "../spans";
import type { Scale } from "../spans";
import type { Lane } from "../lanes";
import { plainText } from "../markup";
import { t } from "../messages";
import { usePlayer } from "../player";
import type { Player } from "../player";
import { card, stage } from "../store";
import { Turns, turnsHeight } from "../turns";
import { fork } from "../whatif";
import type { Trace } from "../types";

const TOP = 32;
const GLYPH = 22;
const END = 12;

// How the lanes lie in the width they have.
type Layout = { lanes: Lane[]; width: number; left: number; phone: boolean; many: boolean };

// A phone has room for the threads only, until they get the card to themselves.
function useLayout(player: Player, width: ReadonlySignal<number>): ReadonlySignal<Layout> {
  const all = useComputed(() => (player.trace.value ? lanesOf(player.trace.value) : []));
  return useComputed(() => {
    const phone = width.value < 600;
    const known = player.blind.value ? all.value.filter((lane) => lane.kind !== "stale") : all.value;
    const lanes = phone && card.value !== "threads" ? known.filter((lane) => lane.kind === "thread").slice(0, 4) : known;
    const longest = Math.max(...lanes.map((lane) => titleOf(lane, phone).length), 0);
    return { lanes, width: width.value, left: phone ? Math.max(22, longest * 7 + 8) : 104, phone, many: lanes.length > (phone ? 2 : 6) };
  });
}

const titleOf = (lane: Lane, phone: boolean): string => (phone && lane.kind === "thread" ? lane.id : lane.title);

function heightOf(lane: Lane, many: boolean): number {
  if (lane.kind === "lock" && lane.rows > 1) return 9 * lane.rows;
  if (lane.kind === "thread") return many ? 22 : 26;
  return lane.kind === "pte" ? 18 : 16;
}

export function Lanes() {
  const player = usePlayer();
  const { position, last, step } = player;
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(1000);
  const layout = useLayout(player, width);
  const said = useComputed(() => t("spoken_slider", { n: position.value, of: last.value, what: step.value ? plainText(step.value.what) : "" }));
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => (width.value = Math.max(200, entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const at = (event: PointerEvent) => {
    const rect = box.current!.getBoundingClientRect();
    const { left } = layout.value;
    player.seek(Math.round(((event.clientX - rect.left - left) / (rect.width - left - END)) * last.value));
  };
  return (
    <section class="lanes threads" aria-label={t("lanes")}>
      <div
        ref={box}
        class="scrubber"
        role="slider"
        tabIndex={0}
        aria-label={t("step")}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={position}
        aria-valuetext={said}
        onPointerDown={(e) => { box.current!.setPointerCapture(e.pointerId); at(e); }}
        onPointerMove={(e) => box.current!.hasPointerCapture(e.pointerId) && at(e)}
      >
        <Drawing layout={layout} />
      </div>
    </section>
  );
}

// Reads the run and the width only: a step moves the playhead and redraws nothing else.
function Drawing({ layout }: { layout: ReadonlySignal<Layout> }) {
  const run = usePlayer().trace.value;
  if (!run) return null;
  const { lanes, width, left, many } = layout.value;
  const x = (n: number) => left + ((width - left - END) * n) / Math.max(1, run.steps.length);
  const gap = many ? 5 : 9;
  const first = TOP + (usePlayer() === stage ? turnsHeight() : 0);
  let y = first;
  const placed = lanes.map((lane) => {
    const top = y;
    y += heightOf(lane, many) + gap;
    return { lane, top };
  });
  return (
    <svg width={width} height={y + 2} class="lane-svg" aria-hidden="true">
      <Hatch />
      <Ruler run={run} x={x} />
      <Turns x={x} top={TOP - 2} title={width < 600 ? "" : t("lane_open")} />
      {placed.map(({ lane, top }) => <LaneRow key={lane.id} lane={lane} top={top} x={x} layout={layout.value} />)}
      <Playhead x={x} bottom={y - gap + 4} width={width} />
      <Branch x={x} bottom={y - gap + 4} run={run} />
      <Glyphs run={run} x={x} />
    </svg>
  );
}

// Where the run stands; what has not happened yet is paler.
function Playhead({ x, bottom, width }: { x: Scale; bottom: number; width: number }) {
  const { position, blind } = usePlayer();
  const at = position.value;
  const here = x(at);
  const wide = Math.max(22, String(at).length * 7 + 10);
  const knob = Math.min(Math.max(here - wide / 2, 0), width - wide);
  return (
    <>
      <rect x={here} y={TOP - 1} width={Math.max(0, width - here)} height={bottom - TOP + 1} class={blind.value ? "blind" : "future"} />
      <line x1={here} x2={here} y1={14} y2={bottom} class="playhead" />
      <rect x={knob} y={0} width={wide} height={15} rx="7.5" class="knob" />
      <text x={knob + wide / 2} y={11} class="knob-text" text-anchor="middle">{at}</text>
    </>
  );
}

// Where this run left the one it was forked from, and who moved in that one afterwards.
function Branch({ x, bottom, run }: { x: Scale; bottom: number; run: Trace }) {
  const from = usePlayer() === stage ? fork.value : null;
  if (!from || from.restarts) return null;
  const rest = from.origin.steps.slice(from.at, run.steps.length);
  return (
    <g>
      <line x1={x(from.at)} x2={x(from.at)} y1={30} y2={bottom} class="branch" />
      <path transform={`translate(${x(from.at) - 6} 17)`} d="M6.5 13V8M6.5 8 2 4V1M6.5 8 11 4V1" class="branch-sign" />
      {rest.map((s) => <rect key={s.n} x={x(s.n - 1) + 1} y={27} width={Math.max(1, x(s.n) - x(s.n - 1) - 1)} height={3.5} class={`ghost-step t${threadIndex(from.origin, s.thread) % 8}`} />)}
    </g>
  );
}

function Ruler({ run, x }: { run: Trace; x: Scale }) {
  const total = run.steps.length;
  const room = (x(total) - x(0)) / 44;
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((e) => total / e <= room) ?? 10000;
  const marks = Array.from({ length: Math.floor(total / every) + 1 }, (_, i) => i * every);
  return <>{marks.map((n) => <g key={n}><text x={x(n)} y={11} class="tick" text-anchor="middle">{n}</text><line x1={x(n)} x2={x(n)} y1={15} y2={19} class="tickline" /></g>)}</>;
}

function LaneRow({ lane, top, x, layout }: { lane: Lane; top: number; x: Scale; layout: Layout }) {
  const h = heightOf(lane, layout.many);
  return (
    <g>
      <text x={0} y={top + h / 2 + 4} class={lane.kind === "thread" ? `lane-name t${lane.thread! % 8}` : "lane-name"}>{titleOf(lane, layout.phone)}</text>
      {merged(lane, x).map((span, i) => <SpanBox key={i} lane={lane} span={span} top={top} height={h} x={x} />)}
    </g>
  );
}

function Glyphs({ run, x }: { run: Trace; x: Scale }) {
  const { blind, position } = usePlayer();
  const known = blind.value ? run.steps.slice(0, position.value) : run.steps;
  const bad = known.filter((s) => s.verdicts.some((v) => v.level === "bad")).slice(0, 100);
  return <>{bad.map((s) => <path key={s.n} class="glyph" transform={`translate(${x(s.n) - 6} ${GLYPH - 6})`} d="M4 0h4l4 4v4l-4 4H4L0 8V4z"><title>{`${t("step_n", { n: s.n })}: ${plainText(s.verdicts.find((v) => v.level === "bad")!.text)}`}</title></path>)}</>;
}
