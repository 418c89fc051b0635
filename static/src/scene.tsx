// One scene inline in a text: a player of its own under each kernel named. Made when the reader asks for it.
import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import * as api from "./api";
import { t } from "./messages";
import { Caption } from "./panes/caption";
import { Entry } from "./panes/entry";
import { Lanes } from "./panes/lanes";
import { Why } from "./panes/why";
import { Player, PlayerContext } from "./player";

type Run = { kernel: string; step: number };

export function Scene({ scenario, runs }: { scenario: string; runs: Run[] }) {
  const player = useMemo(() => new Player(), []);
  const kernel = useSignal(runs[0]!.kernel);
  const failed = useSignal("");
  const { position, last, playing } = player;
  const under = (run: Run) => {
    kernel.value = run.kernel;
    failed.value = "";
    api.run({ gallery: scenario, kernel: run.kernel }).then((made) => player.show(made, Math.max(0, run.step - 1)), (error: Error) => (failed.value = error.message));
  };
  useEffect(() => { under(runs[0]!); return player.run(); }, []);
  return (
    <PlayerContext.Provider value={player}>
      <div class="inline-player" aria-busy={!player.trace.value} data-ready={player.trace.value ? "yes" : undefined}>
        <div class="modes" role="group" aria-label={t("revision")}>
          {runs.map((run) => <button key={run.kernel} type="button" class={run.kernel === kernel.value ? "mode on" : "mode"} aria-pressed={run.kernel === kernel.value} onClick={() => under(run)}>{run.kernel.replace("nopfn-", "")}</button>)}
        </div>
        {failed.value && <p class="small" role="alert">{failed.value}</p>}
        <Caption level={5} />
        <Entry />
        <Lanes />
        <Why />
        <div class="moves" role="toolbar" aria-label={t("steps")}>
          <button type="button" class="quiet" aria-disabled={position.value === 0} onClick={player.back}>{t("step_back")}</button>
          <button type="button" class="go" aria-disabled={position.value >= last.value} onClick={player.forward}>{t("step")}</button>
          <button type="button" class="quiet" aria-pressed={playing.value} onClick={() => player.togglePlay()}>{playing.value ? t("pause") : t("play")}</button>
          <a class="quiet open-full" href={`/#s=${scenario}&k=${kernel.value}&t=${position.value}`}>{t("open_full")}</a>
        </div>
      </div>
    </PlayerContext.Provider>
  );
}

// <section class="scene" data-scenario data-runs="kernel:step kernel:step"> gets a button that opens the player in it.
export function upgradeScenes(): void {
  for (const scene of document.querySelectorAll<HTMLElement>(".scene[data-scenario]")) offer(scene);
}

function offer(scene: HTMLElement): void {
  const box = scene.querySelector<HTMLElement>(".scene-player");
  if (!box) return;
  const runs = (scene.dataset.runs ?? "").split(" ").map((run) => ({ kernel: run.split(":")[0]!, step: Number(run.split(":")[1]) }));
  const open = document.createElement("button");
  open.type = "button";
  open.className = "go run-here";
  open.textContent = t("run_here");
  open.addEventListener("click", () => {
    open.remove();
    render(<Scene scenario={scene.dataset.scenario ?? ""} runs={runs} />, box);
    box.querySelector<HTMLElement>(".go")?.focus();
  });
  box.append(open);
}
