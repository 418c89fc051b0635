// What was played so far, on an axis that stays as it is while one plays: who moved, the pte, the locks, each change.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { lanesOf } from "../lanes";
import type { Lane } from "../lanes";
import { t } from "../messages";
import { packed } from "../packing";
import type { Scale } from "../packing";
import { usePlayer } from "../player";
import { Body, Hatch, Word } from "../spans";
import { theme } from "../theme";
import type { Trace } from "../types";
import { changed, horizon, moves } from "./position";

const TOP = 24;
const END = 10;
const SIZES = { thread: 24, pte: 16, lock: 14, stale: 14 };

export function Strip() {
  const player = usePlayer();
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(1000);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => (width.value = Math.max(200, entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const run = player.trace.value;
  const turns = moves.value.map(({ thread }) => thread).join(", ");
  return (
    <section class={`lanes strip of-${run?.threads.length ?? 2}`} aria-label={t("game_so_far")}>
      <div ref={box} role="img" aria-label={turns ? t("game_turns", { turns, n: changed.value }) : t("game_no_turns")}>
        {run && <Drawing run={run} at={player.position.value} width={width.value} />}
      </div>
    </section>
  );
}

function Drawing({ run, at, width }: { run: Trace; at: number; width: number }) {
  const phone = width < 600;
  const left = phone ? 30 : 92;
  const x: Scale = (n) => left + ((width - left - END) * n) / Math.max(1, horizon.value);
  const past = new Map(lanesOf({ ...run, steps: run.steps.slice(0, at) }).map((lane) => [lane.id, lane]));
  const lanes = lanesOf(run).filter((lane) => lane.kind === "thread" || lane.kind === "pte" || (!phone && lane.kind === "lock")).slice(0, run.threads.length + 3);
  let top = TOP;
  const placed = lanes.map((lane) => {
    const height = SIZES[lane.kind];
    const here = { lane: past.get(lane.id) ?? { ...lane, spans: [] }, title: lane, top, height };
    top += height + 5;
    return here;
  });
  const large = theme.value === "projector" ? 1.18 : 1;
  const rows = placed.map((row) => ({ ...row, boxes: packed(row.lane, x, large) }));
  return (
    <svg width={width} height={top} class="lane-svg" aria-hidden="true">
      <Hatch />
      {placed.map(({ title, top: y, height }) => <Rail key={title.id} lane={title} y={y} height={height} width={width} from={x(at)} phone={phone} />)}
      {rows.map(({ lane, boxes, top: y, height }) => boxes.map((one, i) => <Body key={`${lane.id}/${i}`} lane={lane} box={one} top={y} height={height} x={x} />))}
      {rows.map(({ lane, boxes, top: y, height }) => boxes.map((one, i) => !(phone && one.side) && <Word key={`${lane.id}/${i}`} lane={lane} box={one} top={y} height={height} x={x} />))}
      <Changes run={run} at={at} x={x} bottom={top} />
      <line x1={x(at)} x2={x(at)} y1={4} y2={top} class="playhead" />
    </svg>
  );
}

function Rail({ lane, y, height, width, from, phone }: { lane: Lane; y: number; height: number; width: number; from: number; phone: boolean }) {
  return (
    <>
      <text x={0} y={y + height / 2 + 4} class={lane.kind === "thread" ? `lane-name t${lane.thread! % 8}` : "lane-name"}>{!phone ? lane.title : lane.kind === "thread" ? lane.id : "pte"}</text>
      <line x1={from} x2={width - END} y1={y + height / 2} y2={y + height / 2} class="rail" />
    </>
  );
}

// Each change of thread with its number.
function Changes({ run, at, x, bottom }: { run: Trace; at: number; x: Scale; bottom: number }) {
  const places = run.steps.slice(1, at).filter((step) => run.steps[step.n - 2]!.thread !== step.thread).map((step) => step.n - 1);
  return (
    <>
      {places.map((n, i) => (
        <g key={n}>
          <line x1={x(n)} x2={x(n)} y1={17} y2={bottom} class="change" />
          <circle cx={x(n)} cy={10} r="8" class="change-dot" />
          <text x={x(n)} y={13.5} class="change-n" text-anchor="middle">{i + 1}</text>
        </g>
      ))}
    </>
  );
}
