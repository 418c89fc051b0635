// Threads, the pte, stale TLBs and locks over time. The whole area is the scrubber.
import { effect, useComputed, useSignal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { threadIndex } from "../format";
import { lanesOf } from "../lanes";
import type { Lane } from "../lanes";
import { plainText } from "../markup";
import { t } from "../messages";
import { packed, wordSpan } from "../packing";
import type { Box, Scale } from "../packing";
import { usePlayer } from "../player";
import type { Player } from "../player";
import { Body, Hatch, Word } from "../spans";
import { stage } from "../store";
import { theme } from "../theme";
import { Turns, turnsHeight } from "../turns";
import { fork } from "../whatif";
import type { Trace } from "../types";

const TOP = 32;
const GLYPH = 21;
const END = 12;
const GAP = 8; // half of what the playhead leaves to a word
const WORDS = 340; // the room that the words on hidden lanes need

type Placed = { lane: Lane; top: number; height: number; boxes: Box[] };
type WordAt = { from: number; to: number; y: number };
// How the lanes lie in the width they have.
type Layout = { placed: Placed[]; words: WordAt[]; width: number; left: number; bottom: number; phone: boolean; x: Scale };

// A phone has room for the threads only; the rest has a card there.
function useLayout(player: Player, width: ReadonlySignal<number>): ReadonlySignal<Layout> {
  const all = useComputed(() => (player.trace.value ? lanesOf(player.trace.value) : []));
  return useComputed(() => {
    const phone = width.value < 600;
    const large = theme.value === "projector";
    const grown = large ? 1.36 : 1;
    const lanes = phone ? all.value.filter((lane) => lane.kind === "thread").slice(0, 4) : all.value;
    const sizes = sizesOf(lanes.length, phone, width.value);
    const longest = Math.max(...lanes.map((lane) => titleOf(lane, phone).length), 0);
    const left = Math.max(phone ? 22 : 92, longest * (large ? 8.6 : 7) + (phone ? 8 : 12));
    const steps = Math.max(1, player.last.value);
    const x: Scale = (n) => left + ((width.value - left - END) * Math.min(n, steps)) / steps;
    let top = TOP + (player === stage ? turnsHeight() : 0);
    const placed = lanes.map((lane) => {
      const height = lane.kind === "lock" && lane.rows > 1 ? sizes.row * lane.rows : sizes[lane.kind];
      const here = { lane, top, height, boxes: packed(lane, x, grown) };
      top += height + sizes.gap;
      return here;
    });
    const words = placed.flatMap(({ top, height, boxes }) => boxes.filter((box) => box.word).map((box) => {
      const [from, to] = wordSpan(box, x, grown);
      return { from, to, y: top + height / 2 };
    }));
    return { placed, words, width: width.value, left, bottom: top - sizes.gap + 3, phone, x };
  });
}

function sizesOf(lanes: number, phone: boolean, width: number) {
  if (lanes > (phone ? 2 : 6)) return { thread: 18, pte: 15, stale: 14, lock: 12, row: 7, gap: phone ? 4 : 6 };
  if (width > 1500) return { thread: 34, pte: 24, stale: 22, lock: 20, row: 11, gap: 12 };
  return { thread: 26, pte: 18, stale: 16, lock: 16, row: 9, gap: 9 };
}

const titleOf = (lane: Lane, phone: boolean): string => (phone && lane.kind === "thread" ? lane.id : lane.title);

// While questions are open: not which CPU is left behind.
const guarded = (lane: Lane, phone: boolean): string => (lane.kind === "stale" ? t("lane_tlbs") : titleOf(lane, phone));

export function Lanes() {
  const player = usePlayer();
  const { position, last, step } = player;
  const box = useRef<HTMLDivElement>(null);
  const pressed = useRef(-1);
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
        onPointerDown={(e) => { pressed.current = e.pointerId; at(e); }}
        onPointerMove={(e) => pressed.current === e.pointerId && e.buttons > 0 && (box.current!.setPointerCapture(e.pointerId), at(e))}
        onPointerUp={() => (pressed.current = -1)}
      >
        <Drawing layout={layout} />
      </div>
    </section>
  );
}

// Reads the run and the width only: a step moves the playhead and redraws nothing else.
function Drawing({ layout }: { layout: ReadonlySignal<Layout> }) {
  const player = usePlayer();
  const run = player.trace.value;
  if (!run) return null;
  const { placed, width, bottom, phone, x } = layout.value;
  return (
    <svg width={width} height={bottom + 3} class="lane-svg" aria-hidden="true">
      <Hatch />
      <Ruler run={run} layout={layout} />
      <Turns x={x} top={TOP - 2} title={phone ? "" : t("lane_open")} />
      {placed.map(({ lane, top, height }) => <text key={lane.id} x={0} y={top + height / 2 + 4} class={lane.kind === "thread" ? `lane-name t${lane.thread! % 8}` : "lane-name"}>{player.blind.value ? guarded(lane, phone) : titleOf(lane, phone)}</text>)}
      {placed.map(({ lane, top, height, boxes }) => boxes.map((box, i) => <Body key={`${lane.id}/${i}`} lane={lane} box={box} top={top} height={height} x={x} />))}
      <Future layout={layout.value} under />
      {placed.map(({ lane, top, height, boxes }) => boxes.map((box, i) => <Word key={`${lane.id}/${i}`} lane={lane} box={box} top={top} height={height} x={x} />))}
      <Future layout={layout.value} />
      <Branch x={x} bottom={bottom} run={run} />
      <Playhead layout={layout.value} />
      <Glyphs run={run} x={x} />
    </svg>
  );
}

