// The links to what is on the stage, and the short ones that were made in this browser, with what deletes them.
import { signal } from "@preact/signals";
import { shortOf, viewOf } from "../address";
import * as api from "../api";
import { site } from "../site";

// Beyond LONG a short link is better; beyond MOST chats and mail cut it off.
export const LONG = 2000;
export const MOST = 8000;

export const base = (path: string): string => location.origin + site(path);
export const whole = (link: string, step: number, mode: string): string => base(`/#${link}&${viewOf(step, mode)}`);
export const brief = (url: string, step: number, mode: string): string => `${url}?${viewOf(step, mode)}`;
export const idOf = (url: string): string => url.slice(url.lastIndexOf("/") + 1);

// token: "" where it was made elsewhere. link: the self-contained one that it stands for.
export type Short = { url: string; token: string; link: string };

const KEY = "faultwalk.links";
const KEPT = 300;
export const made = signal<Short[]>(stored());

function stored(): Short[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => [one?.url, one?.token, one?.link].every((part) => typeof part === "string")) : [];
  } catch {
    return [];
  }
}

// Read anew each time: another tab may have made some.
function remember(change: (links: Short[]) => Short[]): void {
  made.value = change(stored().length ? stored() : made.value).slice(-KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify(made.value));
  } catch {
    // it can be deleted for as long as this page is open, then
  }
}

// A link that is being made is kept too, without an address: its token must not be lost with the answer.
export const shortFor = (link: string): Short | null => {
  const mine = made.value.findLast((one) => one.link === link && one.url);
  const here = shortOf(link);
  if (mine) return mine;
  return here ? { url: here, link, token: made.value.find((one) => one.url === here)?.token ?? "" } : null;
};

export async function make(link: string): Promise<void> {
  const begun = made.value.find((one) => one.link === link && !one.url);
  const token = begun?.token ?? secret();
  if (!begun) remember((links) => [...links, { url: "", token, link }]);
  const answer = await api.post<{ id: string; delete_token: string }>("/api/links", { link, delete_token: token });
  const url = base(`/l/${answer.id}`);
  remember((links) => [...links.filter((one) => one.token !== token), { url, token: answer.delete_token, link }]);
}

// How many others made the same link: it goes with the last.
export async function remove(short: Short): Promise<number> {
  const headers = { authorization: `Bearer ${short.token}` };
  const answer = await api.ask<{ others: number }>(`/api/links/${idOf(short.url)}`, { method: "DELETE", headers });
  remember((links) => links.filter((one) => one.token !== short.token));
  return answer.others;
}

export const report = (id: string, reason: string): Promise<unknown> => api.post(`/api/links/${id}/report`, { reason });

const secret = (): string => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll("+", "-").replaceAll("/", "_");
