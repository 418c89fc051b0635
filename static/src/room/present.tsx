// The presenter's part: large type, a clicker, a room that others follow.
import "../main"; // the page itself: what the two share stays in as few files as before
import { t } from "../messages";
import { parts } from "../rooms";
import type { Parts } from "../rooms";
import { lend, theme } from "../theme";
import type { Theme } from "../theme";
import { Badge } from "./badge";
import { onKey } from "./clicker";
import { Joining, joining } from "./joining";
import { laser } from "./laser";
import { closeNotes, tellNotes } from "./notes";
import { bring } from "./part";
import { AskRoom } from "./poll";
import { blank, endRoom, openRoom, presents, room } from "./presenter";

const SMALL = "(max-width: 760px)"; // held in a hand, and on no wall
let dressed: Theme = "auto";
let undo: (() => void)[] = [];

export async function load(): Promise<Parts> {
  await bring();
  if (room.peek()) joining.value = true;
  else await begin();
  return { Badge: Own, Bar: Over, Poll: AskRoom };
}

const Own = () => <Badge end={end} />;

async function begin(): Promise<void> {
  joining.value = !(await openRoom());
  dressed = theme.peek();
  if (!matchMedia(SMALL).matches) lend("projector");
  document.documentElement.dataset.room = "presents";
  addEventListener("keydown", onKey, true);
  undo = [presents(), laser(), tellNotes(), () => removeEventListener("keydown", onKey, true)];
}

function end(): void {
  endRoom();
  closeNotes();
  for (const one of undo) one();
  undo = [];
  joining.value = false;
  parts.value = null;
  delete document.documentElement.dataset.room;
  lend(dressed, true);
}

// What stands over everything.
function Over() {
  return (
    <>
      {joining.value && <Joining />}
      {blank.value && <button type="button" class="room-black" aria-label={t("room_unblank")} onClick={() => (blank.value = false)} />}
    </>
  );
}
