// Captions as runs of text: threads in their colours, code in its font, broken into lines.
import { t } from "../messages";
import type { Trace } from "../types";
import type { Colours } from "./colours";
import { cut, wide } from "./marks";
import type { Run } from "./marks";
import { threadIndex, TOKEN } from "./readers";

export type Ink = { fill: string; weight?: number };

export function prose(trace: Trace, said: string, ink: Ink, colours: Colours): Run[] {
  return said.split(TOKEN).filter((part) => part).map((part): Run => {
    if (part.length > 1 && part.startsWith("`")) return { ...ink, text: part.slice(1, -1), mono: true };
    if (part.startsWith("->")) return { ...ink, text: part, mono: true };
    if (/^#\d+$/.test(part)) return { ...ink, text: t("step_n", { n: Number(part.slice(1)) }) };
    const index = /^@[A-Za-z]/.test(part) ? threadIndex(trace, part.slice(1)) : -1;
    return index < 0 ? { ...ink, text: part } : { text: part.slice(1), fill: colours.threads[index % 8]!.me, weight: 700 };
  });
}

// What stands between two spaces stays together. The last of the lines is cut where more would follow.
export function lines(runs: Run[], size: number, room: number, most: number): Run[][] {
  const found: Run[][] = [];
  let here: Run[] = [];
  for (const word of words(runs)) {
    if (here.length && wide([...here, ...word], size) > room) {
      found.push(trimmed(here));
      here = [];
    }
    here = [...here, ...word];
  }
  if (here.length) found.push(trimmed(here));
  if (found.length <= most) return found.map((one) => cut(one, size, room));
  const rest = found.slice(most - 1).flatMap((one, i) => (i ? [{ ...one[0]!, text: " " }, ...one] : one));
  return [...found.slice(0, most - 1), cut(rest, size, room)];
}

// Each with the space behind it.
function words(runs: Run[]): Run[][] {
  const found: Run[][] = [[]];
  for (const run of runs) {
    for (const part of run.text.split(/(?<=\s)/)) {
      found[found.length - 1]!.push({ ...run, text: part });
      if (/\s$/.test(part)) found.push([]);
    }
  }
  return found.filter((word) => word.length > 0);
}

// Neighbours that look alike are one run; no space at the end.
function trimmed(line: Run[]): Run[] {
  const joined: Run[] = [];
  for (const run of line) {
    const last = joined[joined.length - 1];
    if (last && last.fill === run.fill && last.weight === run.weight && last.mono === run.mono) last.text += run.text;
    else joined.push({ ...run });
  }
  const end = joined[joined.length - 1];
  if (end) end.text = end.text.trimEnd();
  return joined.filter((run) => run.text);
}
