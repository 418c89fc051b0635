// A scenario as YAML in the gallery's style.
import { Document, isMap, isNode, isScalar, isSeq, parseDocument, visit } from "yaml";
import { ORDER } from "./change";
import { YAML } from "./document";

const WIDTH = 80; // columns
const INLINE = new Set(["schedule", "inject"]); // their items fit on a line

export function toYaml(scenario: Record<string, unknown>): string {
  const rank = (key: string) => ORDER.indexOf(key) + 1 || ORDER.length + 1;
  const sorted = Object.fromEntries(Object.entries(scenario).sort(([a], [b]) => rank(a) - rank(b)));
  const doc = new Document(sorted, YAML);
  visit(doc, {
    Seq(_, seq) {
      if (seq.items.length && seq.items.every(isScalar)) seq.flow = true;
    },
    Pair(_, pair) {
      const { value } = pair;
      if (isScalar(value) && typeof value.value === "string" && value.value.length > 80) value.type = "BLOCK_FOLDED";
      if (isSeq(value) && isScalar(pair.key) && INLINE.has(String(pair.key.value))) {
        for (const item of value.items) if (isMap(item)) item.flow = true;
      }
    },
  });
  return filled(doc.toString({ lineWidth: WIDTH, flowCollectionPadding: false }));
}

// The library breaks a long list in brackets after every item; here its lines are filled.
function filled(text: string): string {
  const spots: [from: number, to: number, by: string][] = [];
  visit(parseDocument(text, YAML), {
    Pair(_, { key, value }) {
      if (!isNode(key) || !isSeq(value) || !value.flow || !text.slice(...value.range!.slice(0, 2)).includes("\n")) return;
      const indent = key.range![0] - text.lastIndexOf("\n", key.range![0]) - 1;
      spots.push([key.range![1], value.range![1], brackets(value.items.map((item) => text.slice(...(isNode(item) ? item.range!.slice(0, 2) : []))), indent, text.slice(key.range![0], key.range![1]).length)]);
    },
  });
  return spots.reverse().reduce((so, [from, to, by]) => so.slice(0, from) + by + so.slice(to), text);
}

function brackets(items: string[], indent: number, key: number): string {
  const lines = [": ["];
  items.forEach((item, i) => {
    const piece = item + (i + 1 < items.length ? "," : "]");
    const line = lines.at(-1)!;
    const taken = (lines.length === 1 ? indent + key : 0) + line.length;
    if (taken + piece.length + 1 > WIDTH) lines.push(" ".repeat(indent + 2) + piece);
    else lines[lines.length - 1] = line + (/\[$/.test(line) ? "" : " ") + piece;
  });
  return lines.join("\n");
}
