// The address bar: always a link to what is on screen, written no more than four times a second.
import type { RunRequest } from "./types";

export type Wanted = { request: RunRequest; step: number; mode: string };

export function readHash(): Wanted | null {
  const hash = location.hash.slice(1);
  if (!hash) return null;
  const [first = "", ...rest] = hash.split("&");
  const fields = new URLSearchParams(rest.join("&"));
  const step = Math.max(0, Math.floor(Number(fields.get("t") ?? 0)) || 0);
  const mode = fields.get("m") ?? "play";
  if (first.startsWith("s=")) {
    const kernel = fields.get("k");
    const gallery = decodeURIComponent(first.slice(2));
    return { request: kernel ? { gallery, kernel } : { gallery }, step, mode };
  }
  return { request: { link: first }, step, mode };
}

const urlOf = (link: string, step: number, mode: string): string => `#${link}&t=${step}${mode === "play" ? "" : `&m=${mode}`}`;

let due: string | null = null;
let timer = 0;
let written = 0;

export function writeHash(link: string, step: number, push: boolean, mode = "play"): void {
  const url = urlOf(link, step, mode);
  if (push) {
    due = null;
    if (location.hash !== url) history.pushState(null, "", url);
    return;
  }
  due = url;
  const wait = Math.max(0, 250 - (Date.now() - written));
  clearTimeout(timer);
  timer = window.setTimeout(flush, wait);
}

export function flush(): void {
  if (!due) return;
  written = Date.now();
  const url = due;
  due = null;
  if (location.hash !== url) history.replaceState(null, "", url);
}

// A link is to the run, not to the editor that made it.
export const here = (): string => (flush(), location.href.replace("/edit#", "/#"));
