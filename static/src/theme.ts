// The reader's theme: kept on this machine, never in a link.
import { effect, signal } from "@preact/signals";

export const THEMES = ["auto", "light", "dark", "projector"] as const;
export type Theme = (typeof THEMES)[number];
const KEY = "faultwalk.theme";

export const theme = signal<Theme>(read());

// One look fades into the other, unless the reader wants no motion: two pictures of the page, so a step costs nothing more.
export function dress(as: Theme): void {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still || as === theme.value || !document.startViewTransition) return void (theme.value = as);
  document.startViewTransition(() => (theme.value = as, new Promise<void>((drawn) => setTimeout(drawn))));
}

let lent = false;
effect(() => {
  document.documentElement.dataset.theme = theme.value;
  try {
    if (!lent && theme.value !== read()) localStorage.setItem(KEY, theme.value);
  } catch {
    // without storage the choice lasts as long as the page
  }
});

function read(): Theme {
  try {
    return THEMES.find((name) => name === localStorage.getItem(KEY)) ?? "auto";
  } catch {
    return "auto";
  }
}

// For this page only: an author who shows a run in his own page says how it should look there. back: as it was before.
export function lend(name: Theme, back = false): void {
  lent = !back;
  theme.value = name;
}

let before: Theme = "auto";
export function toggleProjector(): void {
  if (theme.value === "projector") return dress(before);
  before = theme.value;
  dress("projector");
}
