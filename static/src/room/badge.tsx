// The room in the header: its name and how many are here; behind it all that can be done with it.
import { useSignal } from "@preact/signals";
import { parts as pieces, t } from "../messages";
import { darken } from "./clicker";
import { Code, isOwn, typed } from "./code";
import { joining } from "./joining";
import { pointing } from "./laser";
import { openNotes } from "./notes";
import { here, online, refused, room } from "./presenter";

export function Badge({ end }: { end: () => void }) {
  const now = room.value;
  const sure = useSignal(false);
  const copied = useSignal(false);
  if (!now) return null;
  const count = t(here.value === 1 ? "room_here_1" : "room_here", { n: here.value });
  const copy = () => navigator.clipboard.writeText(now.url).then(() => (copied.value = true), () => {});
  const away = () => document.getElementById("room-panel")?.hidePopover();
  return (
    <>
      <button id="room" type="button" class="room-badge" popovertarget="room-panel" aria-label={t("room_label", { room: now.name, count })}>
        <i class={online.value ? "on" : ""} aria-hidden="true" /><b>{now.name}</b><span>{here.value}</span>
      </button>
      <div id="room-panel" popover="auto" class="menu room-panel" role="dialog" aria-label={t("room_panel")} onToggle={() => (sure.value = copied.value = false)}>
        <div class="room-top">
          <button type="button" class="room-enlarge" aria-label={t("room_large")} onClick={() => { away(); joining.value = true; }}><Code url={now.url} /></button>
          <div>
            <p class="room-name">{now.name}</p>
            <p class="room-url">{typed(now.url)}</p>
            <p class="room-here" role="status">{online.value ? count : t("room_offline")}</p>
            {isOwn(now.url) && <p class="room-warn">{t("room_own_address", { host: new URL(now.url).host })}</p>}
            {refused.value && <p class="room-warn" role="alert" lang="en">{refused.value}</p>}
          </div>
        </div>
        <div class="room-acts">
          <button type="button" class="room-act first" onClick={() => { away(); joining.value = true; }}>{t("room_large")} <kbd>j</kbd></button>
          <button type="button" class="room-act" onClick={() => { away(); openNotes(); }}>{t("room_notes")}</button>
          <button type="button" class="room-act" onClick={() => { away(); darken(); }}>{t("room_darken")} <kbd>.</kbd></button>
          <button type="button" class="room-act" aria-pressed={pointing.value} onClick={() => (pointing.value = !pointing.value)}>{t("room_laser")} <kbd>l</kbd></button>
          <button type="button" class="room-act" onClick={() => void copy()}>{t(copied.value ? "room_copied" : "room_copy")}</button>
          <button type="button" class={sure.value ? "room-act sure" : "room-act"} onClick={() => (sure.value ? end() : (sure.value = true))}>{t(sure.value ? "room_end_sure" : "room_end")}</button>
        </div>
        <p class="room-keys">{pieces("room_clicker", { on_keys: <><kbd>→</kbd> <kbd>PgDn</kbd></>, back_keys: <><kbd>←</kbd> <kbd>PgUp</kbd></>, dark_keys: <><kbd>.</kbd> <kbd>b</kbd></> })}</p>
      </div>
    </>
  );
}
