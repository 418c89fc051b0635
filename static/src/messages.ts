// The page's words in the reader's language: the server puts that catalogue's "page" into the document.
import type en from "../../messages/en.json";

export type Key = keyof typeof en.page;
type Fields = Record<string, string | number>;

let catalogue: Record<string, string> | null = null;

function words(): Record<string, string> {
  catalogue ??= JSON.parse(document.getElementById("messages")?.textContent || "{}") as Record<string, string>;
  return catalogue;
}

// A part of the page that comes later brings its words along.
export function learn(more: Record<string, string>): void {
  catalogue = { ...words(), ...more };
}

export function t(key: Key, fields: Fields = {}): string {
  return (words()[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(fields[name] ?? whole));
}

// A sentence with elements in it: "Press {key} or Step" with an element for {key}.
export function parts<T>(key: Key, fields: Record<string, T>): (string | T)[] {
  return (words()[key] ?? key).split(/(\{\w+\})/).map((part) => fields[part.slice(1, -1)] ?? part).filter((part) => part !== "");
}

// The language of the page; what the server is asked for is told in it too, whatever the browser prefers.
export const language = (): string => document.documentElement.lang;

// A word for something that only the server can name, or that name itself.
export const named = (prefix: string, id: string): string => words()[`${prefix}_${id}`] ?? id;
