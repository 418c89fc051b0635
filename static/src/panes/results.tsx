// Below the stage: how the run ends, what held, and the whole trace as text.
import { useSignal } from "@preact/signals";
import { sawWords } from "../format";
import { named, t as say } from "../messages";
import { usePlayer } from "../player";
import { Octagon } from "./caption";
import { LanesTable } from "./table";
import { Known } from "../glossary";
import { Marked, Thread } from "../markup";
import { Onwards } from "../onwards";
import { Repair } from "../rival";

export function Results() {
  const player = usePlayer();
  const run = player.trace.value;
  const toStep = (n: number) => { player.seek(n); window.scrollTo({ top: 0 }); };
  const open = useSignal(false);
  const tabled = useSignal(false);
  if (!run) return null;
  const kept = run.outcome.invariants.filter((i) => i.holds);
  const broken = run.outcome.invariants.filter((i) => !i.holds && !i.news);
  const news = run.outcome.invariants.filter((i) => !i.holds && i.news);
  return (
    <section class="results" aria-label={say("outcome")}>
      <div class="block">
        <h2>{say("how_it_ends")}</h2>
        <p class="ending-words"><Marked text={run.outcome.text} /> <Repair run={run} /></p>
        <div class="scroll" tabIndex={0} role="region" aria-label={say("outcome_by_thread")}>
          <table>
            <thead><tr><th scope="col">{say("thread")}</th><th scope="col">{say("returns")}</th><th scope="col">{say("signal")}</th><th scope="col">min_flt</th><th scope="col">maj_flt</th><th scope="col">{say("saw")}</th></tr></thead>
            <tbody>
              {Object.entries(run.outcome.threads).map(([id, t]) => (
                <tr key={id}>
                  <th scope="row"><Thread id={id} /></th>
                  <td>{t.returns.map((r, i) => <code key={i}><Known name={r}>{r.replace("VM_FAULT_", "")}</Known> </code>)}</td>
                  <td>{(t.signal && named("came", t.signal)) ?? t.bug ?? (t.state === "done" ? say("none") : named("state", t.state))}</td>
                  <td>{t.min_flt}</td><td>{t.maj_flt}</td>
                  <td>{t.saw.map(sawWords).join(", ") || say("nothing")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <Onwards run={run} />
      </div>
      <div class="block">
        <h2>{broken.length === 0 ? say("all_holds") : say("n_broken", { n: broken.length })}</h2>
        <ul class="rules">
          {[...broken, ...news].map((rule, i, all) => (
            <li key={rule.id} class={rule.news ? "news" : "broken"}>
              <span class="mark" aria-hidden="true">{rule.news ? "○" : <Octagon />}</span>
              <span>
                {!rule.news && <span class="visually-hidden">{say("broken_mark")}: </span>}
                {rule.news ? say(broken.length > 0 ? "driver_broke_too" : "driver_broke") : <Marked text={rule.title} after={all.slice(0, i).map((before) => before.title).join(" ")} />}
                <span class="small"> <Marked text={rule.text} plain /> {rule.step !== null && <button type="button" class="ref" onClick={() => toStep(rule.step!)}>{say("step_n", { n: rule.step })}</button>}</span>
              </span>
            </li>
          ))}
        </ul>
        <details class="kept">
          <summary>{say(broken.length > 0 ? "others_hold" : "they_hold", { n: kept.length })}</summary>
          <ul class="rules">
            {kept.map((rule, i) => (
              <li key={rule.id} class="holds">
                <span class="mark" aria-hidden="true">✓</span>
                <span><span class="visually-hidden">{say("holds_mark")}: </span><Marked text={rule.title} after={kept.slice(0, i).map((before) => before.title).join(" ")} /></span>
              </li>
            ))}
          </ul>
        </details>
      </div>
      <details class="block astext" onToggle={(e) => (tabled.value = e.currentTarget.open)}>
        <summary>{say("lanes_as_table")}</summary>
        {tabled.value && <LanesTable run={run} />}
      </details>
      <details class="block astext" onToggle={(e) => (open.value = e.currentTarget.open)}>
        <summary>{say("all_in_words", { n: run.steps.length })}</summary>
        {open.value && (
          <ol>
            {run.steps.slice(0, 2000).map((s) => (
              <li key={s.n}><button type="button" class="ref" onClick={() => toStep(s.n)}>{s.n}</button> <span><Marked text={s.what} plain /> <span class="small"><Marked text={s.why} plain /></span></span></li>
            ))}
          </ol>
        )}
      </details>
    </section>
  );
}