// What has not happened yet is paler, its words less so than its boxes; while a question is open it is withheld.
function Future({ layout, under = false }: { layout: Layout; under?: boolean }) {
  const { position, blind } = usePlayer();
  const { placed, width, bottom, x } = layout;
  const here = x(position.value);
  if (blind.value && under) return null;
  return (
    <Mover at={here}>
      <rect y={TOP - 1} width={width} height={bottom - TOP + 1} class={blind.value ? "blind" : under ? "future under" : "future"} />
      {blind.value && placed.map(({ lane, top, height }) => <rect key={lane.id} x="3" y={top} width={width} height={height} rx="5" class="withheld" />)}
      {blind.value && width - here > WORDS && <text x={(width - here) / 2} y={TOP + placed[0]!.height / 2 + 5} class="withheld-words">{t("drawn_as_you_step")}</text>}
    </Mover>
  );
}

function Playhead({ layout }: { layout: Layout }) {
  const at = usePlayer().position.value;
  const { width, bottom, x, words } = layout;
  const here = x(at);
  const line = lineDown(14, bottom, words.filter(({ from, to }) => from - 2 < here && here < to + 2));
  const wide = Math.max(22, String(at).length * 7 + 10);
  const knob = Math.min(Math.max(here - wide / 2, 0), width - wide);
  return (
    <>
      <Mover at={here}><path d={line} class="playhead halo" /><path d={line} class="playhead" /></Mover>
      <Mover at={knob + wide / 2}><rect x={-wide / 2} width={wide} height={15} rx="7.5" class="knob" /><text y={11} class="knob-text" text-anchor="middle">{String(at)}</text></Mover>
    </>
  );
}

// It leaves out the words that it would cross.
function lineDown(from: number, to: number, words: WordAt[]): string {
  return `M0 ${from}${words.map(({ y }) => `V${y - GAP}M0 ${y + GAP}`).join("")}V${to}`;
}

const Mover = ({ at, children }: { at: number; children: ComponentChildren }) => <g class={usePlayer().swift.value ? "moving swift" : "moving"} transform={`translate(${at} 0)`}>{children}</g>;

// Where this run left the one it was forked from, and who moved in that one afterwards.
function Branch({ x, bottom, run }: { x: Scale; bottom: number; run: Trace }) {
  const from = usePlayer() === stage ? fork.value : null;
  if (!from || from.restarts) return null;
  const rest = from.origin.steps.slice(from.parts, run.steps.length);
  return (
    <g>
      <line x1={x(from.parts)} x2={x(from.parts)} y1={30} y2={bottom} class="branch" />
      <path transform={`translate(${x(from.parts) - 6} 15)`} d="M6.5 13V8M6.5 8 2 4V1M6.5 8 11 4V1" class="branch-sign" />
      {rest.map((s) => <rect key={s.n} x={x(s.n - 1) + 1} y={28} width={Math.max(1, x(s.n) - x(s.n - 1) - 1)} height={3} class={`ghost-step t${threadIndex(from.origin, s.thread) % 8}`} />)}
    </g>
  );
}

function Ruler({ run, layout }: { run: Trace; layout: ReadonlySignal<Layout> }) {
  const { position } = usePlayer();
  const box = useRef<SVGGElement>(null);
  const { x } = layout.value;
  const total = run.steps.length;
  const every = spacing(total, x);
  const marks = Array.from({ length: Math.floor(total / every) + 1 }, (_, i) => i * every);
  useLayoutEffect(() => effect(() => cover(box.current!, position.value, every, x)), [every, x]);
  return <g ref={box}>{marks.map((n) => <g key={n}><text x={x(n)} y={11} class="tick" text-anchor="middle">{n}</text><line x1={x(n)} x2={x(n)} y1={15} y2={19} class="tickline" /></g>)}</g>;
}

function spacing(total: number, x: Scale): number {
  const room = (x(total) - x(0)) / 44;
  return [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((every) => total / every <= room) ?? 10000;
}

// A number that the playhead's own would cut is left out.
function cover(ruler: Element, at: number, every: number, x: Scale): void {
  const near = Math.round(at / every);
  const touch = Math.abs(x(at) - x(near * every)) < (String(near * every).length + String(at).length) * 3.6 + 10;
  ruler.querySelector(".covered")?.classList.remove("covered");
  if (touch) ruler.children[near]?.classList.add("covered");
}

function Glyphs({ run, x }: { run: Trace; x: Scale }) {
  const { blind, position } = usePlayer();
  const known = blind.value ? run.steps.slice(0, position.value) : run.steps;
  const bad = known.filter((s) => s.verdicts.some((v) => v.level === "bad")).slice(0, 100);
  return <>{bad.map((s) => <path key={s.n} class="glyph" transform={`translate(${x(s.n) - 6} ${GLYPH - 6})`} d="M4 0h4l4 4v4l-4 4H4L0 8V4z"><title>{`${t("step_n", { n: s.n })}: ${plainText(s.verdicts.find((v) => v.level === "bad")!.text)}`}</title></path>)}</>;
}
