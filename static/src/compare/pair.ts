// Two runs on one scrubber. A place is a row of the alignment; each side stands where its row says.
import { batch, computed, effect, signal } from "@preact/signals";
import { t } from "../messages";
import { isVerdict, Player } from "../player";
import { shortName } from "../revisions";
import type { Comparison, Ends, First, Row } from "../types";
import type { Ref } from "./refs";

const BEAT = 1400; // milliseconds a place at normal speed

export type Which = 0 | 1;
export const SIDES = ["left", "right"] as const;

// A player that moves only together with the other one.
export class Side extends Player {
  constructor(private readonly pair: Pair, readonly which: Which) {
    super();
  }

  override seek(to: number): void {
    this.pair.follow(this.which, to);
  }

  stand(at: number): void {
    super.seek(at);
  }
}

export class Pair {
  readonly sides: [Side, Side] = [new Side(this, 0), new Side(this, 1)];
  readonly refs = signal<[Ref, Ref] | null>(null);
  readonly rows = signal<Row[]>([[0, 0]]);
  readonly row = signal(0);
  readonly first = signal<First | null>(null);
  readonly ends = signal<Ends | null>(null);
  readonly playing = signal(false);

  readonly last = computed(() => this.rows.value.length - 1);
  readonly ready = computed(() => this.ends.value !== null);
  // Which sides took a step to get here; the other one stands still.
  readonly moved = computed<[boolean, boolean]>(() => {
    const here = this.rows.value[this.row.value] ?? [0, 0];
    const before = this.rows.value[this.row.value - 1] ?? here;
    return [here[0] > before[0], here[1] > before[1]];
  });

  // A side by its kernel, where that tells them apart.
  nameOf(which: Which): string {
    const [left, right] = this.sides.map((side) => side.trace.value?.kernel.id);
    return left !== right ? shortName((which ? right : left) ?? "") : t(`side_${SIDES[which]}`);
  }

  show(found: Comparison, refs: [Ref, Ref]): void {
    batch(() => {
      this.playing.value = false;
      this.refs.value = refs;
      this.rows.value = found.rows;
      this.first.value = found.first;
      this.ends.value = found.outcome;
      this.sides[0].trace.value = found.left;
      this.sides[1].trace.value = found.right;
      for (const side of this.sides) side.whose.value = this.nameOf(side.which);
      this.seek(0);
    });
  }

  seek(to: number): void {
    const row = Math.max(0, Math.min(this.last.value, to));
    batch(() => {
      this.row.value = row;
      for (const side of this.sides) side.stand(this.rows.value[row]![side.which]);
    });
  }

  // To the first place at which this side has taken so many steps.
  follow(which: Which, step: number): void {
    const row = this.rows.value.findIndex((r) => r[which] >= step);
    this.seek(row < 0 ? this.last.value : row);
  }

  readonly forward = (): void => this.seek(this.row.value + 1);
  readonly back = (): void => this.seek(this.row.value - 1);
  readonly toFirst = (): void => { if (this.first.value) this.seek(this.first.value.row); };

  private startedAt = -1;
  readonly togglePlay = (): void => {
    this.startedAt = this.row.value;
    if (!this.playing.value && this.row.value >= this.last.value) this.seek(0);
    this.playing.value = !this.playing.value;
  };

  // Autoplay: halts at the first difference, at a side's new verdict, and at the end.
  run(): void {
    let timer = 0;
    effect(() => {
      clearTimeout(timer);
      if (!this.playing.value) return;
      const at = this.row.value;
      const news = this.sides.some((side) => this.moved.value[side.which] && side.step.value !== null && isVerdict(side.step.value));
      if (at >= this.last.value || (at !== this.startedAt && (news || at === this.first.value?.row))) {
        this.playing.value = false;
        return;
      }
      timer = window.setTimeout(this.forward, BEAT);
    });
  }
}

export const pair = new Pair();
