// The pte as bits: as it was before this step, and as it is now.
import { named, t } from "../messages";
import type { Pte } from "../format";
import type { Player } from "../player";
import type { Colours, Tone } from "./colours";
import { cut, rect, text } from "./marks";
import type { Mark } from "./marks";
import { decodePte, isQuiet, pteCell, threadIndex } from "./readers";
import type { Box } from "./view";

const NAME = 40;
const PFN = 100;
const TALL = 40;
const GAP = 3;

export const WAS = 26; // where the rows begin
export const NOW = WAS + TALL + 8;
export const ENTRY = NOW + TALL; // how much of the pane they take

export function entry(player: Player, { x, y, w }: Box, c: Colours): Mark[] {
  const run = player.trace.value!;
  const { was, now } = change(player);
  const { vma, page, mm } = player.focus.value!;
  const name = t("pte_of", { pte: `pte[${vma}+${page}]`, mm: `${t("process")} ${mm}` });
  const tone = c.threads[Math.max(0, threadIndex(run, player.step.value?.thread ?? "")) % 8]!;
  const title = heading(x, y, t("the_entry"), c);
  const before = was ? row(x, y + WAS, w, was, null, c, tone) : [rect(x + NAME, y + WAS, w - NAME, TALL, 6, { stroke: c.rule, dash: "4 4" }), text(x + NAME + (w - NAME) / 2, y + WAS + 25, 13, [{ text: t("same_before"), fill: c.faint }], "middle")];
  return [
    title,
    text(x + w, y + 11, 12.5, cut([{ text: name, fill: c.soft, mono: true }], 12.5, w - 90), "end"),
    label(x, y + WAS, t("was"), c.faint),
    ...before,
    label(x, y + NOW, t("now"), c.soft),
    ...row(x, y + NOW, w, now, was, c, tone),
  ];
}

export const heading = (x: number, y: number, said: string, c: Colours): Mark => text(x, y + 11, 13.5, [{ text: said, fill: c.soft, weight: 600 }]);
const label = (x: number, y: number, said: string, fill: string): Mark => text(x, y + 25, 14, [{ text: said, fill }]);

// What the pte in focus was before this step, if this step changed it, and what it is.
export function change(player: Player): { was: Pte | null; now: Pte } {
  const { arch } = player.trace.value!;
  const at = player.focus.value!;
  const cell = pteCell(at.mm, at.address);
  const changed = player.step.value?.delta.find(([one]) => one === cell);
  return { was: changed ? decodePte(changed[1], arch) : null, now: decodePte(player.cells.value.get(cell), arch) };
}

// What differs from the bits before has the colour of who changed it.
function row(x: number, y: number, w: number, pte: Pte, was: Pte | null, c: Colours, tone: Tone): Mark[] {
  const value = pte.none ? t("none") : pte.present ? pte.pfn : pte.rest;
  const moved = was !== null && (was.pfn !== pte.pfn || was.present !== pte.present);
  const shown = pte.bits.map((bit, i) => ({ bit, before: was?.bits[i] })).filter(({ bit, before }) => !isQuiet(bit, before));
  const rest = pte.bits.length - shown.length;
  const each = (w - NAME - PFN) / (shown.length + (rest ? 1 : 0));
  const marks = box(x + NAME, y, PFN - GAP, value, pte.none || pte.present ? "pfn" : t("not_present"), { on: !pte.none, changed: moved, wide: true }, c, tone);
  shown.forEach(({ bit, before }, i) => {
    marks.push(...box(x + NAME + PFN + i * each, y, each - GAP, bit.set ? "1" : "0", named("bit", bit.name), { on: bit.set, changed: before !== undefined && before.set !== bit.set }, c, tone));
  });
  if (rest) marks.push(...box(x + NAME + PFN + shown.length * each, y, each - GAP, "0", `×${rest}`, { on: false, changed: false }, c, tone));
  return marks;
}

type State = { on: boolean; changed: boolean; wide?: boolean };

function box(x: number, y: number, w: number, value: string, name: string, { on, changed, wide = false }: State, c: Colours, tone: Tone): Mark[] {
  const look = changed ? { fill: tone.wash, stroke: tone.me, width: 2 } : on && !wide ? { fill: c["ok-wash"] } : { fill: c.panel, stroke: c.rule };
  const ink = changed ? tone.me : on ? (wide ? c.ink : c.ok) : c.soft;
  return [
    rect(x, y, w, TALL, 6, look),
    text(x + w / 2, y + 18, 14, cut([{ text: value, fill: ink, weight: 700, mono: true }], 14, w - 4), "middle"),
    text(x + w / 2, y + 33, 11, cut([{ text: name, fill: ink }], 11, w - 2), "middle"),
  ];
}
