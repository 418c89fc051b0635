// Questions worth asking about this scenario, made from what is in it.
import { t } from "../messages";
import type { Trace } from "../types";
import type { Found } from "./found";
import { placeOf } from "./words";
import { decodePte, hex, pteCell } from "../format";

export type Example = { label: string; text: string };

export function examplesOf(run: Trace, found: Found | null): Example[] {
  const threads = run.threads.map((thread) => thread.id);
  const [first, second] = threads;
  const cell = pteCell(run.focus.mm, run.focus.address);
  const place = placeOf(cell, run);
  const examples: Example[] = [];
  const frame = lastFrame(run, found, cell);
  if (frame) examples.push({ label: t("sched_ex_frame", { place, frame }), text: `pfn("${place}") == ${frame}` });
  if (first && second) examples.push({ label: t("sched_ex_apart", { first, second }), text: `saw("${first}") != saw("${second}")` });
  examples.push({ label: t("sched_ex_dirty"), text: 'broken("lost_dirty")' });
  examples.push({ label: t("sched_ex_stale"), text: "stale()" });
  const stuck = second ?? first;
  if (stuck) examples.push({ label: t("sched_ex_stuck", { who: stuck }), text: `stuck("${stuck}")` });
  return examples;
}

// Of the frames that the page can end on, the one that the fewest shortest ways lead to: it is listed last.
function lastFrame(run: Trace, found: Found | null, cell: string): string | null {
  const frames = (found?.outcomes ?? []).map((outcome) => outcome.ptes[cell]).filter((pte): pte is string => pte !== undefined && /^0x[0-9a-f]+$/.test(pte));
  const present = frames.map((pte) => decodePte(pte, run.arch)).filter((pte) => pte.present).map((pte) => pte.pfn);
  const last = [...new Set(present)].at(-1);
  return last ? hex(BigInt(last)) : null;
}
