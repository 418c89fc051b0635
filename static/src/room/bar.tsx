// One line below the header: whether this page follows, and how to go back to it.
import { t } from "../messages";
import { site } from "../site";
import { stage } from "../store";
import { cursor, name, state } from "./follower";
import { following, goBack, lastRun, missing } from "./guided";

type Key = "room_finding" | "room_none" | "room_full" | "room_lost" | "room_over" | "room_waiting" | "room_run_missing" | "room_looking" | "room_away" | "room_blank" | "room_following";

function stands(): Key {
  const now = cursor.value;
  const how = state.value;
  if (how !== "on") return `room_${how}`;
  if (!now?.run) return "room_waiting";
  if (missing.value) return "room_run_missing";
  if (!following.value) return "room_looking";
  if (now.away) return "room_away";
  return now.blank ? "room_blank" : "room_following";
}

export function Bar() {
  const key = stands();
  const run = stage.trace.value;
  const Words = run ? "p" : "h1"; // without a run it is all that there is
  const astray = !following.value && state.value !== "over";
  return (
    <div class={`room-line ${key}${run ? "" : " empty"}`} role={run ? undefined : "main"}>
      <Words><b class="room-sign" aria-hidden="true">{SIGNS[key] ?? "○"}</b><span><span role="status">{t(key, { room: name })}</span>{key === "room_looking" && <span class="room-where"><span class="room-dot"> · </span>{t("room_presenter_at", { n: cursor.value!.at })}{cursor.value!.poll?.open ? ` · ${t("room_question_open")}` : ""}</span>}</span></Words>
      {astray && cursor.value && <button type="button" class="room-back" onClick={goBack}>{t("room_go_back")}</button>}
      {key === "room_none" && <Elsewhere />}
      {key === "room_over" && <a class="room-back" href={site(run ? `/#${run.link}&t=${stage.position.value}` : "/")}>{t("room_keep")}</a>}
    </div>
  );
}

// Who comes when the class is over, or before it: what it was at, if this tab was there, and what can be read alone.
function Elsewhere() {
  const last = lastRun();
  return (
    <nav class="room-elsewhere" aria-label={t("room_elsewhere")}>
      {last && <a class="room-back" href={site(`/#${last}`)}>{t("room_last_run")}</a>}
      <a class="room-back" href={site("/lessons")}>{t("place_lessons")}</a>
      <a class="room-back" href={site("/r")}>{t("room_other")}</a>
    </nav>
  );
}

const SIGNS: Partial<Record<Key, string>> = { room_following: "●", room_blank: "●", room_looking: "↗" };
