// Steps as an animated GIF: one palette for all of them, and of each frame only what differs from the one before.
import { applyPalette, GIFEncoder, quantize } from "gifenc/dist/gifenc.esm.js";
import { canvas } from "./canvas";
import { heightOf, painted } from "./film";
import type { Film } from "./film";

const SAMPLES = 4; // frames that the palette is taken from
const SMALL = 640; // as wide as these are
const CLEAR = 255; // the index that stands for: as before
const KEEP = 1; // what GIF calls "do not dispose"

export async function gif(film: Film): Promise<Blob> {
  const made = GIFEncoder();
  const palette = paletteOf(film);
  const [width, height] = [film.width, heightOf(film.width)];
  let before: Uint8Array | null = null;
  const on = document.createElement("canvas");
  for await (const _ of painted(film, on)) {
    const index = applyPalette(pixels(on), palette);
    const own = before ? index.map((colour, i) => (colour === before![i] ? CLEAR : colour)) : index;
    made.writeFrame(own, width, height, { ...(before ? {} : { palette: padded(palette) }), transparent: before !== null, transparentIndex: CLEAR, delay: film.seconds * 1000, repeat: 0, dispose: KEEP });
    before = index;
  }
  made.finish();
  return new Blob([made.bytes()], { type: "image/gif" });
}

// The colours of the picture are few, and those of letters' edges many: taken from small pictures along the way.
function paletteOf({ picture, from, to }: Film): number[][] {
  const at = [...new Set(Array.from({ length: SAMPLES }, (_, i) => Math.round(from + ((to - from) * i) / (SAMPLES - 1))))];
  const all = at.map((n) => pixels(canvas(picture(n), SMALL)));
  const joined = new Uint8Array(all.reduce((sum, one) => sum + one.length, 0));
  all.reduce((place, one) => (joined.set(one, place), place + one.length), 0);
  return quantize(joined, CLEAR);
}

const padded = (palette: number[][]): number[][] => [...palette, ...Array.from({ length: CLEAR + 1 - palette.length }, () => [0, 0, 0])];

const pixels = (on: HTMLCanvasElement): Uint8ClampedArray => on.getContext("2d")!.getImageData(0, 0, on.width, on.height).data;
