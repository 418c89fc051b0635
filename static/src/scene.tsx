// One scene inline in a text: a player of its own with the caption, the lanes and the pte. Loaded where a page has scenes.
import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import * as api from "./api";
import { t } from "./messages";
import { Caption } from "./panes/caption";
import { Entry } from "./panes/entry";
import { Lanes } from "./panes/lanes";
import { Player, PlayerContext } from "./player";
import type { RunRequest } from "./types";

type SceneProps = { request: RunRequest; at: number; href: string };

export function Scene({ request, at, href }: SceneProps) {
  const player = useSignal(new Player()).value;
  const failed = useSignal("");
  const { position, last, playing } = player;
  useEffect(() => {
    api.run(request).then((run) => player.show(run, at), (error: Error) => (failed.value = error.message));
    return player.run();
  }, []);
  if (failed.value) return <p class="small" role="alert">{failed.value}</p>;
  return (
    <PlayerContext.Provider value={player}>
      <div class="inline-player" aria-busy={!player.trace.value} data-ready={player.trace.value ? "yes" : undefined}>
        <Caption />
        <Entry />
        <Lanes />
        <div class="moves" role="toolbar" aria-label={t("steps")}>
          <button type="button" class="quiet" aria-disabled={position.value === 0} onClick={player.back}>{t("step_back")}</button>
          <button type="button" class="go" aria-disabled={position.value >= last.value} onClick={player.forward}>{t("step")}</button>
          <button type="button" class="quiet" aria-pressed={playing.value} onClick={player.togglePlay}>{playing.value ? t("pause") : t("play")}</button>
          <a class="quiet open-full" href={href}>{t("open_full")}</a>
        </div>
      </div>
    </PlayerContext.Provider>
  );
}

// Upgrades <section class="scene" data-scenario data-kernel data-step> when it comes near the viewport.
export function upgradeScenes(): void {
  const watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      upgrade(target as HTMLElement);
    }
  }, { rootMargin: "300px" });
  for (const scene of document.querySelectorAll(".scene[data-scenario]")) watch.observe(scene);
}

function upgrade(scene: HTMLElement): void {
  const { scenario = "", kernel = "", step = "0" } = scene.dataset;
  const request: RunRequest = kernel ? { gallery: scenario, kernel } : { gallery: scenario };
  const box = scene.querySelector<HTMLElement>(".scene-player") ?? scene;
  box.replaceChildren();
  render(<Scene request={request} at={Number(step)} href={`/#s=${scenario}${kernel ? `&k=${kernel}` : ""}&t=${step}`} />, box);
}
