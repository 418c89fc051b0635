// The step's number, what happened and because of what, the verdict: at the opening, what is to be seen.
import { named, t } from "../messages";
import type { Player } from "../player";
import type { Colours } from "./colours";
import { path, rect, text, wide } from "./marks";
import type { Mark, Run } from "./marks";
import { lines, prose } from "./prose";
import { earlier, notesOf, opening } from "./readers";
import type { Box } from "./view";

const COUNT = 86; // where the sentences begin
const FOOT = 16;
const SIZES = [18, 16.5, 15, 13.5];
const HIGH = 1.34; // of a line, in letters

export function caption(player: Player, { x, y, w, h }: Box, c: Colours): Mark[] {
  const run = player.trace.value!;
  const verdict = chip(player, x + w, y + 20, c);
  const room = w - COUNT;
  const beside = room - verdict.wide - (verdict.wide ? 24 : 0);
  const { head, rest } = words(player);
  const bold = prose(run, head, { fill: c.ink, weight: 600 }, c);
  const size = lines(bold, 26, beside, 2).length > 1 ? 22 : 26;
  const first = lines(bold, size, beside, 2);
  const marks: Mark[] = [
    text(x, y + 52, 40, [{ text: String(player.position.value), fill: c.ink, weight: 700 }]),
    text(x, y + 74, 15, [{ text: t("of_n", { n: player.last.value }), fill: c.faint }]),
    ...first.map((one, i) => text(x + COUNT, y + 44 + i * 28, size, one)),
  ];
  const top = y + 44 + (first.length - 1) * 28 + 30;
  const plain = rest.length - notesOf(player).length;
  const below = rest.map((said, i) => prose(run, said, { fill: i < plain ? c.soft : c.ink }, c));
  return [...marks, ...told(below, x + COUNT, top, room, y + h - FOOT - top), ...verdict.marks];
}

// In the largest letters in which all of it has room; else cut.
function told(said: Run[][], x: number, y: number, room: number, tall: number): Mark[] {
  const laid = SIZES.map((size) => ({ size, all: said.map((one) => lines(one, size, room, Infinity)) }));
  const rows = ({ all }: { all: Run[][][] }): number => all.reduce((sum, one) => sum + one.length, 0);
  const most = (size: number): number => Math.floor(tall / (size * HIGH)) + 1;
  const fits = laid.find((one) => rows(one) <= most(one.size));
  const { size, all } = fits ?? laid[laid.length - 1]!;
  const shown = fits ? all : said.map((one) => lines(one, size, room, Math.max(1, Math.floor(most(size) / said.length))));
  return shown.flat().slice(0, most(size)).map((one, i) => text(x, y + i * size * HIGH, size, one));
}

function words(player: Player): { head: string; rest: string[] } {
  const step = player.step.value;
  const notes = notesOf(player).map((note) => `★ ${note.text}`);
  if (step) return { head: step.what, rest: [step.why, ...notes].filter((said) => said) };
  return opening(player);
}

// The verdict of this step, else the worst one in force, as on the stage.
function chip(player: Player, right: number, y: number, c: Colours): { wide: number; marks: Mark[] } {
  const fresh = player.step.value?.verdicts[0];
  const old = fresh ? null : earlier(player);
  const verdict = fresh ?? old;
  if (!verdict) return { wide: 0, marks: [] };
  const name = named("verdict", verdict.id);
  const said = old ? t("verdict_since", { verdict: name, step: t("step_n", { n: old.n }) }) : name;
  const bad = verdict.level === "bad";
  const ink = bad ? c.bad : c.soft;
  const runs: Run[] = [{ text: said, fill: ink, weight: 600 }];
  const w = wide(runs, 16) + 52;
  const x = right - w;
  const box = old ? { stroke: ink } : { fill: bad ? c["bad-wash"] : c["info-wash"] };
  const sign = bad ? `M${x + 18} ${y + 10}h7l5 5v7l-5 5h-7l-5-5v-7z` : `M${x + 21.5} ${y + 10}a8.5 8.5 0 1 0 .01 0z`;
  return {
    wide: w,
    marks: [
      rect(x, y, w, 37, 8, box),
      path(sign, { stroke: ink, width: 1.8 }),
      path(`M${x + 21.5} ${y + 14}v5M${x + 21.5} ${y + 21.4}v1.2`, { stroke: ink, width: 2 }),
      text(x + 40, y + 24.5, 16, runs),
    ],
  };
}
