// The function that runs, and the line in it: some lines before and after.
import { t } from "../messages";
import type { Player } from "../player";
import type { Colours } from "./colours";
import { heading } from "./entry";
import { cut, rect, text } from "./marks";
import type { Mark, Run } from "./marks";
import { docstring, narrow, PYTHON, shortName, standing, threadIndex } from "./readers";
import type { Box } from "./view";

const TALL = 18;
const SIZE = 12.5;
const TOP = 58;

export function code(player: Player, { x, y, w, h }: Box, c: Colours): Mark[] {
  const run = player.trace.value!;
  const at = standing(player);
  const stack = at?.stack.filter(([id]) => !run.functions[id]?.inline) ?? [];
  const [id = "", line = 0] = stack[stack.length - 1] ?? [];
  const fn = run.functions[id];
  const title = heading(x + 16, y + 14, t("running_code"), c);
  if (!at || !fn) return [title, text(x + 16, y + 50, 14, [{ text: t("user_code"), fill: c.soft }])];
  const idle = !player.step.value?.stack.length;
  const index = Math.max(0, threadIndex(run, at.thread)) % 8;
  const tone = c.threads[index]!;
  const from = fn.kernel === run.kernel.id ? shortName(fn.kernel) : t("unchanged_since", { kernel: shortName(fn.kernel) });
  const names = stack.slice(-3).map(([one], i, shown): Run => ({ text: `${i ? " › " : stack.length > 3 ? "… › " : ""}${run.functions[one]?.name ?? one}`, fill: i === shown.length - 1 ? c.ink : c.soft, weight: i === shown.length - 1 ? 700 : 500, mono: true }));
  const crumbs: Run[] = [{ text: `${at.thread}  `, fill: tone.me, weight: 700 }, ...names];
  const marks: Mark[] = [
    title,
    text(x + w - 16, y + 25, 13.5, [{ text: from, fill: c.soft, weight: 600 }], "end"),
    text(x + 16, y + 47, 12.5, cut(crumbs, 12.5, w - 32)),
  ];
  const [docFrom, docTo] = docstring(fn.source);
  const rows = fn.source.map((said, i) => ({ said, n: fn.line + i })).filter((_, i) => i < docFrom || i > docTo);
  const room = Math.floor((h - TOP - 8) / TALL);
  const lit = rows.findIndex((row) => row.n === line);
  const first = Math.max(0, Math.min(lit - Math.ceil(room / 2), rows.length - room));
  rows.slice(first, first + room).forEach(({ said, n }, i) => {
    const top = y + TOP + i * TALL;
    const here = n === line;
    if (here) marks.push(rect(x + 1, top, w - 2, TALL, 0, idle ? { fill: c["rule-2"] } : { fill: tone.wash }), rect(x + 1, top, 4, TALL, 0, { fill: idle ? c.faint : tone.me }));
    marks.push(text(x + 50, top + 13.2, 11.5, [{ text: String(n), fill: here ? tone.me : c.faint, mono: true }], "end"));
    const runs = coloured(narrow(said), c, here && !idle);
    if (runs.length) marks.push(text(x + 64, top + 13.2, SIZE, cut(runs, SIZE, w - 76)));
  });
  return marks;
}

function coloured(said: string, c: Colours, strong: boolean): Run[] {
  const weight = strong ? 700 : 500;
  return said.split(PYTHON).map((part, i): Run => {
    const fill = i % 2 === 0 ? c.ink : part.startsWith("#") ? c.faint : /^["']/.test(part) ? c.string : /^\d/.test(part) ? c.ink : c.keyword;
    return { text: part, fill, weight, mono: true };
  }).filter((run) => run.text);
}
