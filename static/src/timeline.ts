// The machine's cells at any step: one mutable map, moved by the trace's deltas.
import type { Trace, Value } from "./types";

export class Timeline {
  readonly cells = new Map<string, Value>();
  private at = 0;

  constructor(private readonly trace: Trace) {
    for (const [cell, value] of Object.entries(trace.cells)) this.cells.set(cell, value);
  }

  seek(position: number): void {
    while (this.at < position) {
      for (const [cell, , now] of this.trace.steps[this.at]!.delta) this.put(cell, now);
      this.at += 1;
    }
    while (this.at > position) {
      this.at -= 1;
      const { delta } = this.trace.steps[this.at]!;
      for (let i = delta.length - 1; i >= 0; i -= 1) this.put(delta[i]![0], delta[i]![1]);
    }
  }

  private put(cell: string, value: Value): void {
    if (value === null) this.cells.delete(cell);
    else this.cells.set(cell, value);
  }
}
