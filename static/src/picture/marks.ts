// What a picture is made of: marks, which one hand writes down as SVG and another paints on a canvas.
export type Look = { fill?: string; stroke?: string; width?: number; dash?: string; opacity?: number };
export type Run = { text: string; fill: string; weight?: number; mono?: boolean };
export type Anchor = "start" | "middle" | "end";
export type Mark =
  | { is: "rect"; x: number; y: number; w: number; h: number; r: number; look: Look }
  | { is: "path"; d: string; look: Look }
  | { is: "text"; x: number; y: number; size: number; anchor: Anchor; runs: Run[] };
export type Picture = { width: number; height: number; title: string; says: string; marks: Mark[] };

export const SANS = `"Inter Variable", Inter, system-ui, sans-serif`;
export const MONO = `"JetBrains Mono Variable", "JetBrains Mono", ui-monospace, monospace`;

export const rect = (x: number, y: number, w: number, h: number, r: number, look: Look): Mark => ({ is: "rect", x, y, w, h, r: Math.min(r, w / 2, h / 2), look });
export const path = (d: string, look: Look): Mark => ({ is: "path", d, look });
export const text = (x: number, y: number, size: number, runs: Run[], anchor: Anchor = "start"): Mark => ({ is: "text", x, y, size, anchor, runs });
export const line = (x1: number, y1: number, x2: number, y2: number, look: Look): Mark => path(`M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}`, look);
export const round = (n: number): number => Math.round(n * 100) / 100;

export const weightOf = (run: Run): number => run.weight ?? (run.mono ? 500 : 400);
export const fontOf = (run: Run, size: number): string => `${weightOf(run)} ${size}px ${run.mono ? MONO : SANS}`;

// How wide texts are in the fonts of the page, which must be there (see `fonts`).
const ruler = document.createElement("canvas").getContext("2d")!;
export function wide(runs: Run[], size: number): number {
  return runs.reduce((sum, run) => {
    ruler.font = fontOf(run, size);
    return sum + ruler.measureText(run.text).width;
  }, 0);
}

export async function fonts(): Promise<void> {
  const all = [SANS, MONO].flatMap((family) => [400, 500, 600, 700].map((weight) => document.fonts.load(`${weight} 16px ${family}`)));
  await Promise.allSettled(all); // without them the system's are measured and drawn
}

// A text on one line, cut with an ellipsis where it has no room.
export function cut(runs: Run[], size: number, room: number): Run[] {
  if (wide(runs, size) <= room) return runs;
  const kept = runs.map((run) => ({ ...run }));
  while (kept.length) {
    const last = kept[kept.length - 1]!;
    last.text = last.text.slice(0, -1);
    if (!last.text) kept.pop();
    const end = kept[kept.length - 1];
    if (!end) break;
    const tried = [...kept.slice(0, -1), { ...end, text: `${end.text.trimEnd()}…` }];
    if (wide(tried, size) <= room) return tried;
  }
  return [];
}
