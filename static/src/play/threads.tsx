// Where each thread stands in the code that runs: the line that is its next one, or what keeps it from moving.
import { computed } from "@preact/signals";
import { lockName } from "../format";
import { docstring, narrow } from "../listing";
import { Thread } from "../markup";
import { named, parts, t } from "../messages";
import { usePlayer } from "../player";
import { highlight } from "../python";
import type { Fn, Step, Trace } from "../types";
import { movers, nextOf } from "./moves";
import { movable, player } from "./position";

const AROUND = 8; // lines before and after; a card shows as many as it has room for

export function Threads() {
  const run = usePlayer().trace.value;
  return <div class={`places of-${run?.threads.length ?? 2}`}>{run?.threads.map((thread, i) => <Place key={thread.id} run={run} id={thread.id} index={i} />)}</div>;
}

function Place({ run, id, index }: { run: Trace; id: string; index: number }) {
  const at = usePlayer().position.value;
  const next = nextOf(run, at, id) ?? run.steps.slice(0, at).findLast((step) => step.thread === id);
  const frame = next?.stack.filter(([fn]) => !run.functions[fn]?.inline).at(-1);
  const fn = frame && run.functions[frame[0]];
  const can = movable.value.includes(id);
  const waits = Object.hasOwn(run.steps[at - 1]?.waiting ?? {}, id);
  return (
    <section class={`pane place t${index % 8} ${can ? "" : "halted"}`} aria-label={t("lane_thread", { id })}>
      <h2><span key={fn?.name} class="place-who"><Thread id={id} /> <code>{fn && (can || waits) ? `${fn.name}()` : t("game_user_mode")}</code></span><span key={state(run, at, id)} class="place-state">{state(run, at, id)}</span></h2>
      {fn && (can || waits || run.outcome.threads[id]?.bug) ? <Lines fn={fn} line={frame[1]} /> : <p class="in-user">{next && can ? userWords(run, next) : ""}</p>}
    </section>
  );
}

// What keeps a thread from moving; nothing where it can.
export function state(run: Trace, at: number, id: string): string {
  if (movers(run, at).includes(id)) return t("game_can_move");
  const wait = run.steps[at - 1]?.waiting[id];
  if (wait) return t("game_waits", { lock: lockName(`lock/${wait.lock}`), who: wait.by.join(", ") });
  const end = run.outcome.threads[id];
  return end?.bug ? t("game_bug") : end?.signal ? t("game_signal", { signal: named("came", end.signal) }) : t("game_ended");
}

function userWords(run: Trace, step: Step): string {
  const address = BigInt(String(step.args.address ?? 0));
  const vma = run.processes.flatMap((p) => p.vmas).find((v) => address >= BigInt(v.start) && address < BigInt(v.start) + BigInt(v.pages << 12));
  if (step.op !== "access" || !vma) return named("lane", step.op);
  const place = `${vma.id}[${(address - BigInt(vma.start)) >> 12n}]`;
  return t(step.args.write ? "game_writes" : "game_reads", { place });
}

function Lines({ fn, line }: { fn: Fn; line: number }) {
  const [from, to] = docstring(fn.source);
  const rows = fn.source.map((text, i) => ({ n: fn.line + i, text })).filter((_, i) => i < from || i > to);
  const here = rows.findIndex((row) => row.n === line);
  const shown = Array.from({ length: 2 * AROUND + 1 }, (_, i) => rows[here - AROUND + i]);
  return (
    <ol key={`${fn.name} ${line}`} class="lines">
      {shown.map((row, i) => (
        <li key={i} class={i === AROUND ? "line here" : "line"} aria-current={i === AROUND ? "true" : undefined} aria-hidden={row && Math.abs(i - AROUND) < 2 ? undefined : "true"}>
          <span class="num">{row ? String(row.n) : null}</span><span class="text">{row ? highlight(narrow(row.text)) : null}</span>
        </li>
      ))}
    </ol>
  );
}

// Every lock that this scene ever takes, and who has it now.
const locks = computed(() => player.locks.value);

export function Locks() {
  const { cells } = usePlayer();
  const run = player.trace.value;
  const at = player.position.value;
  const waiting = Object.entries(run?.steps[at - 1]?.waiting ?? {});
  return (
    <ul class="locks" aria-label={t("game_locks")}>
      {locks.value.slice(0, 3).map((cell) => {
        const value = cells.value.get(cell);
        const held = value === null || value === undefined ? [] : typeof value === "string" ? [value] : "readers" in (value as object) ? holders(value as { readers: string[]; writer: string | null }) : [];
        const waits = waiting.filter(([, wait]) => `lock/${wait.lock}` === cell).map(([who]) => who);
        return (
          <li key={cell}><code>{lockName(cell)}</code> <span>{held.length ? parts("game_held_by", { who: <Names key="who" ids={held} /> }) : t("lock_free")}{waits.length > 0 && <> · {parts("game_waited_for", { who: <Names key="who" ids={waits} /> })}</>}</span></li>
        );
      })}
    </ul>
  );
}

const holders = ({ readers, writer }: { readers: string[]; writer: string | null }): string[] => (writer ? [writer] : readers);

const Names = ({ ids }: { ids: string[] }) => <>{ids.map((id, i) => <>{i > 0 && ", "}<Thread key={id} id={id} /></>)}</>;
