// One scene inline in a text: a player of its own under each kernel named. Made when the reader asks for it.
import { type Signal, signal, untracked, useSignal, useSignalEffect } from "@preact/signals";
import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import * as api from "./api";
import { parts, t } from "./messages";
import { Caption } from "./panes/caption";
import { Entry } from "./panes/entry";
import { Lanes } from "./panes/lanes";
import { Why } from "./panes/why";
import { Player, PlayerContext } from "./player";
import { shortName } from "./revisions";
import { site } from "./site";

type Place = { kernel: string; step: number };

// A reader starts before the step that matters, and takes it.
const before = ({ kernel, step }: Place): Place => ({ kernel, step: Math.max(0, step - 1) });

export function Scene({ scenario, runs, place }: { scenario: string; runs: Place[]; place: Signal<Place> }) {
  const player = useMemo(() => new Player(), []);
  const failed = useSignal("");
  const { position, last, playing } = player;
  const kernel = place.value.kernel;
  useEffect(() => player.run(), []);
  useSignalEffect(() => {
    const wanted = place.value;
    untracked(() => {
      failed.value = "";
      if (player.trace.value?.kernel.id === wanted.kernel) return player.seek(wanted.step);
      api.run({ gallery: scenario, kernel: wanted.kernel }).then(
        (made) => { if (place.value === wanted) player.show(made, wanted.step); },
        (error: Error) => { if (place.value === wanted) failed.value = error.message; },
      );
    });
  });
  return (
    <PlayerContext.Provider value={player}>
      <div class="inline-player" aria-busy={!player.trace.value} data-ready={player.trace.value ? "yes" : undefined}>
        <div class="modes" role="group" aria-label={t("revision")}>
          {runs.map((run) => <button key={run.kernel} type="button" class={run.kernel === kernel ? "mode on" : "mode"} aria-pressed={run.kernel === kernel} onClick={() => (place.value = before(run))}>{shortName(run.kernel)}</button>)}
        </div>
        {place.value.step > 0 && <p class="small scene-from">{parts("scene_from", { n: place.value.step, start: <button key="start" type="button" class="linkish" onClick={() => player.seek(0)}>{t("from_start")}</button> })}</p>}
        {failed.value && <p class="small" role="alert">{failed.value}</p>}
        <Caption level={5} />
        <Entry />
        <Lanes />
        <Why />
        <div class="moves" role="toolbar" aria-label={t("steps")}>
          <button type="button" class="quiet" aria-disabled={position.value === 0} onClick={player.back}>{t("step_back")}</button>
          <button type="button" class="go" aria-disabled={position.value >= last.value} onClick={player.forward}>{t("step")}</button>
          <button type="button" class="quiet" aria-pressed={playing.value} onClick={() => player.togglePlay()}>{playing.value ? t("pause") : t("play")}</button>
          <a class="quiet open-full" href={site(`/#s=${scenario}&k=${kernel}&t=${position.value}`)}>{t("open_full")}</a>
        </div>
      </div>
    </PlayerContext.Provider>
  );
}

// <section class="scene" data-scenario data-runs="kernel:step kernel:step"> gets a button that opens the player in it;
// a link to a step within it (data-at="kernel:step") then moves that player instead of leaving for the stage.
export function upgradeScenes(): void {
  for (const scene of document.querySelectorAll<HTMLElement>(".scene[data-scenario]")) offer(scene);
}

function offer(scene: HTMLElement): void {
  const box = scene.querySelector<HTMLElement>(".scene-player");
  const runs = (scene.dataset.runs ?? "").split(" ").map(parsed);
  const place = signal(before(runs[0]!));
  if (!box) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "go run-here";
  button.textContent = t("run_here");
  const open = () => {
    const fresh = button.isConnected;
    if (fresh) {
      button.remove();
      render(<Scene scenario={scene.dataset.scenario ?? ""} runs={runs} place={place} />, box);
    }
    box.querySelector<HTMLElement>(".go")?.focus({ preventScroll: true });
    box.scrollIntoView({ block: fresh ? "start" : "nearest" });
  };
  button.addEventListener("click", open);
  scene.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLElement>("a[data-at]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    place.value = parsed(link.dataset.at ?? "");
    open();
  });
  box.append(button);
}

function parsed(text: string): Place {
  const [kernel = "", step] = text.split(":");
  return { kernel, step: Number(step) };
}
