// Step, back, play; and which day's kernel runs.
import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Ending } from "./ending";
import { Known } from "../glossary";
import { parts, t } from "../messages";
import { letterOf } from "../keys";
import { MOVES, move, toCaption } from "../moves";
import { usePlayer } from "../player";
import { asking, pausing, underway } from "../predict";
import { Revisions } from "../revisions";
import { CompareLink } from "../rival";
import { site } from "../site";
import { stage, switchKernel } from "../store";
import { notesAt } from "../told";

const SPEEDS = [0.5, 1, 2, 4];

// days: what stands there where no other kernel can be asked for.
export function Transport({ days = <Days /> }: { days?: ComponentChildren }) {
  const player = usePlayer();
  const { position, last, playing, speed } = player;
  const atStart = useComputed(() => position.value === 0).value;
  const atEnd = useComputed(() => position.value >= last.value && !pausing.value).value;
  const held = asking.value || underway.value;
  return (
    <footer class="transport">
      <div class={atEnd ? "moves done" : "moves"} role="toolbar" aria-label={t("steps")}>
        <button type="button" class="icon wide" aria-label={t("first_step")} aria-disabled={atStart} onClick={() => player.seek(0)}><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 2h2v12H2zM14 2v12L5 8z" /></svg></button>
        <button type="button" class="icon" aria-label={t("step_back")} aria-disabled={atStart} onClick={() => toCaption(player.back)}><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M12 2v12L3 8z" /></svg></button>
        <button type="button" class="go" aria-label={t("step")} aria-disabled={atEnd || held} onClick={() => toCaption(player.forward)}>{t("step")} <svg width="11" height="12" viewBox="0 0 11 12" aria-hidden="true"><path d="M1 0v12l10-6z" /></svg></button>
        <Moves />
        <NextNote />
        <button type="button" class="quiet" aria-pressed={playing.value} onClick={() => player.togglePlay()}>{playing.value ? t("pause") : t("play")}</button>
        <label class="wide speed"><span class="visually-hidden">{t("speed")}</span>
          <select value={String(speed.value)} onChange={(e) => (speed.value = Number(e.currentTarget.value))}>
            {SPEEDS.map((s) => <option key={s} value={String(s)}>{s}×</option>)}
          </select>
        </label>
        <Ending />
      </div>
      <div class="days">{days}</div>
    </footer>
  );
}

function Days() {
  return (
    <>
      <p class="days-label"><Known name="v1"><b>{t("kernel_version")}</b></Known><span class="days-more"> {parts("versions_are", { story: <a key="story" href={site("/thread")}>{t("versions_story")}</a> })}</span></p>
      <Revisions now={stage.trace.value?.kernel.id} choose={switchKernel} label={t("revision")} />
      <CompareLink where="rev" />
    </>
  );
}

// From remark to remark, where a thumb has no key for it.
function NextNote() {
  const player = usePlayer();
  const lastNote = useComputed(() => player.trace.value?.steps.findLast((step) => notesAt(player.trace.value!, step).length)?.n ?? 0);
  const more = useComputed(() => lastNote.value > player.position.value);
  if (!lastNote.value) return null;
  return <button type="button" class={more.value ? "icon next-note" : "icon next-note past"} aria-label={t("next_note")} onClick={() => toCaption(() => move(player, "note", 1))}><span aria-hidden="true">★▸</span><small aria-hidden="true">{t("note_short")}</small></button>;
}

// Further ways to go, in a menu of two columns: on and back.
function Moves() {
  const player = usePlayer();
  return (
    <>
      <button type="button" class="quiet wide" popovertarget="moves" aria-haspopup="true">{t("moves")} <span aria-hidden="true">▴</span></button>
      <div id="moves" popover="auto" class="menu">
        {MOVES.map((kind) => (
          <div key={kind} class="menu-row" role="group" aria-label={t(`move_${kind}`)}>
            <span>{t(`move_${kind}`)}</span>
            <button type="button" class="quiet" aria-label={t("previous_move", { move: t(`move_${kind}`) })} onClick={() => move(player, kind, -1)}>◀</button>
            <button type="button" class="quiet" aria-label={t("next_move", { move: t(`move_${kind}`) })} onClick={() => move(player, kind, 1)}>▶ <kbd>{letterOf(kind)}</kbd></button>
          </div>
        ))}
      </div>
    </>
  );
}
