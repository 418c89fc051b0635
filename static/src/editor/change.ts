// A change to the scenario as a change to its text: only the touched part is written anew.
import { isCollection, isMap, isNode, isScalar, isSeq, parseDocument, Scalar, stringify } from "yaml";
import type { Document, Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { keyOf, nodeAt, pairAt, YAML } from "./document";
import type { Path } from "./document";

export type Change =
  | { set: Path; value: unknown }
  | { remove: Path }
  | { insert: Path; at: number; value: unknown }
  | { move: Path; from: number; to: number }
  | { rename: Path; key: string };

const STYLE = { ...YAML, lineWidth: 100 } as const;
const FLOW = { ...YAML, lineWidth: 0, collectionStyle: "flow", flowCollectionPadding: false } as const;
// In which order the fields of a scenario read best.
export const ORDER = ["schema", "title", "story", "watch_under", "kernel", "arch", "memory", "files", "drivers", "processes", "schedule", "inject", "notes", "questions", "expect"];

export const changedBy = (text: string, changes: Change[]): string => changes.reduce(changed, text);

// The splice is held against what the YAML library makes of the same change; where they differ, the library's text is taken.
export function changed(text: string, change: Change): string {
  const wanted = parseDocument(text, YAML);
  applied(wanted, change);
  let careful: string | null = null;
  try {
    careful = spliced(text, parseDocument(text, YAML), change);
  } catch {
    careful = null;
  }
  if (careful !== null) {
    const doc = parseDocument(careful, YAML);
    if (!doc.errors.length && same(doc, wanted)) return careful;
  }
  return wanted.toString(STYLE);
}

const same = (one: Document, other: Document): boolean => JSON.stringify(one.toJS()) === JSON.stringify(other.toJS()) || sorted(one.toJS()) === sorted(other.toJS());

// Two maps are the same whatever the order of their keys.
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part);

function applied(doc: Document, change: Change): void {
  if ("set" in change) return assign(doc, change.set, change.value);
  if ("remove" in change) return void doc.deleteIn(existing(doc, change.remove));
  if ("rename" in change) {
    const pair = pairAt(nodeAt(doc, change.rename.slice(0, -1)), change.rename.at(-1)!);
    if (pair) pair.key = doc.createNode(change.key);
    return;
  }
  const path = existing(doc, "insert" in change ? change.insert : change.move);
  const seq = nodeAt(doc, path);
  if ("insert" in change) {
    if (isSeq(seq)) seq.items.splice(change.at, 0, doc.createNode(change.value));
    else assign(doc, change.insert, [change.value]);
  } else if (isSeq(seq)) {
    const [item] = seq.items.splice(change.from, 1);
    if (item !== undefined) seq.items.splice(change.to, 0, item);
  }
}

function assign(doc: Document, path: Path, value: unknown): void {
  const parent = path.slice(0, -1);
  if (parent.length && !isCollection(nodeAt(doc, parent))) return assign(doc, parent, { [path.at(-1)!]: value });
  doc.setIn(existing(doc, path), doc.createNode(value));
}

// The library looks keys up by value; ours are told by how they are written.
function existing(doc: Document, path: Path): Path {
  return path.map((part, i) => {
    const pair = pairAt(nodeAt(doc, path.slice(0, i)), part);
    return isScalar(pair?.key) ? (pair.key.value as string) : part;
  });
}

function spliced(text: string, doc: Document, change: Change): string | null {
  if ("set" in change) return set(text, doc, change.set, change.value);
  if ("remove" in change) return remove(text, doc, change.remove);
  if ("rename" in change) {
    const pair = pairAt(nodeAt(doc, change.rename.slice(0, -1)), change.rename.at(-1)!);
    return isNode(pair?.key) ? put(text, pair.key.range![0], pair.key.range![1], scalar(change.key, undefined, true)) : null;
  }
  if ("insert" in change) return insert(text, doc, change.insert, change.at, change.value);
  return move(text, doc, change.move, change.from, change.to);
}

const put = (text: string, from: number, to: number, by: string): string => text.slice(0, from) + by + text.slice(to);
const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;
const lineEnd = (text: string, at: number): number => (text.indexOf("\n", at) + 1 || text.length + 1) - 1;
const column = (text: string, at: number): number => at - lineStart(text, at);
const indented = (lines: string, by: number): string => lines.replace(/\n(?=[^\n])/g, `\n${" ".repeat(by)}`);
const isFlow = (node: unknown): boolean => isCollection(node) && node.flow === true;

