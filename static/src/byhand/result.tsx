// What came of it: held against the end of the revision's own handler, and that handler with the lines it took.
import { docstring, narrow } from "../listing";
import { Marked, plainText } from "../markup";
import { parts, t } from "../messages";
import { highlight } from "../python";
import { shortName } from "../revisions";
import { site } from "../site";
import type { Fn } from "../types";
import { open, restart, undo } from "./game";
import { mistakesOf } from "./list";
import { kernel, over, player, slips, task } from "./position";
import type { Over } from "./position";
import { following, tasks } from "./tasks";

const fields = (end: Over) => ({ moves: t(end.moves === 1 ? "byhand_n_moves_1" : "byhand_n_moves", { n: end.moves }), mistakes: mistakesOf(Math.max(slips.value, end.mistakes)), kernel: shortName(kernel.value) });

export function resultWords(): string {
  const end = over.value;
  if (!end) return "";
  return [t(end.solved ? "byhand_solved" : "byhand_not_solved", fields(end)), ...end.says.map((says) => plainText(says.text))].join(" ");
}

export function Result() {
  const end = over.value!;
  const run = player.trace.value!;
  return (
    <section class="pane outcome" aria-label={t("byhand_result")} tabIndex={0}>
      <h2 class={end.solved ? "good" : "bad"}>{t(end.solved ? "byhand_solved" : "byhand_not_solved", fields(end))}</h2>
      {end.says.map((says) => <p key={says.text} class={says.excused ? "soft" : "rule"}>✗ <Marked text={says.text} plain /></p>)}
      {end.differences.length > 0 && <Differences end={end} />}
      <p class="soft"><Marked text={run.outcome.text} plain /></p>
      <p class="deeds">{end.solved ? <Next /> : <button type="button" class="go" onClick={undo}>{t("byhand_undo_last")}</button>}<button type="button" class="offer" onClick={restart}>{t(end.solved ? "byhand_again" : "byhand_restart")}</button></p>
      <h3>{t("byhand_how", { kernel: shortName(kernel.value), n: end.theirs })}</h3>
      <p class="watch"><a href={site(`/#${end.handler.link}&t=0`)}>{t("byhand_watch", { kernel: shortName(kernel.value) })}</a></p>
      {Object.entries(end.handler.lines).map(([id, taken]) => <Taken key={id} fn={end.handler.functions[id]!} taken={taken} />)}
    </section>
  );
}

function Differences({ end }: { end: Over }) {
  return (
    <table class="differs">
      <caption>{t("byhand_differs")}</caption>
      <thead><tr><td /><th scope="col">{t("byhand_yours")}</th><th scope="col">{t("byhand_theirs", { kernel: shortName(kernel.value) })}</th></tr></thead>
      <tbody>{end.differences.map((one) => <tr key={one.cell}><th scope="row"><code>{one.cell}</code></th><td><code>{one.yours}</code></td><td><code>{one.theirs}</code></td></tr>)}</tbody>
    </table>
  );
}

function Next() {
  const [id, under] = following(task.value.id, kernel.value);
  const title = tasks.find((one) => one.id === id)?.title.text ?? id;
  return <button type="button" class="go" onClick={() => void open(id, under)}>{t("byhand_new_task", { title, kernel: shortName(under) })}</button>;
}

// The functions that the handler went through; what it took is marked, and told to who cannot see that.
function Taken({ fn, taken }: { fn: Fn; taken: number[] }) {
  const [from, to] = docstring(fn.source);
  const rows = fn.source.map((text, i) => ({ n: fn.line + i, text })).filter((_, i) => i < from || i > to);
  if (fn.inline) return null;
  return (
    <details class="taken" open={rows.length < 60}>
      <summary><code>{fn.name}()</code> <span class="soft">{parts("byhand_at", { fn: fn.file, line: fn.line })}</span></summary>
      <ol class="lines-of" aria-label={`${fn.name}: ${t("byhand_lines_taken")}`}>
        {rows.map((row) => <li key={row.n} class={taken.includes(row.n) ? "took" : undefined} aria-current={taken.includes(row.n) ? "true" : undefined}><span class="num">{row.n}</span><span class="text">{highlight(narrow(row.text))}</span></li>)}
      </ol>
    </details>
  );
}
