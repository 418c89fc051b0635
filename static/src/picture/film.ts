// A range of steps to be made into a film, and what of it this browser can encode.
import { canvas } from "./canvas";
import type { Picture } from "./marks";

export type Film = {
  picture: (n: number) => Picture;
  from: number;
  to: number;
  seconds: number; // that a step is shown
  width: number;
  stop: AbortSignal;
  went: (steps: number) => void;
};

export const VIDEOS = ["mp4", "webm"] as const;
export type Video = (typeof VIDEOS)[number];
// Codecs by preference, each with its name for the muxer and a profile and level that hold 1920 by 1080.
export type Codec = { name: "avc" | "vp9" | "vp8"; full: string };
const CODECS: Record<Video, Codec[]> = {
  mp4: [{ name: "avc", full: "avc1.640028" }, { name: "avc", full: "avc1.42e028" }],
  webm: [{ name: "vp9", full: "vp09.00.40.08" }, { name: "vp8", full: "vp8" }],
};
export const BITS = 4_000_000; // a second: still pictures with small letters

// The codec that there is an encoder for, if any.
export async function codecOf(kind: Video, width: number): Promise<Codec | null> {
  if (!("VideoEncoder" in globalThis)) return null; // an old browser, or no secure connection
  for (const codec of CODECS[kind]) {
    const asked = VideoEncoder.isConfigSupported({ codec: codec.full, width, height: heightOf(width), bitrate: BITS });
    if ((await asked.catch(() => null))?.supported) return codec;
  }
  return null;
}

export const heightOf = (width: number): number => (width * 9) / 16;

// Each step painted on one canvas, with room between for whoever wants to use the page or to stop this.
export async function* painted({ picture, from, to, width, stop, went }: Film, on: HTMLCanvasElement): AsyncGenerator<number> {
  for (let n = from; n <= to; n += 1) {
    await new Promise((next) => setTimeout(next));
    stop.throwIfAborted();
    canvas(picture(n), width, on);
    yield n;
    went(n - from + 1);
  }
}
