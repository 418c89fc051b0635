// Below the stage: how the run ends, what held, and the whole trace as text.
import { useSignal } from "@preact/signals";
import { seek, trace } from "../store";
import { Marked, Thread } from "../markup";

export function Results() {
  const run = trace.value;
  const open = useSignal(false);
  if (!run) return null;
  const broken = run.outcome.invariants.filter((i) => !i.holds);
  return (
    <section class="results" aria-label="Outcome">
      <div class="block">
        <h2>How it ends</h2>
        <div class="scroll" tabIndex={0} role="region" aria-label="Outcome by thread">
          <table>
            <thead><tr><th scope="col">Thread</th><th scope="col">Returns</th><th scope="col">Signal</th><th scope="col">min_flt</th><th scope="col">maj_flt</th><th scope="col">Saw</th></tr></thead>
            <tbody>
              {Object.entries(run.outcome.threads).map(([id, t]) => (
                <tr key={id}>
                  <th scope="row"><Thread id={id} /></th>
                  <td>{t.returns.map((r, i) => <code key={i}>{r.replace("VM_FAULT_", "")} </code>)}</td>
                  <td>{t.signal ?? t.bug ?? (t.state === "done" ? "none" : t.state)}</td>
                  <td>{t.min_flt}</td><td>{t.maj_flt}</td>
                  <td>{t.saw.join(", ") || "nothing"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <div class="block">
        <h2>What must hold: {broken.length === 0 ? "all of it does" : `${broken.length} broken`}</h2>
        <ul class="rules">
          {[...broken, ...run.outcome.invariants.filter((i) => i.holds)].map((rule) => (
            <li key={rule.id} class={rule.holds ? "holds" : "broken"}>
              <span class="mark" aria-hidden="true">{rule.holds ? "✓" : "✕"}</span>
              <span><span class="visually-hidden">{rule.holds ? "holds: " : "broken: "}</span>{rule.title}
                {!rule.holds && <span class="small"> <Marked text={rule.text} plain /> {rule.step !== null && <button type="button" class="ref" onClick={() => toStep(rule.step!)}>step {rule.step}</button>}</span>}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <details class="block astext" onToggle={(e) => (open.value = e.currentTarget.open)}>
        <summary>All {run.steps.length} steps in words</summary>
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

function toStep(n: number): void {
  seek(n);
  window.scrollTo({ top: 0 });
}
