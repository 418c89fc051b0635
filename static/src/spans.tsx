// How spans are drawn on a lane, wherever there are lanes.
import type { Lane } from "./lanes";
import { t } from "./messages";

export type Scale = (n: number) => number;

export function Hatch() {
  return (
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6" class="hatch-ink" /></pattern>
      <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1.2" class="hatch-ink" /></pattern>
    </defs>
  );
}

export type Drawn = Lane["spans"][number];

export function SpanBox({ lane, span, top, height, x }: { lane: Lane; span: Drawn; top: number; height: number; x: Scale }) {
  const thin = lane.rows > 1;
  const h = thin ? 7 : height;
  const y = top + (thin ? span.row * 9 : 0);
  const w = Math.max(1.5, x(span.to) - x(span.from) - 2);
  const box = { x: x(span.from) + 1, y, width: w, height: h, rx: Math.min(5, h / 2, w / 3) };
  const label = h > 12 ? fit(span, w) : null;
  const pattern = span.dashed ? 0 : span.thread % 3;
  return (
    <g class={`span ${lane.kind} ${span.kind} t${span.thread % 8} ${span.dashed ? "dashed" : ""}`}>
      {span.label && <title>{span.title ?? `${lane.title}: ${span.label}, ${span.to === span.from + 1 ? t("step_n", { n: span.to }) : t("steps_n_m", { n: span.from + 1, m: span.to })}`}</title>}
      <rect {...box} class="body" />
      {pattern > 0 && <rect {...box} fill={pattern === 1 ? "url(#hatch)" : "url(#dots)"} class="pattern" />}
      {label && <text x={box.x + label.inset} y={y + h / 2 + 4} class={label.small ? "span-label tight" : "span-label"}>{label.text}</text>}
    </g>
  );
}

function fit({ label, tight }: Drawn, room: number): { text: string; inset: number; small: boolean } | null {
  if (label.length * 6.7 + 9 <= room) return { text: label, inset: 5, small: false };
  const short = tight && tight.length < label.length ? tight : label;
  return short.length * 6.1 + 4 <= room ? { text: short, inset: 2.5, small: true } : null;
}

// Spans too narrow to be seen apart are drawn as one, so that long runs stay quick.
export function merged(lane: Lane, x: Scale): Drawn[] {
  if (x(1) - x(0) >= 2) return lane.spans;
  const out: Drawn[] = [];
  for (const span of lane.spans) {
    const before = out[out.length - 1];
    if (before && before.row === span.row && before.thread === span.thread && !!before.dashed === !!span.dashed && x(span.from) - x(before.to) < 2) before.to = Math.max(before.to, span.to);
    else out.push({ ...span, label: x(span.to) - x(span.from) > 30 ? span.label : "" });
  }
  return out;
}
