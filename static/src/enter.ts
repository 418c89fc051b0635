// The ways into a room: to present, which is a choice, and to follow, which is what the page is there for.
import { followed, parts } from "./rooms";
import type { Parts } from "./rooms";
import { unfetched } from "./store";

export const PRESENTS = "faultwalk.presents";
const ASKED = "?present"; // how other pages lead to a run that is to be presented

export const present = (): void => fetched(import("./room/present").then((found) => found.load()));

// A page that presented goes on with it when it is loaded again.
export function enter(): void {
  try {
    const asked = location.search === ASKED;
    if (asked) history.replaceState(null, "", location.pathname + location.hash); // or a link that is copied would present
    if (followed) fetched(import("./room/follow").then((found) => found.load(followed!)));
    else if (asked || sessionStorage.getItem(PRESENTS)) present();
  } catch {
    // nothing could be kept, then
  }
}

const fetched = (made: Promise<Parts>): void => void made.then((found) => (parts.value = found), () => unfetched("rooms_missing"));
