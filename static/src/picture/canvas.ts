// A picture on a canvas: painted mark by mark in the fonts of the page, so nothing is loaded and nothing taints it.
import { fontOf, wide } from "./marks";
import type { Look, Mark, Picture } from "./marks";

// width: of the canvas in pixels. into: a canvas to be painted over.
export function canvas(picture: Picture, width: number, into = document.createElement("canvas")): HTMLCanvasElement {
  const scale = width / picture.width;
  into.width = width;
  into.height = Math.round(picture.height * scale);
  const pen = into.getContext("2d", { willReadFrequently: true })!;
  pen.scale(scale, scale);
  for (const mark of picture.marks) paint(pen, mark);
  return into;
}

export async function png(picture: Picture, width: number): Promise<Blob> {
  const made = await new Promise<Blob | null>((done) => canvas(picture, width).toBlob(done, "image/png"));
  if (!made) throw new Error("this browser made no picture");
  return made;
}

function paint(pen: CanvasRenderingContext2D, mark: Mark): void {
  if (mark.is === "text") {
    pen.textRendering = "optimizeSpeed"; // no ligatures: code is read letter by letter
    const all = mark.anchor === "start" ? 0 : wide(mark.runs, mark.size);
    let x = mark.x - (mark.anchor === "middle" ? all / 2 : all);
    for (const run of mark.runs) {
      pen.font = fontOf(run, mark.size);
      pen.fillStyle = run.fill;
      pen.fillText(run.text, x, mark.y);
      x += wide([run], mark.size);
    }
    return;
  }
  const shape = new Path2D(mark.is === "path" ? mark.d : undefined);
  if (mark.is === "rect") shape.roundRect(mark.x, mark.y, mark.w, mark.h, mark.r);
  ink(pen, shape, mark.look);
}

function ink(pen: CanvasRenderingContext2D, shape: Path2D, { fill, stroke, width = 1, dash, opacity = 1 }: Look): void {
  pen.globalAlpha = opacity;
  if (fill) {
    pen.fillStyle = fill;
    pen.fill(shape);
  }
  if (stroke) {
    pen.strokeStyle = stroke;
    pen.lineWidth = width;
    pen.setLineDash(dash ? dash.split(" ").map(Number) : []);
    pen.stroke(shape);
  }
  pen.globalAlpha = 1;
}
