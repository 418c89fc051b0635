// Steps as a video: encoded by the browser itself, put into MP4 or WebM here.
import { BufferTarget, CanvasSource, Mp4OutputFormat, Output, Quality, WebMOutputFormat } from "mediabunny";
import { BITS, codecOf, painted } from "./film";
import type { Film, Video } from "./film";

const STILL = 0.5; // seconds: players seek badly in what changes less often

export async function video(film: Film, kind: Video): Promise<Blob> {
  const codec = await codecOf(kind, film.width);
  if (!codec) throw new Error(`no encoder for ${kind}`);
  const on = document.createElement("canvas");
  const target = new BufferTarget();
  const output = new Output({ format: kind === "mp4" ? new Mp4OutputFormat() : new WebMOutputFormat(), target });
  const source = new CanvasSource(on, { codec: codec.name, fullCodecString: codec.full, quality: new Quality({ bitrate: BITS }) });
  output.addVideoTrack(source);
  try {
    await output.start();
    for await (const n of painted(film, on)) await held(source, (n - film.from) * film.seconds, film.seconds);
    await output.finalize();
  } catch (error) {
    await output.cancel();
    throw error;
  }
  return new Blob([target.buffer!], { type: `video/${kind}` });
}

// One step: the same picture as often as it takes, the first time as one that can be sought.
async function held(source: CanvasSource, from: number, seconds: number): Promise<void> {
  const times = Math.ceil(seconds / STILL);
  const each = seconds / times;
  for (let i = 0; i < times; i += 1) await source.add(from + i * each, each, { keyFrame: i === 0 });
}
