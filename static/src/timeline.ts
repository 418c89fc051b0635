// The machine's cells at any step. Each cell knows its own changes, so that going anywhere costs nothing
// and a look costs a search among the changes of one cell.
import type { Trace, Value } from "./types";

type Changes = { at: number[]; now: (Value | undefined)[] };

export class Timeline {
  private readonly cells = new Map<string, Changes>();

  constructor(trace: Trace) {
    for (const [cell, value] of Object.entries(trace.cells)) this.cells.set(cell, { at: [0], now: [value ?? undefined] });
    for (const { n, delta } of trace.steps) for (const [cell, , now] of delta) this.changed(cell, n, now ?? undefined);
  }

  private changed(cell: string, n: number, now: Value | undefined): void {
    const changes = this.cells.get(cell);
    if (!changes) return void this.cells.set(cell, { at: [n], now: [now] });
    changes.at.push(n);
    changes.now.push(now);
  }

  // What a cell holds after step n; undefined where it is not there.
  get(cell: string, n: number): Value | undefined {
    const changes = this.cells.get(cell);
    return changes?.now[lastUpTo(changes.at, n)];
  }
}

// The index of the last of these ascending numbers that is not above n; -1 if all are.
export function lastUpTo(numbers: readonly number[], n: number): number {
  let from = 0;
  let to = numbers.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (numbers[middle]! <= n) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}
