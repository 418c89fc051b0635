// What is used of gifenc, which brings no types. Its module by name: the bundler would take its CommonJS, and need helpers for that.
declare module "gifenc/dist/gifenc.esm.js" {
  type Palette = number[][];
  type Frame = { palette?: Palette; transparent?: boolean; transparentIndex?: number; delay?: number; repeat?: number; dispose?: number };
  export function GIFEncoder(): { writeFrame(index: Uint8Array, width: number, height: number, frame: Frame): void; finish(): void; bytes(): Uint8Array<ArrayBuffer> };
  export function quantize(pixels: Uint8Array | Uint8ClampedArray, colours: number): Palette;
  export function applyPalette(pixels: Uint8Array | Uint8ClampedArray, palette: Palette): Uint8Array;
}
