// The address bar: a link to what is on screen, written when moving pauses, and at least once a second.
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

const PAUSE = 150;
const LONGEST = 1000; // milliseconds that it may lag behind while moving goes on

let due: string | null = null;
let timer = 0;
let latest = 0;

export function writeHash(link: string, step: number, push: boolean, mode = "play"): void {
  const url = urlOf(link, step, mode);
  if (push) {
    due = null;
    if (location.hash !== url) history.pushState(null, "", url);
    return;
  }
  if (due === null) latest = Date.now() + LONGEST;
  due = url;
  clearTimeout(timer);
  timer = window.setTimeout(flush, Math.max(0, Math.min(PAUSE, latest - Date.now())));
}

export function flush(): void {
  if (!due) return;
  const url = due;
  due = null;
  if (location.hash !== url) history.replaceState(null, "", url);
}

// A link is to the run, not to the editor that made it.
export const here = (): string => (flush(), location.href.replace("/edit#", "/#"));
