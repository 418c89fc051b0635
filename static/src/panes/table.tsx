// The lanes as a table: a row a thread and lock, a column a step, some at a time, read cell by cell.
import { useSignal } from "@preact/signals";
import { lanesOf } from "../lanes";
import type { Lane } from "../lanes";
import { t } from "../messages";
import { usePlayer } from "../player";
import type { Trace } from "../types";

const SHOWN = 20;

export function LanesTable({ run }: { run: Trace }) {
  const player = usePlayer();
  const page = useSignal(Math.max(0, Math.floor((player.position.value - 1) / SHOWN)));
  const from = page.value * SHOWN + 1;
  const to = Math.min(from + SHOWN - 1, run.steps.length);
  const columns = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const turn = (by: number) => { page.value = Math.min(Math.max(0, page.value + by), Math.floor((run.steps.length - 1) / SHOWN)); };
  return (
    <>
      <p class="table-moves">
        <button type="button" class="quiet" aria-disabled={from === 1} onClick={() => turn(-1)}>◀ {t("table_earlier")}</button>
        <span role="status">{t("steps_n_m", { n: from, m: to })}</span>
        <button type="button" class="quiet" aria-disabled={to === run.steps.length} onClick={() => turn(1)}>{t("table_later")} ▶</button>
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("lanes_table")}>
        <table class="lanes-table">
          <thead><tr><th scope="col">{t("step")}</th>{columns.map((n) => <th key={n} scope="col"><button type="button" class="ref" aria-label={t("step_n", { n })} onClick={() => player.seek(n)}>{n}</button></th>)}</tr></thead>
          <tbody>{lanesOf(run).map((lane) => <tr key={lane.id}><th scope="row">{lane.title}</th>{columns.map((n) => <td key={n}>{said(lane, n, run.steps.length)}</td>)}</tr>)}</tbody>
        </table>
      </div>
    </>
  );
}

// What a lane shows at step n, the pte and the TLBs as the step leaves them; nothing is a blank.
function said(lane: Lane, n: number, last: number): string {
  const until = (lane.kind === "pte" || lane.kind === "stale") && n < last ? n + 1 : n;
  return lane.spans.filter((s) => s.from < until && until <= s.to).map((s) => s.label).join(", ");
}
