// What both parts of a room bring along: their words and their looks.
import { language, learn } from "../messages";
import { site } from "../site";
import looks from "./room.css" with { type: "text" };

let brought: Promise<void> | null = null;

export const bring = (): Promise<void> => (brought ??= fetchAll().catch((error: unknown) => {
  brought = null;
  throw error;
}));

const TRIES = 5; // a whole class comes at once, and a server may ask some to wait

async function fetchAll(): Promise<void> {
  let answer = await asked();
  for (let n = 1; n < TRIES && !answer?.ok; n += 1) {
    await new Promise((done) => setTimeout(done, 1000 * n * (0.5 + Math.random())));
    answer = await asked();
  }
  if (!answer?.ok) throw new Error(String(answer?.status));
  learn((await answer.json()) as Record<string, string>);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(looks);
  document.adoptedStyleSheets.push(sheet);
}

const asked = (): Promise<Response | null> => fetch(site(`/words/room?lang=${language()}`)).catch(() => null);

export const token = (bytes: number): string =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What a tab keeps for itself; where nothing may be kept, nothing is.
export function kept(store: "sessionStorage" | "localStorage", key: string, value?: string | null): string | null {
  try {
    if (value === null) window[store].removeItem(key);
    else if (value !== undefined) window[store].setItem(key, value);
    return window[store].getItem(key);
  } catch {
    return value ?? null;
  }
}
