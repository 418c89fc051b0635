// The way into the dialog Share, which is fetched when it is first wanted.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { readers } from "./lent";
import { unfetched } from "./store";

type Props = { close: () => void };
export const sharing = signal(false);
export const room = signal<ComponentType<Props> | null>(null);
export const fetching = signal(false);

export async function share(): Promise<void> {
  fetching.value = true;
  try {
    room.value ??= await (await import("./share/dialog")).load(readers);
    sharing.value = true;
  } catch {
    unfetched("sharing_missing");
  }
  fetching.value = false;
}