// Where the last character of a node is; a block's own range takes in what follows it.
function endOf(text: string, node: unknown, otherwise: number): number {
  if (isCollection(node) && !node.flow) {
    const last = node.items.at(-1);
    const pair = isMap(node) ? (last as Pair | undefined) : undefined;
    if (pair) return endOf(text, pair.value, isNode(pair.key) ? pair.key.range![1] + 1 : otherwise);
    return endOf(text, last, otherwise);
  }
  if (!isNode(node) || !node.range) return otherwise;
  let [, end] = node.range;
  if (isScalar(node) && node.range[0] === end) return Math.max(otherwise, end); // nothing is written there
  while (end > node.range[0] && /\s/.test(text[end - 1]!)) end -= 1;
  return end;
}

function scalar(value: unknown, type?: string, flow = false): string {
  const node = new Scalar(value);
  if (type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE") node.type = type;
  if (flow) return stringify([node], FLOW).trim().slice(1, -1).trim();
  return stringify(node, { ...YAML, lineWidth: 0 }).trimEnd();
}

const inFlow = (value: unknown): string => stringify(value, FLOW).trim();

function pairText(key: string | number, value: unknown, indent: number): string {
  const node = new Scalar(value);
  const long = typeof value === "string" && (value.length > 90 || value.includes("\n"));
  if (long) node.type = value.includes("\n") ? "BLOCK_LITERAL" : "BLOCK_FOLDED";
  const folded = long && !value.endsWith("\n");
  const lines = stringify({ [key]: long ? node : value }, { ...STYLE, lineWidth: Math.max(40, 100 - indent) }).trimEnd();
  return indented(folded ? lines.replace(/: ([>|])\n/, ": $1-\n") : lines, indent);
}

function set(text: string, doc: Document, path: Path, value: unknown): string | null {
  const key = path.at(-1);
  const parent = nodeAt(doc, path.slice(0, -1));
  if (key === undefined) return null;
  if (isSeq(parent)) {
    const node = parent.items[Number(key)];
    return isScalar(node) && !isCompound(value) ? put(text, node.range![0], node.range![1], scalar(value, node.type, isFlow(parent))) : null;
  }
  if (!isMap(parent)) return path.length > 1 ? set(text, doc, path.slice(0, -1), { [key]: value }) : null;
  const pair = pairAt(parent, key);
  if (!pair) return isFlow(parent) ? join(text, parent, `${scalar(key, undefined, true)}: ${inFlow(value)}`) : addPair(text, parent, key, value, path.length === 1);
  const node = pair.value;
  if (isFlow(parent) || isFlow(node)) {
    return isNode(node) ? put(text, node.range![0], endOf(text, node, node.range![1]), isCompound(value) ? inFlow(value) : scalar(value, isScalar(node) ? node.type : undefined, true)) : null;
  }
  if (isScalar(node) && node.source !== "" && !isCompound(value) && !/^BLOCK/.test(node.type ?? "") && String(value).length <= 90) {
    return put(text, node.range![0], node.range![1], scalar(value, node.type));
  }
  return replacePair(text, pair, key, value);
}

const isCompound = (value: unknown): boolean => typeof value === "object" && value !== null;

function replacePair(text: string, pair: Pair, key: string | number, value: unknown): string | null {
  if (!isNode(pair.key)) return null;
  const [start, keyEnd] = pair.key.range!;
  const name = text.slice(start, keyEnd);
  const made = pairText(key, value, column(text, start)).replace(/^(?:"[^"]*"|[^:]*):/, () => `${name}:`);
  return put(text, start, endOf(text, pair.value, keyEnd + 1), made);
}

function addPair(text: string, map: YAMLMap, key: string | number, value: unknown, top: boolean): string | null {
  const pairs = map.items as Pair[];
  const first = pairs[0];
  if (!first || !isNode(first.key)) return null;
  const rank = (name: string) => ORDER.indexOf(name);
  const before = top ? pairs.findLast((pair) => rank(keyOf(pair)) >= 0 && rank(keyOf(pair)) < rank(String(key))) : pairs.at(-1);
  const after = before ?? pairs.at(-1)!;
  if (!isNode(after.key)) return null;
  const end = lineEnd(text, endOf(text, after.value, after.key.range![1] + 1));
  const indent = column(text, first.key.range![0]);
  return put(text, end, end, `\n${" ".repeat(indent)}${pairText(key, value, indent)}`);
}

// One more thing at the end of {...} or [...].
function join(text: string, node: YAMLMap | YAMLSeq, more: string): string {
  const close = node.range![1] - 1;
  const last = node.items.at(-1) as Node | Pair | undefined;
  if (!last) return put(text, close, close, more);
  const end = flowEnd(text, last);
  return put(text, end, end, `, ${more}`);
}

function flowEnd(text: string, item: Node | Pair): number {
  if (isNode(item)) return item.range![1];
  const key = isNode(item.key) ? item.key.range![1] : 0;
  return endOf(text, item.value, key);
}

const flowStart = (item: Node | Pair): number => (isNode(item) ? item.range![0] : (item.key as Node).range![0]);

function insert(text: string, doc: Document, path: Path, at: number, value: unknown): string | null {
  const seq = nodeAt(doc, path);
  if (!isSeq(seq) || !seq.items.length) {
    if (isSeq(seq) && isFlow(seq) && !isCompound(value)) return join(text, seq, inFlow(value));
    return set(text, doc, path, [value]);
  }
  if (isFlow(seq)) {
    const item = seq.items[at] as Node | undefined;
    return item ? put(text, item.range![0], item.range![0], `${inFlow(value)}, `) : join(text, seq, inFlow(value));
  }
  const dash = dashOf(text, seq.items[0] as Node);
  if (dash === null) return null;
  const flow = isCompound(value) && isFlow(seq.items.at(-1));
  const indent = column(text, dash);
  const made = flow ? `- ${inFlow(value)}` : indented(stringify([value], STYLE).trimEnd(), indent);
  if (at >= seq.items.length) {
    const end = lineEnd(text, endOf(text, seq, dash));
    return put(text, end, end, `\n${" ".repeat(indent)}${made}`);
  }
  const here = dashOf(text, seq.items[at] as Node);
  return here === null ? null : put(text, here, here, `${made}\n${" ".repeat(indent)}`);
}

function dashOf(text: string, item: Node): number | null {
  const dash = text.lastIndexOf("-", item.range![0] - 1);
  return dash >= 0 && text.slice(dash + 1, item.range![0]).trim() === "" && text.slice(lineStart(text, dash), dash).trim() === "" ? dash : null;
}

function remove(text: string, doc: Document, path: Path): string | null {
  const parent = nodeAt(doc, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined || !isCollection(parent)) return null;
  if (isSeq(parent) && parent.items.length === 1) return set(text, doc, path.slice(0, -1), []);
  if (isMap(parent) && parent.items.length === 1 && path.length > 1) return set(text, doc, path.slice(0, -1), {});
  const items = parent.items as (Node | Pair)[];
  const at = isSeq(parent) ? Number(key) : items.indexOf(pairAt(parent, key)!);
  if (!items[at]) return null;
  if (isFlow(parent)) {
    return at > 0 ? put(text, flowEnd(text, items[at - 1]!), flowEnd(text, items[at]!), "") : put(text, flowStart(items[0]!), flowStart(items[1]!), "");
  }
  if (isMap(parent)) return removePair(text, items as Pair[], at);
  const dash = dashOf(text, items[at] as Node);
  return dash === null ? null : put(text, lineStart(text, dash), lineEnd(text, endOf(text, items[at], dash)) + 1, "");
}

function removePair(text: string, pairs: Pair[], at: number): string | null {
  const { key, value } = pairs[at]!;
  if (!isNode(key)) return null;
  const start = key.range![0];
  const end = lineEnd(text, endOf(text, value, key.range![1] + 1)) + 1;
  if (text.slice(lineStart(text, start), start).trim() === "") return put(text, lineStart(text, start), end, "");
  const next = pairs[at + 1]?.key;
  return isNode(next) ? put(text, start, next.range![0], "") : null;
}

function move(text: string, doc: Document, path: Path, from: number, to: number): string | null {
  const seq = nodeAt(doc, path);
  if (!isSeq(seq) || !seq.items[from] || !seq.items[to]) return null;
  const items = seq.items as Node[];
  const bounds = isFlow(seq) ? items.map((item): [number, number] => [item.range![0], item.range![1]]) : chunks(text, items);
  if (!bounds) return null;
  const pieces = bounds.map(([a, b]) => text.slice(a, b));
  const [piece] = pieces.splice(from, 1);
  pieces.splice(to, 0, piece!);
  let made = text.slice(0, bounds[0]![0]);
  pieces.forEach((part, i) => (made += part + text.slice(bounds[i]![1], bounds[i + 1]?.[0] ?? text.length)));
  return made;
}

// An item with its dash, and with the remarks above it.
function chunks(text: string, items: Node[]): [number, number][] | null {
  const found: [number, number][] = [];
  for (const item of items) {
    const dash = dashOf(text, item);
    if (dash === null) return null;
    const start = found.length ? found.at(-1)![1] + 1 : lineStart(text, dash);
    found.push([start, lineEnd(text, endOf(text, item, dash))]);
  }
  return found;
}
