// What was typed, kept in this browser: the last twenty drafts, each under a key of its own.
import { signal } from "@preact/signals";
import { t } from "../messages";

export type Draft = { id: string; at: number; title: string; text: string; link: string };
const PREFIX = "faultwalk.draft.";
export const MOST = 20;

export const drafts = signal<Draft[]>([]);
export const refused = signal(""); // why nothing is kept, as a sentence

export function look(): void {
  drafts.value = all();
}

function all(): Draft[] {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    return keys.flatMap((key) => parsed(localStorage.getItem(key))).sort((a, b) => b.at - a.at);
  } catch {
    return drafts.value;
  }
}

function parsed(kept: string | null): Draft[] {
  try {
    const draft = JSON.parse(kept ?? "") as Draft;
    return typeof draft.text === "string" && typeof draft.id === "string" ? [draft] : [];
  } catch {
    return [];
  }
}

export function keep(draft: Draft): boolean {
  try {
    localStorage.setItem(PREFIX + draft.id, JSON.stringify(draft));
    refused.value = "";
  } catch (error) {
    const full = error instanceof DOMException && error.name === "QuotaExceededError";
    refused.value = full ? t("edit_full") : t("edit_refused");
    return false;
  }
  look();
  for (const old of drafts.value.slice(MOST)) forget(old.id);
  return true;
}

export function forget(id: string): void {
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {
    refused.value = t("edit_refused");
  }
  look();
}

addEventListener("storage", (event) => {
  if (event.key === null || event.key.startsWith(PREFIX)) look(); // another tab writes drafts of its own
});
