// An embedded run: the sentence, the panes that there is room for, the lanes, and one row of buttons.
import { useComputed } from "@preact/signals";
import { holds, viewOf } from "../address";
import { t } from "../messages";
import { Caption } from "../panes/caption";
import { Entry } from "../panes/entry";
import { Lanes } from "../panes/lanes";
import { Predict } from "../panes/predict";
import { Source } from "../panes/source";
import { Why } from "../panes/why";
import { PlayerContext } from "../player";
import { asking, loaded, pausing, shown, underway } from "../predict";
import { site } from "../site";
import { busy, kernels, mode, stage, switchKernel, trouble } from "../store";
import { langOf, titleOf } from "../told";
import { Trouble } from "../trouble";
import type { Options } from "./options";

export function Frame({ options, short }: { options: Options; short: string | null }) {
  const run = stage.trace.value;
  const asks = mode.value === "predict" && (shown.value !== null || underway.value);
  return (
    <PlayerContext.Provider value={stage}>
      <main class={`embed c-${options.variant}${asks ? " asks" : ""}${asking.value ? " asking" : ""}`} aria-busy={busy.value} data-ready={run ? "yes" : undefined} data-questions={loaded.value ? "yes" : undefined}>
        <p class="e-title"><b lang={langOf(titleOf(run))}>{titleOf(run).text || "Faultwalk"}</b>{run && <span>{run.kernel.id}</span>}</p>
        <Caption />
        <div class="e-panes">
          <Predict />
          <Entry />
          {options.variant === "full" && <Source />}
        </div>
        <Lanes />
        <Bar chooses={options.chooses} short={short} />
        <Trouble what={trouble.value} dismiss={() => (trouble.value = null)} />
      </main>
      <Why />
    </PlayerContext.Provider>
  );
}

function Bar({ chooses, short }: { chooses: boolean; short: string | null }) {
  const { position, last, playing } = stage;
  const atStart = useComputed(() => position.value === 0).value;
  const atEnd = useComputed(() => position.value >= last.value && !pausing.value).value;
  const held = asking.value || underway.value;
  return (
    <div class="e-bar" role="toolbar" aria-label={t("steps")}>
      <button type="button" class="icon" aria-label={t("step_back")} aria-disabled={atStart} onClick={stage.back}><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M12 2v12L3 8z" /></svg></button>
      <button type="button" class="go" aria-label={t("step")} aria-disabled={atEnd || held} onClick={stage.forward}>{t("step")} <svg width="11" height="12" viewBox="0 0 11 12" aria-hidden="true"><path d="M1 0v12l10-6z" /></svg></button>
      <button type="button" class="quiet" aria-pressed={playing.value} onClick={() => stage.togglePlay()}>{playing.value ? t("pause") : t("play")}</button>
      <span class="grow" />
      {chooses && <Kernels />}
      <a class="e-full" href={full(short)} target="_blank" rel="noopener"><span>{t("open_full")}</span> <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><path d="M4 2H2v8h8V8M6.5 1.5h4v4M10 2 5.5 6.5" /></svg></a>
    </div>
  );
}

function Kernels() {
  return (
    <select class="e-kernel" aria-label={t("revision")} value={stage.trace.value?.kernel.id ?? ""} onChange={(e) => switchKernel(e.currentTarget.value)}>
      {kernels.value.map((kernel) => <option key={kernel.id} value={kernel.id}>{kernel.id}</option>)}
    </select>
  );
}

// The same content, at the step that is shown: short for as long as the short link holds it.
function full(short: string | null): string {
  const run = stage.trace.value;
  if (!run) return site("/");
  const view = viewOf(stage.position.value, mode.value);
  return site(short && holds(run.link) ? `/l/${short}?${view}` : `/#${run.link}&${view}`);
}
