// A row over the lanes: how many outcomes could still come, and ⑂ where another thread could have run.
import { along, turning } from "./schedules";
import type { Course } from "./schedules";
import { stage } from "./store";
import { usePlayer } from "./player";
import type { Scale } from "./packing";

const GLYPH = 13;
const BAR = 14;
export const turnsHeight = (): number => (shown(along.value) ? GLYPH + BAR + 7 : 0);

const shown = (seen: Course | null): boolean => seen !== null && seen.branches.length > 0;

type Reach = { from: number; to: number; n: number };

function reaches(open: number[][]): Reach[] {
  const found: Reach[] = [];
  open.slice(1).forEach(({ length }, at) => {
    const last = found[found.length - 1];
    if (last?.n === length) last.to = at + 1;
    else found.push({ from: at, to: at + 1, n: length });
  });
  return found;
}

export function Turns({ x, top, title }: { x: Scale; top: number; title: string }) {
  const seen = usePlayer() === stage ? along.value : null;
  if (!seen || !shown(seen)) return null;
  const all = Math.max(1, seen.open[0]!.length);
  const close = (x(1) - x(0)) < 13;
  const weak = [...new Set(seen.branches.map((branch) => branch.at))].filter((at) => !turning.value.includes(at));
  const floor = top + GLYPH + BAR;
  return (
    <g class="turns">
      <text x={0} y={floor - 3} class="lane-name">{title}</text>
      {reaches(seen.open).map(({ from, to, n }) => {
        const h = 3 + ((BAR - 3) * n) / all;
        const wide = x(to) - x(from);
        return (
          <g key={from}>
            <rect x={x(from) + 0.5} y={floor - h} width={Math.max(1, wide - 1)} height={h} rx="2" class="reach" />
            {wide > 9 * String(n).length && <text x={x(from) + wide / 2} y={floor - 3} class="reach-n" text-anchor="middle">{n}</text>}
          </g>
        );
      })}
      {weak.map((at) => (close ? <circle key={at} cx={x(at)} cy={top + 6} r="1.2" class="turn-dot" /> : <Fork key={at} x={x(at)} top={top} kind="turn" />))}
      {turning.value.map((at) => <Fork key={at} x={x(at)} top={top} kind="turn strong" />)}
    </g>
  );
}

const Fork = ({ x, top, kind }: { x: number; top: number; kind: string }) => <path transform={`translate(${x - 4.5} ${top + 1})`} d="M4.5 10V6M4.5 6 1 3V0.5M4.5 6 8 3V0.5" class={kind} />;
