// What a click on a page does: which thread reads or writes it.
import { computed, signal } from "@preact/signals";
import { membersOf } from "../model";
import { data } from "../session";

export const picked = signal<{ thread: string; verb: "read" | "write" }>({ thread: "", verb: "read" });
export const tool = computed(() => {
  const { threads } = membersOf(data.value);
  return { ...picked.value, thread: threads.includes(picked.value.thread) ? picked.value.thread : (threads[0] ?? "") };
});
