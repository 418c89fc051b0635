// Who runs next, and what else one can do: buttons that stay where they are.
import { threadIndex } from "../format";
import { t } from "../messages";
import { usePlayer } from "../player";
import { asked, askFor, hint } from "./answers";
import { move, redo, restart, undo } from "./game";
import { canRedo, canUndo, level, movable, over, won } from "./position";
import { state } from "./threads";

export function Turns() {
  const { trace, position } = usePlayer();
  const run = trace.value;
  return (
    <div class="turns" role="group" aria-label={t("game_who_next")}>
      {level.value.threads.map((id, i) => {
        const can = movable.value.includes(id);
        const why = run && !can ? state(run, position.value, id) : "";
        return (
          <div key={id} class={`turn-of t${(run ? threadIndex(run, id) : i) % 8}`}>
            <button type="button" class="on" aria-disabled={!can} onClick={() => void move(id, true)} aria-label={can ? t("game_run_on", { id }) : `${id}: ${why}`}>
              <b>{id}</b><span>{can || !run ? t("game_runs") : why}</span>
            </button>
            <button type="button" class="one" aria-disabled={!can} aria-label={t("game_one_step", { id })} title={t("game_one_step", { id })} onClick={() => void move(id, false)}><span aria-hidden="true">+1</span></button>
          </div>
        );
      })}
    </div>
  );
}

export function Tools() {
  const at = usePlayer().position.value;
  const says = (what: string) => asked.value === what;
  return (
    <div class="tools">
      <div class="steps" role="toolbar" aria-label={t("game_back_forth")}>
        <button type="button" class="quiet" aria-disabled={!canUndo.value} aria-label={t("game_undo")} onClick={undo}><Arrow /> <span class="wide">{t("game_undo")}</span></button>
        <button type="button" class="quiet" aria-disabled={!canRedo.value} onClick={redo} aria-label={t("game_redo")}><Arrow flip /></button>
        <button type="button" class="quiet" aria-disabled={at === 0} onClick={restart} aria-label={t("game_restart")}><Again /><span class="wide">{t("game_restart")}</span></button>
      </div>
      <div class="asks" role="group" aria-label={t("game_ask")}>
        <button type="button" class="quiet hint" aria-disabled={over.value} aria-pressed={says("hint") || says("next")} onClick={() => over.value || hint()}>{says("hint") || says("next") ? t("game_more_hint") : t("game_hint")}</button>
        <button type="button" class="quiet" aria-disabled={over.value} aria-pressed={says("still")} onClick={() => over.value || askFor("still")} aria-label={t("game_still")}><span class="wide">{t("game_still")}</span><span class="short">{t("game_still_short")}</span></button>
        <button type="button" class="claim" aria-disabled={won.value} aria-pressed={says("claim")} onClick={() => won.value || askFor("claim")} aria-label={t("game_claim")}><span class="wide">{t("game_claim")}</span><span class="short">{t("game_claim_short")}</span></button>
      </div>
    </div>
  );
}

const Arrow = ({ flip = false }: { flip?: boolean }) => (
  <svg width="15" height="15" viewBox="0 0 16 16" aria-hidden="true" class={flip ? "flip" : undefined}><path d="M6 3 2 7l4 4M2.5 7H10a4 4 0 0 1 0 8H8" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>
);

const Again = () => <svg width="15" height="15" viewBox="0 0 16 16" aria-hidden="true"><path d="M3 2v5h5M3.5 7A5.6 5.6 0 1 1 3 10" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>;
