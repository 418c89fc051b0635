// The address bar: a link to what is on screen, written when moving pauses, and at least once a second.
// Browsers take so many changes only: there are four a second at most.
import { site } from "./site";
import type { RunRequest } from "./types";

export type Wanted = { request: RunRequest; step: number; mode: string };

// On the page of a short link: the link that it holds, and the same as it runs today.
const came = document.getElementById("opening")?.dataset;
const short = { path: location.pathname, links: [came?.link, came?.now] };
export const atShort = (): boolean => location.pathname.startsWith(site("/l/"));

export function readHash(): Wanted | null {
  const hash = location.hash.slice(1);
  if (!hash) return atShort() && came?.link ? { request: { link: came.link }, ...viewIn(location.search) } : null;
  const [first = "", ...rest] = hash.split("&");
  const fields = new URLSearchParams(rest.join("&"));
  const { step, mode } = viewIn(rest.join("&"));
  if (first.startsWith("s=")) {
    const kernel = fields.get("k");
    const gallery = decodeURIComponent(first.slice(2));
    return { request: kernel ? { gallery, kernel } : { gallery }, step, mode };
  }
  return { request: { link: first }, step, mode };
}

function viewIn(query: string): { step: number; mode: string } {
  const fields = new URLSearchParams(query);
  return { step: Math.max(0, Math.floor(Number(fields.get("t") ?? 0)) || 0), mode: fields.get("m") ?? "play" };
}

export const viewOf = (step: number, mode: string): string => `t=${step}${mode === "play" ? "" : `&m=${mode}`}`;

// A short link stays short for as long as what it holds is on the stage.
function urlOf(link: string, step: number, mode: string): string {
  if (!atShort()) return `#${link}&${viewOf(step, mode)}`;
  return short.links.includes(link) ? `${short.path}?${viewOf(step, mode)}` : site(`/#${link}&${viewOf(step, mode)}`);
}

const isHere = (url: string): boolean => location.href === new URL(url, location.href).href;
let shown = "";

const PAUSE = 150;
const APART = 250; // milliseconds between two changes
const LONGEST = 1000; // that it may lag behind while moving goes on

let due: string | null = null;
let timer = 0;
let latest = 0;
let changed = -APART;

// In a page of somebody else's the address is not ours to change, nor is the way back.
let still = false;
export const keepStill = (): void => void (still = true);

export function writeHash(link: string, step: number, push: boolean, mode = "play"): void {
  const url = urlOf(link, step, mode);
  shown = `#${link}&${viewOf(step, mode)}`;
  if (still) return;
  if (push) {
    due = null;
    if (!isHere(url)) history.pushState(null, "", url);
    return;
  }
  const now = Date.now();
  if (due === null) latest = now + LONGEST;
  due = url;
  clearTimeout(timer);
  timer = window.setTimeout(flush, Math.max(0, changed + APART - now, Math.min(PAUSE, latest - now)));
}

export function flush(): void {
  if (!due) return;
  const url = due;
  due = null;
  changed = Date.now();
  if (!isHere(url)) history.replaceState(null, "", url);
}

// Somebody went elsewhere: what was still to be written would overwrite the address that he came to.
export const forget = (): void => void (due = null);

// The short link on whose page this is, if it holds this run: its address without a view.
export const holds = (link: string): boolean => short.links.includes(link);
export const shortOf = (link: string): string | null => (atShort() && holds(link) ? location.origin + short.path : null);

// What the address bar of the stage or of its editor has for the run on screen.
export const fragment = (): string => (atShort() ? shown : location.hash);

// A link is to the run, not to the editor that made it.
export const here = (): string => (flush(), location.href.replace("/edit#", "/#"));
