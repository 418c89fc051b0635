// The phone's card of threads: what the pte, the TLBs and the locks went through, each with what it is now.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { lanesOf } from "../lanes";
import type { Lane } from "../lanes";
import { Marked } from "../markup";
import { t } from "../messages";
import { packed } from "../packing";
import type { Scale } from "../packing";
import { usePlayer } from "../player";
import { Body } from "../spans";
import { card } from "../store";
import { langOf } from "../told";
import { notesOf } from "./caption";

const HIGH = 14;

export function Threads() {
  const player = usePlayer();
  const { trace, position, last, blind } = player;
  const box = useRef<HTMLElement>(null);
  const width = useSignal(300);
  const all = useComputed(() => (trace.value ? lanesOf(trace.value).filter((lane) => lane.kind !== "thread") : []));
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => (width.value = Math.max(100, entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const x: Scale = (n) => (width.value * Math.min(n, last.value)) / Math.max(1, last.value);
  const shown = all.value;
  const bodies = useMemo(() => shown.map((lane) => packed(lane, x).map((one, i) => <Body key={i} lane={lane} box={one} top={0} height={HIGH} x={x} />)), [all.value, width.value]);
  if (card.value !== "threads") return <section ref={box} class="pane p-threads" aria-label={t("card_threads")} />;
  return (
    <section ref={box} class="pane p-threads" aria-label={t("card_threads")}>
      {notesOf(player).map((note, i) => <p key={i} class="card-note" lang={langOf(note)}><span aria-hidden="true">★ </span><Marked text={note.text} /></p>)}
      {shown.map((lane, place) => (
        <div key={lane.id} class="lane-card">
          <p><b>{blind.value && lane.kind === "stale" ? t("lane_tlbs") : lane.title}</b> <span>{valueAt(lane, position.value, last.value)}</span></p>
          <svg width={width.value} height={HIGH} aria-hidden="true">
            {bodies[place]}
            <rect x={x(position.value)} width={width.value} height={HIGH} class={blind.value ? "veil" : "veil future under"} />
            <line x1={x(position.value)} x2={x(position.value)} y1={0} y2={HIGH} class="playhead" />
          </svg>
        </div>
      ))}
    </section>
  );
}

// The pte and the TLB as the step leaves them; what is held at the step.
function valueAt(lane: Lane, n: number, last: number): string {
  const until = lane.kind !== "lock" && n < last ? n + 1 : n;
  return lane.spans.filter((span) => span.from < until && until <= span.to).map((span) => span.label).join(", ") || (lane.kind === "lock" ? t("lock_free") : "");
}
