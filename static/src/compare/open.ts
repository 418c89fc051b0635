// From the address to two runs and back: every choice on the page is in its link.
import { effect, signal } from "@preact/signals";
import * as api from "../api";
import { writeHash } from "../address";
import { t } from "../messages";
import { gallery, kernels, trouble } from "../store";
import { pair } from "./pair";
import type { Which } from "./pair";
import { galleryId, ofGallery, pairText, readPair, requestOf, settled } from "./refs";
import type { Ref } from "./refs";

const DEFAULT: [Ref, Ref] = [ofGallery("two-threads-one-page", "nopfn-v2"), ofGallery("two-threads-one-page", "nopfn-v3")];

export const busy = signal(false);
type Place = { row: number } | { first: true } | { which: Which; step: number };
let newest = 0;

export async function open(refs: [Ref, Ref], place: Place, push = true): Promise<boolean> {
  const mine = ++newest;
  busy.value = true;
  try {
    const found = await api.compare(requestOf(refs[0]), requestOf(refs[1]));
    if (mine !== newest) return true;
    trouble.value = null;
    pair.show(found, [settled(refs[0], found.left), settled(refs[1], found.right)]);
    if ("first" in place) pair.toFirst();
    else if ("row" in place) pair.seek(place.row);
    else pair.follow(place.which, place.step);
    writeHash(pairText(pair.refs.value!), pair.row.value, push);
    return true;
  } catch (error) {
    if (mine === newest) trouble.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
    return false;
  } finally {
    if (mine === newest) busy.value = false;
  }
}

// Another kernel on one side; the other side stays where it is.
export function choose(which: Which, kernel: string): void {
  const refs = pair.refs.value;
  if (!refs || pair.sides[which].trace.value?.kernel.id === kernel) return;
  const changed: [Ref, Ref] = [refs[0], refs[1]];
  changed[which] = { ...changed[which], kernel };
  const other: Which = which === 0 ? 1 : 0;
  void open(changed, { which: other, step: pair.sides[other].position.value });
}

// Another scenario of the gallery on both sides, under the kernels that are chosen.
export function pick(id: string): void {
  const under = (which: Which) => ofGallery(id, pair.sides[which].trace.value?.kernel.id ?? null);
  void open([under(0), under(1)], { row: 0 });
}

export function swap(): void {
  const refs = pair.refs.value;
  if (refs) void open([refs[1], refs[0]], { which: 0, step: pair.sides[1].position.value });
}

// The scenario of the gallery that stands on both sides, if one does.
export function common(): string | null {
  const refs = pair.refs.value;
  const id = refs && galleryId(refs[0]);
  return id && id === galleryId(refs[1]) ? id : null;
}

async function fromAddress(): Promise<void> {
  const wanted = readPair(location.hash);
  const place: Place = wanted?.first ? { first: true } : wanted?.leftStep != null ? { which: 0, step: wanted.leftStep } : { row: wanted?.row ?? 0 };
  if (wanted && (await open(wanted.refs, place, false))) return;
  const said = trouble.value;
  if (!pair.ready.value || !wanted) await open(DEFAULT, { row: 0 }, false);
  trouble.value ??= said;
}

export async function start(): Promise<void> {
  window.addEventListener("popstate", () => void fromAddress());
  effect(() => {
    if (pair.refs.value && pair.ready.value) writeHash(pairText(pair.refs.value), pair.row.value, false);
  });
  effect(() => {
    const [left, right] = pair.sides.map((side) => side.trace.value?.kernel.id);
    document.title = left ? t("compare_title", { left, right: right ?? "" }) : t("compare");
  });
  pair.run();
  await Promise.all([
    fromAddress(),
    api.kernels().then((list) => (kernels.value = list), () => undefined),
    api.scenarios().then((list) => (gallery.value = list), () => undefined),
  ]);
}
