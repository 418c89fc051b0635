// What the address of an embedded run says: /embed#LINK&t=14..22&loop=1&c=min, or the same behind /embed/ID.
import { THEMES } from "../theme";
import type { Theme } from "../theme";
import type { RunRequest } from "../types";

export const VARIANTS = ["full", "min", "predict"] as const;
export type Variant = (typeof VARIANTS)[number];
export type Options = {
  request: RunRequest;
  from: number;
  to: number | null;
  loops: boolean;
  variant: Variant;
  theme: Theme | null;
  chooses: boolean; // whether the reader may choose a kernel
  origin: string | null; // whom the messages are for
};

const FLAGSHIP = "two-threads-one-page";

export function optionsOf(search: string, hash: string, came: string | undefined): Options {
  const [first = "", ...rest] = hash.replace(/^#/, "").split("&");
  const isLink = first !== "" && !first.includes("=");
  const fields = new URLSearchParams(search);
  for (const [name, value] of new URLSearchParams((isLink ? rest : [first, ...rest]).join("&"))) fields.set(name, value);
  const [from, to] = (fields.get("t") ?? "").split("..").map(stepOf);
  const link = isLink ? first : came;
  const source = link ? { link } : { gallery: fields.get("s") ?? FLAGSHIP };
  const kernel = fields.get("k");
  return {
    request: kernel ? { ...source, kernel } : source,
    from: from ?? 0,
    to: to !== undefined && to > (from ?? 0) ? to : null,
    loops: fields.get("loop") === "1",
    variant: VARIANTS.find((one) => one === fields.get("c")) ?? (fields.get("m") === "predict" ? "predict" : "full"),
    theme: THEMES.find((one) => one === fields.get("theme")) ?? null,
    chooses: fields.get("kernels") === "1",
    origin: fields.get("origin"),
  };
}

const stepOf = (text: string): number => Math.max(0, Math.floor(Number(text)) || 0);
