// The colours of the page's own tokens, light or dark, as values that a picture can carry.
export type Tone = { me: string; fill: string; wash: string };
export type Colours = Record<(typeof NAMES)[number], string> & { threads: Tone[]; dark: boolean; shade: string };

const NAMES = ["paper", "panel", "ink", "soft", "faint", "rule", "rule-2", "code", "bad", "bad-wash", "ok", "ok-wash", "info-wash", "on-fill", "keyword", "string"] as const;
const THREADS = 8;
const SHADED = 0.58; // of a thread's colour in a box on dark, as on the page

export function colours(dark: boolean): Colours {
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.colorScheme = dark ? "dark" : "light";
  document.body.append(probe);
  const value = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return hex(rgb(getComputedStyle(probe).color));
  };
  const named = Object.fromEntries(NAMES.map((name) => [name, value(name)])) as Record<(typeof NAMES)[number], string>;
  const threads = Array.from({ length: THREADS }, (_, n) => {
    const fill = value(`t${n}-fill`);
    return { me: value(`t${n}`), fill: dark ? mixed(fill, named.paper, SHADED) : fill, wash: value(`t${n}-wash`) };
  });
  probe.remove();
  return { ...named, threads, dark, shade: dark ? mixed("#0b1a26", named.paper, 0.5) : "#0b1a26" };
}

export const isDark = (): boolean => {
  const theme = document.documentElement.dataset.theme;
  return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
};

const rgb = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
const hex = (parts: number[]): string => `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
const parsed = (colour: string): number[] => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

// So much of one colour in another.
export function mixed(one: string, other: string, share: number): string {
  const below = parsed(other);
  return hex(parsed(one).map((part, i) => part * share + below[i]! * (1 - share)));
}
