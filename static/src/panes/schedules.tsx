// Where Schedules stands; what is in it comes when it is first wanted.
import { t } from "../messages";
import { room } from "../schedules";
import { mode } from "../store";

export function Schedules() {
  const Panel = room.value;
  if (mode.value !== "schedules") return null;
  return (
    <section class="pane p-schedules" aria-label={t("mode_schedules")} aria-busy={!Panel}>
      <h2 class="visually-hidden">{t("mode_schedules")}</h2>
      {Panel ? <Panel /> : <p role="status">{t("loading")}</p>}
    </section>
  );
}
