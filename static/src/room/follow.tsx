// The page of who follows: the stage as ever, led by the room.
import "../main"; // the page itself: what the two share stays in as few files as before
import { useComputed } from "@preact/signals";
import { keepStill } from "../address";
import { meant } from "../keyboard";
import { t } from "../messages";
import { asking, shown } from "../predict";
import type { Parts } from "../rooms";
import { Ballot } from "./ballot";
import { Bar } from "./bar";
import { cursor, join, state } from "./follower";
import { following, guide } from "./guided";
import { bring } from "./part";
import { arrived, ballots, choose } from "./vote";

export async function load(room: string): Promise<Parts> {
  keepStill();
  await bring();
  document.documentElement.dataset.room = "follows";
  addEventListener("keydown", onKey, true);
  guide();
  ballots();
  join(room, arrived);
  return { Bar: Line, Poll: Ballot };
}

function Line() {
  const dark = useComputed(() => following.value && state.value === "on" && cursor.value?.blank === true);
  return (
    <>
      <Bar />
      {dark.value && <div class="room-dark"><p>{t("room_dark")}</p><button type="button" class="room-back" onClick={() => (following.value = false)}>{t("room_look")}</button></div>}
    </>
  );
}

// The keys that answer a question answer the room's, while this page follows it or it is the one on the stage.
function onKey(event: KeyboardEvent): void {
  const poll = cursor.peek()?.poll;
  const here = poll && shown.peek()?.id === poll.q;
  if (!/^[0-9]$/.test(event.key) || !meant(event, "input, textarea, select") || !asking.peek() || !(following.peek() || here)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const choice = Number(event.key) - 1;
  if (poll && here && choice >= 0) choose(poll, choice);
}
