// What stands on a side, as the address says it: a z1 link or s=ID of the gallery, then maybe ,k=KERNEL.
import { site } from "../site";
import type { RunRequest, Trace } from "../types";

export type Ref = { base: string; kernel: string | null };
export type Wanted = { refs: [Ref, Ref]; row: number | null; leftStep: number | null; first: boolean };

const inGallery = ({ base }: Ref): boolean => base.startsWith("s=");
export const ofGallery = (id: string, kernel: string | null): Ref => ({ base: `s=${encodeURIComponent(id)}`, kernel });
export const galleryId = (ref: Ref): string | null => (inGallery(ref) ? decodeURIComponent(ref.base.slice(2)) : null);
export const textOf = ({ base, kernel }: Ref): string => (kernel ? `${base},k=${kernel}` : base);
export const pairText = (refs: [Ref, Ref]): string => refs.map(textOf).join("~");

export function readPair(hash: string): Wanted | null {
  const [pair = "", ...rest] = hash.replace(/^#/, "").split("&");
  if (!pair) return null;
  const [left = "", right = left] = pair.split("~");
  const fields = new URLSearchParams(rest.join("&"));
  return { refs: [readRef(left), readRef(right)], row: count(fields.get("t")), leftStep: count(fields.get("at")), first: fields.get("at") === "first" };
}

const count = (text: string | null): number | null => (text === null ? null : Math.max(0, Math.floor(Number(text)) || 0));

function readRef(text: string): Ref {
  const [base = "", ...options] = text.split(",");
  return { base, kernel: options.find((o) => o.startsWith("k="))?.slice(2) ?? null };
}

export function requestOf(ref: Ref): RunRequest {
  const id = galleryId(ref);
  const kernel = ref.kernel ? { kernel: ref.kernel } : {};
  return id === null ? { link: ref.base, ...kernel } : { gallery: id, ...kernel };
}

// A scenario of the gallery keeps its short name; what came as a link is linked as it ran.
export const settled = (ref: Ref, run: Trace): Ref => (inGallery(ref) ? { ...ref, kernel: run.kernel.id } : { base: run.link, kernel: null });

export function stageHref(ref: Ref, run: Trace, step: number): string {
  return site(inGallery(ref) ? `/#${ref.base}&k=${run.kernel.id}&t=${step}` : `/#${run.link}&t=${step}`);
}
