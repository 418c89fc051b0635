// The comparison in words: where the runs part, and how their ends differ.
import { sawWords } from "../format";
import { Marked, Thread } from "../markup";
import { named, t } from "../messages";
import { PlayerContext } from "../player";
import type { CameOf } from "../types";
import { shortName } from "../revisions";
import { pair } from "./pair";

export function Parting() {
  const first = pair.first.value;
  const ends = pair.ends.value;
  if (!ends) return <section class="parting"><h1>{t("setting_up")}</h1></section>;
  return (
    <PlayerContext.Provider value={pair.sides[0]}>
      <section class="parting" aria-label={t("where_they_part")}>
        <div>
          <h1>{first ? <Marked text={first.text} /> : <Same />}</h1>
          <p><Marked text={ends.text} after={first?.text ?? ""} /></p>
        </div>
        {first && <button type="button" class="quiet to-first" onClick={pair.toFirst} aria-pressed={pair.row.value === first.row}>{t("first_difference")} <kbd aria-hidden="true">d</kbd></button>}
      </section>
    </PlayerContext.Provider>
  );
}

function Same() {
  const [left, right] = pair.sides.map((side) => side.trace.value?.kernel.id ?? "");
  const alone = pair.rows.value.length - 1 - Math.min(...pair.sides.map((side) => side.last.value));
  return <>{left === right ? t("same_run") : t("same_history", { left: shortName(left!), right: shortName(right!) })}{alone > 0 && ` ${t("only_small_steps", { n: alone })}`}</>;
}

// Below the stage: what came of each thread on both sides, rules that only one of them kept.
export function Endings() {
  const ends = pair.ends.value;
  if (!ends) return null;
  return (
    <PlayerContext.Provider value={pair.sides[0]}>
      <section class="results" aria-label={t("outcome")}>
        <div class="block">
          <h2>{t("how_both_end")}</h2>
          <div class="scroll" tabIndex={0} role="region" aria-label={t("outcome_by_thread")}>
            <table>
              <thead><tr><th scope="col">{t("thread")}</th><th scope="col">{pair.nameOf(0)}</th><th scope="col">{pair.nameOf(1)}</th></tr></thead>
              <tbody>
                {ends.threads.map((end) => (
                  <tr key={end.thread} class={end.same ? "" : "unlike"}>
                    <th scope="row"><Thread id={end.thread} /> {end.same ? "" : <span class="unlike-mark">≠<span class="visually-hidden"> {t("differs")}</span></span>}</th>
                    <td><Came end={end.left} /></td>
                    <td><Came end={end.right} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
        <div class="block">
          <h2>{ends.same ? t("no_difference") : t("differences")}</h2>
          <ul class={ends.same ? "differences alike" : "differences"}>{(ends.same ? [ends.text] : ends.differences).map((words) => <li key={words}><Marked text={words} plain /></li>)}</ul>
        </div>
      </section>
    </PlayerContext.Provider>
  );
}

function Came({ end }: { end: CameOf | null }) {
  if (!end) return <>{t("not_there")}</>;
  const how = end.bug ?? (end.signal && named("came", end.signal)) ?? (end.state === "blocked" ? t("blocked") : "");
  return (
    <>
      {end.returns.map((code, i) => <code key={i}>{code.replaceAll("VM_FAULT_", "")} </code>)}
      {how && <b>{how} </b>}
      <span class="small">{end.saw.map(sawWords).map((saw, i) => (end.values[i] ? `${saw} (${end.values[i]})` : saw)).join(", ") || t("nothing")}</span>
    </>
  );
}
