// Who comes for the first time sees one thing at a time: a pane is dim until a step has used it.
import { effect } from "@preact/signals";
import { fresh, stage } from "./store";

// From which step on a pane is lit.
const LIT: [pane: string, from: number][] = [[".p-vmas", 1], [".p-walk", 1], [".p-source", 2]];

export function firstVisit(): void {
  let furthest = 0;
  effect(() => {
    furthest = Math.max(furthest, stage.position.value);
    const dims = fresh.value && stage.trace.value !== null;
    queueMicrotask(() => {
      for (const [pane, from] of LIT) {
        const found = document.querySelector<HTMLElement>(`.stage > ${pane}`);
        if (found) found.inert = dims && furthest < from;
      }
    });
    if (dims && furthest >= 2) fresh.value = false;
  });
}
