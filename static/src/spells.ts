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

// The spell that goes on after step n. A run is read once for each pte.
export function spellAt(run: Trace, at: Focus, n: number): Spell | undefined {
  const cell = pteCell(at.mm, at.address);
  const cells = known.get(run) ?? new Map<string, Spells>();
  known.set(run, cells);
  const { from, spells } = cells.get(cell) ?? spellsOf(run, cell);
  cells.set(cell, { from, spells });
  return spells[lastUpTo(from, n)];
}

function spellsOf(run: Trace, cell: string): Spells {
  const from = [0];
  const spells: Spell[] = [{ looks: [], next: null }];
  for (const { n, thread, op, reads, delta } of run.steps) {
    const spell = spells.at(-1)!;
    if (op === "read_pte" && reads.includes(cell) && !spell.looks.some((look) => look.who === thread)) spell.looks.push({ who: thread, n });
    const change = delta.find(([changed]) => changed === cell);
    if (!change) continue;
    spell.next ??= { who: thread, n };
    if (number(change[2]) !== 0n) continue;
    from.push(n);
    spells.push({ looks: [], next: null });
  }
  return { from, spells };
}
