// Who moves when: a list of turns that can be put in another order, and a strip on which a turn is dragged longer or shorter.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { stage } from "../../store";
import { t } from "../../messages";
import type { Trace } from "../../types";
import { lengthsOf, longer, membersOf, turnsIn, turnsOf } from "../model";
import type { Turn } from "../model";
import { apply, data } from "../session";
import { Choice, Faults, Field } from "./fields";
import { Sortable } from "./sortable";

export function Schedule() {
  const turns = turnsIn(data.value);
  const { threads } = membersOf(data.value);
  const run = stage.trace.value;
  const own = (who: string) => ["end", ...(run?.steps.filter((step) => step.thread === who).map((step) => `${step.op}#${step.nth}`) ?? [])];
  const writeDown = () => run && apply({ set: ["schedule"], value: turnsOf(run) });
  return (
    <>
      <p class="small">{turns.length ? t("edit_turns_hint") : t("edit_no_turns")}</p>
      {run && turns.length > 0 && <Strip run={run} turns={turns} threads={threads} />}
      <Sortable
        label={t("edit_turns")} count={turns.length} name={(i) => nameOf(turns, i)}
        move={(from, to) => apply({ move: ["schedule"], from, to })} remove={(i) => apply({ remove: ["schedule", i] })}
        item={(i) => (
          <div class={`ed-op t${Math.max(0, threads.indexOf(turns[i]!.run)) % 8}`}>
            <Choice label={t("edit_turn_of")} path={["schedule", i, "run"]} value={turns[i]!.run} options={threads} />
            <Field label={t("edit_until")} path={["schedule", i, "until"]} value={turns[i]!.until} list={own(turns[i]!.run)} />
            <Faults path={["schedule", i]} />
          </div>
        )}
      />
      <Faults path={["schedule"]} />
      <div class="ed-row">
        <button type="button" class="ed-add" onClick={() => apply({ insert: ["schedule"], at: turns.length, value: { run: threads[0] ?? "A", until: "end" } })}>{t("edit_add_turn")}</button>
        {run && <button type="button" class="ed-add" onClick={writeDown}>{t("edit_write_down")}</button>}
      </div>
    </>
  );
}

const nameOf = (turns: Turn[], i: number): string => t("edit_turn", { who: turns[i]?.run ?? "", until: turns[i]?.until ?? "" });

type StripProps = { run: Trace; turns: Turn[]; threads: string[] };
type Drag = { turn: number; x: number; by: number } | null;

function Strip({ run, turns, threads }: StripProps) {
  const box = useRef<HTMLDivElement>(null);
  const drag = useSignal<Drag>(null);
  const { lengths, rest } = lengthsOf(run, turns);
  const all = run.steps.length || 1;
  const put = (turn: number, by: number) => {
    const until = by === 0 ? null : nearest(run, turns, turn, by);
    if (until !== null) apply({ set: ["schedule", turn, "until"], value: until });
  };
  const shown = drag.value;
  const ahead = shown && shown.by !== 0 ? nearest(run, turns, shown.turn, shown.by) : null;
  const widths = lengths.map((length, i) => (shown?.turn === i ? Math.max(1, length + shown.by) : length));
  let x = 0;
  return (
    <>
      <div class="ed-strip" ref={box} role="group" aria-label={t("edit_strip")}>
        <svg viewBox={`0 0 ${all} 10`} preserveAspectRatio="none" aria-hidden="true">
          {widths.map((width, i) => { const from = x; x += width; return <rect key={i} class={`ed-turn t${Math.max(0, threads.indexOf(turns[i]!.run)) % 8} ${shown?.turn === i ? "held" : ""}`} x={from} y={0} width={Math.max(0, Math.min(width, all - from))} height={10} />; })}
          {rest > 0 && <rect class="ed-rest" x={x} y={0} width={Math.max(0, all - x)} height={10} />}
        </svg>
        <Ends widths={widths} turns={turns} all={all} begin={(turn, at) => (drag.value = { turn, x: at, by: 0 })} put={put}
          go={(at) => { if (drag.value && box.current) drag.value = { ...drag.value, by: Math.round(((at - drag.value.x) / box.current.clientWidth) * all) }; }}
          end={() => { const done = drag.value; drag.value = null; if (done) put(done.turn, done.by); }} />
      </div>
      <p class="small ed-ahead">{shown ? t("edit_turn", { who: turns[shown.turn]!.run, until: ahead ?? turns[shown.turn]!.until }) : t("edit_strip_hint")}</p>
    </>
  );
}

// As far in that direction as the thread has steps of its own.
function nearest(run: Trace, turns: Turn[], turn: number, by: number): string | null {
  for (let most = by; most !== 0; most -= Math.sign(most)) {
    const until = longer(run, turns, turn, most);
    if (until !== null) return until;
  }
  return null;
}

type EndsProps = { widths: number[]; turns: Turn[]; all: number; begin: (turn: number, x: number) => void; go: (x: number) => void; end: () => void; put: (turn: number, by: number) => void };

function Ends({ widths, turns, all, begin, go, end, put }: EndsProps) {
  let x = 0;
  return (
    <>
      {widths.map((width, i) => {
        x += width;
        return (
          <div
            key={i} class="ed-end" role="slider" tabIndex={0} ref={(element) => element?.style.setProperty("left", `${(Math.min(widths.slice(0, i + 1).reduce((a, b) => a + b, 0), all) / all) * 100}%`)}
            aria-label={t("edit_turn_end", { n: i + 1, who: turns[i]!.run })} aria-valuemin={0} aria-valuemax={all} aria-valuenow={width} aria-valuetext={nameOf(turns, i)}
            onKeyDown={(event) => { const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]; if (by) { event.preventDefault(); put(i, by); } }}
            onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); begin(i, event.clientX); }}
            onPointerMove={(event) => go(event.clientX)} onPointerUp={end} onPointerCancel={end}
          />
        );
      })}
    </>
  );
}
