// The ways into a room: to present, which is a choice, and to follow, which is what the page is there for.
import { followed, parts } from "./rooms";
import type { Parts } from "./rooms";
import { unfetched } from "./store";

export const PRESENTS = "faultwalk.presents";

export const present = (): void => fetched(import("./room/present").then((found) => found.load()));

// A page that presented goes on with it when it is loaded again.
export function enter(): void {
  try {
    if (followed) fetched(import("./room/follow").then((found) => found.load(followed!)));
    else if (sessionStorage.getItem(PRESENTS)) present();
  } catch {
    // nothing could be kept, then
  }
}

const fetched = (made: Promise<Parts>): void => void made.then((found) => (parts.value = found), () => unfetched("rooms_missing"));
