// How boxes are drawn on a lane, wherever there are lanes: first the bodies, then what is veiled, then the words.
import type { Lane } from "./lanes";
import { t } from "./messages";
import { wordSpan } from "./packing";
import type { Box, Scale } from "./packing";

export function Hatch() {
  return (
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6" class="hatch-ink" /></pattern>
      <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1.2" class="hatch-ink" /></pattern>
    </defs>
  );
}

type Drawing = { lane: Lane; box: Box; top: number; height: number; x: Scale };

const looks = ({ lane, box }: Drawing): string => `span ${lane.kind} ${box.kind} t${box.thread % 8} ${box.dashed ? "dashed" : ""}`;
const thin = (lane: Lane): boolean => lane.rows > 1;

// A pattern tells the threads apart without colour; where there are words it is the box's foot.
export function Body(drawing: Drawing) {
  const { lane, box, top, height, x } = drawing;
  const h = thin(lane) ? height / lane.rows - 2 : height;
  const y = top + (thin(lane) ? (box.row * height) / lane.rows : 0);
  const w = Math.max(1.5, x(box.to) - x(box.from) - 2);
  const place = { x: x(box.from) + 1, y, width: w, height: h, rx: Math.min(5, h / 2, w / 3) };
  const pattern = box.dashed ? 0 : box.thread % 3;
  return (
    <g class={looks(drawing)}>
      <title>{titleOf(lane, box)}</title>
      <rect {...place} class="body" />
      {pattern > 0 && <rect {...place} fill={pattern === 1 ? "url(#hatch)" : "url(#dots)"} class={h >= 14 ? "pattern foot" : "pattern"} />}
      {box.marks.length > 0 && <path class="step-marks" d={box.marks.map((n) => `M${x(n)} ${y + 1}v${h > 20 ? 5 : 3}`).join("")} />}
    </g>
  );
}

export function Word(drawing: Drawing) {
  const { box, top, height, x } = drawing;
  if (!box.word) return null;
  return <text x={wordSpan(box, x)[0]} y={top + height / 2 + 4} class={`${looks(drawing)} span-label ${box.side ? "beside" : ""}`}>{box.word}</text>;
}

function titleOf(lane: Lane, box: Box): string {
  const [n, m] = [box.first ?? box.from + 1, box.last ?? box.to];
  const what = box.labels && lane.kind === "thread" ? [...new Set(box.labels)].filter((label) => label).join(", ") : box.label;
  return `${lane.title}: ${what}, ${n === m ? t("step_n", { n }) : t("steps_n_m", { n, m })}`;
}
