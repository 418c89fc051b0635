// How to come in, for the wall: a QR code that fills it, the address and the name.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../messages";
import { Code, isOwn, typed } from "./code";
import { here, room } from "./presenter";

export const joining = signal(false);

export function Joining() {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  const now = room.value;
  if (!now) return null;
  const close = () => (joining.value = false);
  return (
    <dialog ref={box} class="room-join" aria-labelledby="room-join-title" onClose={close}>
      <button type="button" class="room-act room-start" onClick={close}>{t("room_begin")}</button>
      <Code url={now.url} />
      <div class="room-join-words">
        <h2 id="room-join-title">{t("room_join")}</h2>
        <p class="room-url">{typed(now.url).replace(/[^/]*$/, "")}</p>
        <p class="room-name">{now.name}</p>
        <p class="room-here" role="status">{t(here.value === 1 ? "room_here_1" : "room_here", { n: here.value })}</p>
        {isOwn(now.url) && <p class="room-warn">{t("room_own_address", { host: new URL(now.url).host })}</p>}
        <p class="room-kept">{t("room_keeps")}</p>
      </div>
    </dialog>
  );
}
