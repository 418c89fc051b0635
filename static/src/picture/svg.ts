// A picture as an SVG that stands alone: text is text, nothing refers to anything outside, no style sheet is needed.
import { MONO, round, SANS, weightOf, wide } from "./marks";
import type { Look, Mark, Picture, Run } from "./marks";

export function svg({ width, height, title, says, marks }: Picture): string {
  const drawn = marks.map(written).join("\n");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title says" font-family="${safe(SANS)}" style="font-variant-ligatures:none">`,
    `<title id="title">${safe(title)}</title>`,
    `<desc id="says">${safe(says)}</desc>`,
    drawn,
    "</svg>\n",
  ].join("\n");
}

function written(mark: Mark): string {
  if (mark.is === "path") return `<path d="${mark.d}"${looks(mark.look)}/>`;
  if (mark.is === "rect") return `<rect x="${round(mark.x)}" y="${round(mark.y)}" width="${round(mark.w)}" height="${round(mark.h)}"${mark.r ? ` rx="${round(mark.r)}"` : ""}${looks(mark.look)}/>`;
  const anchor = mark.anchor === "start" ? "" : ` text-anchor="${mark.anchor}"`;
  const long = round(wide(mark.runs, mark.size)); // so that what was laid out fits, whatever the fonts there
  const place = `x="${round(mark.x)}" y="${round(mark.y)}" font-size="${mark.size}"${anchor} textLength="${long}" lengthAdjust="spacingAndGlyphs"`;
  const [only] = mark.runs;
  if (mark.runs.length === 1) return `<text ${place}${ink(only!)} xml:space="preserve">${safe(only!.text)}</text>`;
  return `<text ${place} xml:space="preserve">${mark.runs.map((run) => `<tspan${ink(run)}>${safe(run.text)}</tspan>`).join("")}</text>`;
}

const ink = (run: Run): string => ` fill="${run.fill}" font-weight="${weightOf(run)}"${run.mono ? ` font-family="${safe(MONO)}"` : ""}`;

function looks({ fill = "none", stroke, width = 1, dash, opacity }: Look): string {
  const line = stroke ? ` stroke="${stroke}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash}"` : ""}` : "";
  return ` fill="${fill}"${line}${opacity === undefined ? "" : ` opacity="${opacity}"`}`;
}

// What XML cannot hold is left out.
const safe = (text: string): string =>
  text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
