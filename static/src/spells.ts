// While a pte is empty: which handlers have read it so, and who writes it next.
import { number, pteCell } from "./format";
import type { Focus } from "./player";
import { lastUpTo } from "./timeline";
import type { Trace } from "./types";

type Look = { who: string; n: number };
// looks: the first of each thread. next: what ends it.
export type Spell = { looks: Look[]; next: Look | null };
type Spells = { from: number[]; spells: Spell[] };

const known = new WeakMap<Trace, Map<string, Spells>>();

// The spell that goes on after step n. A run is read once.
export function spellAt(run: Trace, at: Focus, n: number): Spell | undefined {
  const cells = known.get(run) ?? spellsIn(run);
  known.set(run, cells);
  const found = cells.get(pteCell(at.mm, at.address));
  return found?.spells[lastUpTo(found.from, n)];
}

function spellsIn(run: Trace): Map<string, Spells> {
  const cells = new Map<string, Spells>();
  const spellsOf = (cell: string): Spells => {
    const found = cells.get(cell) ?? { from: [0], spells: [{ looks: [], next: null }] };
    cells.set(cell, found);
    return found;
  };
  for (const { n, thread, op, reads, delta } of run.steps) {
    if (op === "read_pte") for (const cell of reads) looked(spellsOf(cell).spells.at(-1)!, { who: thread, n });
    for (const [cell, , value] of delta) if (cell.startsWith("pte/")) written(spellsOf(cell), { who: thread, n }, number(value));
  }
  return cells;
}

function looked(spell: Spell, look: Look): void {
  if (!spell.looks.some(({ who }) => who === look.who)) spell.looks.push(look);
}

function written({ from, spells }: Spells, by: Look, value: bigint): void {
  spells.at(-1)!.next ??= by;
  if (value !== 0n) return;
  from.push(by.n);
  spells.push({ looks: [], next: null });
}
