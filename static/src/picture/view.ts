// What the stage shows at a step, as one picture: the sentence, the pte and its frames, the TLBs, the code, the lanes.
// All of it is read off the run, by what the panes read it with. blind: what has not happened yet is not drawn, so that
// a picture cannot tell what is to be predicted.
import { t } from "../messages";
import { Player } from "../player";
import { titleOf } from "../told";
import type { Trace } from "../types";
import { caption } from "./caption";
import { code } from "./code";
import type { Colours } from "./colours";
import { entry } from "./entry";
import { frames, tlbs } from "./frames";
import { lanes } from "./lanes";
import { cut, line, rect, text } from "./marks";
import type { Mark, Picture } from "./marks";
import { plainText } from "./readers";

export const WIDTH = 1280;
export const HEIGHT = 720;
export const MARGIN = 36;
const HEAD = 52;
const PANES = 204;
const UNDER = 452; // where the panes end
const GAP = 14;

export type Box = { x: number; y: number; w: number; h: number };

// Draws any step of a run.
export function drawer(run: Trace, colours: Colours, blind: boolean): (n: number) => Picture {
  const player = new Player();
  player.blind.value = blind;
  player.trace.value = run;
  return (n) => {
    player.seek(n);
    const said = player.step.value;
    const title = `${titleOf(run).text || "Faultwalk"}, ${t("step_n", { n })}`;
    const says = said ? plainText(`${said.what} ${said.why}`) : titleOf(run).text;
    return { width: WIDTH, height: HEIGHT, title, says, marks: drawn(player, colours) };
  };
}

function drawn(player: Player, c: Colours): Mark[] {
  const box = (x: number, w: number): Box => ({ x, y: PANES, w, h: UNDER - PANES });
  const [entryBox, tlbBox] = [box(MARGIN, 404), box(MARGIN + 404 + GAP, 268)];
  const codeBox = box(tlbBox.x + tlbBox.w + GAP, WIDTH - MARGIN - tlbBox.x - tlbBox.w - GAP);
  const panes = [entryBox, tlbBox, codeBox].map(({ x, y, w, h }) => rect(x, y, w, h, 12, { fill: c.panel, stroke: c.rule }));
  return [
    rect(0, 0, WIDTH, HEIGHT, 0, { fill: c.paper }),
    ...head(player, c),
    ...caption(player, { x: MARGIN, y: HEAD, w: WIDTH - 2 * MARGIN, h: PANES - HEAD }, c),
    ...panes,
    ...entry(player, inside(entryBox), c),
    ...frames(player, inside(entryBox), c),
    ...tlbs(player, inside(tlbBox), c),
    ...code(player, codeBox, c),
    ...lanes(player, { x: MARGIN, y: UNDER + 14, w: WIDTH - 2 * MARGIN, h: HEIGHT - UNDER - 30 }, c),
  ];
}

const inside = ({ x, y, w, h }: Box): Box => ({ x: x + 16, y: y + 14, w: w - 32, h: h - 28 });

// Whose picture it is, of which run, under which kernel.
function head(player: Player, c: Colours): Mark[] {
  const run = player.trace.value!;
  const about = [{ text: `${run.kernel.id} · ${run.arch.id}`, fill: c.soft, mono: true }];
  const title = cut([{ text: titleOf(run).text, fill: c.ink, weight: 600 }], 17, 720);
  return [
    rect(MARGIN, 16, 6, 20, 2, { fill: c.threads[0]!.fill }),
    rect(MARGIN + 9.5, 17, 5, 18, 2, { stroke: c.faint, dash: "2.5 2" }),
    rect(MARGIN + 18, 16, 6, 20, 2, { fill: c.threads[1]!.fill }),
    text(MARGIN + 34, 32, 18, [{ text: "faultwalk", fill: c.ink, weight: 700 }]),
    text(MARGIN + 148, 32, 17, title),
    text(WIDTH - MARGIN, 32, 15, about, "end"),
    line(0, HEAD, WIDTH, HEAD, { stroke: c.rule }),
  ];
}
