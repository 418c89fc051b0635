// The text as a scenario: its data, its faults, and which characters a path of the scenario takes up.
import { isAlias, isCollection, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { Document, Node, Pair, YAMLError } from "yaml";
import { named, t } from "../messages";

export type Path = (string | number)[];
export type Told = { where: string; what: string; instead: string };
export type Fault = Told & { from: number; to: number; line: number }; // line 0: of no line
export type Reading = { text: string; doc: Document; data: unknown; faults: Fault[]; lines: LineCounter };

// As the engine's own loader reads it: YAML 1.1.
export const YAML = { version: "1.1", prettyErrors: false, merge: false } as const;
const MOST_BYTES = 256 * 1024;
const DEEPEST = 30;

export function readText(text: string): Reading {
  const lines = new LineCounter();
  if (text.length > MOST_BYTES) return unreadable(text, lines, t("edit_too_large", { n: MOST_BYTES / 1024 }), t("edit_too_large_do"));
  let doc: Document;
  try {
    doc = parseDocument(text, { ...YAML, lineCounter: lines });
  } catch {
    return unreadable(text, lines, t("edit_too_deep", { n: DEEPEST }), t("edit_too_deep_do"));
  }
  const faults = [...refused(doc, lines), ...doc.errors.map((error) => ofYaml(error, lines))];
  if (faults.length) return { text, doc, data: null, faults, lines };
  const data: unknown = doc.toJS({ maxAliasCount: 0 });
  if (isMap(doc.contents)) return { text, doc, data, faults, lines };
  return unreadable(text, lines, t("edit_no_scenario"), t("edit_no_scenario_do"));
}

function unreadable(text: string, lines: LineCounter, what: string, instead: string): Reading {
  const fault = { from: 0, to: Math.min(text.length, 1), line: 1, where: t("edit_text"), what, instead };
  return { text, doc: parseDocument("{}"), data: null, faults: [fault], lines };
}

function ofYaml(error: YAMLError, lines: LineCounter): Fault {
  const what = named("edit_yaml", error.code);
  const instead = named("edit_yaml_do", error.code);
  const known = what !== error.code;
  return placed(lines, error.pos[0], error.pos[1], t("edit_yaml"), known ? what : error.message, instead === error.code ? t("edit_correct_it") : instead);
}

// What can stand for something else, or for a type of its own, is no plain data.
function refused(doc: Document, lines: LineCounter): Fault[] {
  const found: Fault[] = [];
  const say = (node: Node, what: string, instead: string) => {
    const [from, to] = node.range ?? [0, 1];
    found.push(placed(lines, from, to, t("edit_yaml"), what, instead));
  };
  visit(doc, {
    Node(_, node, ancestors) {
      if (isAlias(node)) return say(node, t("edit_alias", { name: node.source }), t("edit_alias_do"));
      if (node.anchor) say(node, t("edit_anchor", { name: node.anchor }), t("edit_anchor_do"));
      if (node.tag) say(node, t("edit_tag", { name: node.tag.replace("tag:yaml.org,2002:", "!!") }), t("edit_tag_do"));
      if (ancestors.length > DEEPEST * 2) return say(node, t("edit_too_deep", { n: DEEPEST }), t("edit_too_deep_do")), visit.BREAK;
      return undefined;
    },
  });
  return found;
}

function placed(lines: LineCounter, from: number, to: number, where: string, what: string, instead: string): Fault {
  return { from, to: Math.max(to, from), line: lines.linePos(from).line, where, what, instead };
}

// What the server said, at the line of the path that it named.
export function locate(reading: Reading, { where, what, instead }: Told): Fault {
  const path = pathOf(reading, where);
  if (!path.length) return { from: 0, to: 0, line: 0, where: where || t("edit_whole"), what, instead };
  const [from, to] = rangeOf(reading, path);
  const written = reading.text.slice(from, to);
  const remedy = /^0x[0-9a-f]+$/i.test(written) ? t("edit_quote_it", { value: written }) : instead;
  return placed(reading.lines, from, to, where, what, remedy);
}

// "processes[0].vmas[1].pages", read against the document, for a key may itself hold dots: expect.2.6.17.pte
export function pathOf(reading: Reading, where: string): Path {
  const path: Path = [];
  let node: unknown = reading.doc.contents;
  let rest = where;
  while (rest) {
    const index = /^\[(\d+)\]/.exec(rest);
    if (isSeq(node) && index) {
      path.push(Number(index[1]));
      node = node.items[Number(index[1])];
      rest = rest.slice(index[0].length);
      continue;
    }
    rest = rest.replace(/^\./, "");
    if (!isMap(node)) break;
    const keys = node.items.map(keyOf).sort((a, b) => b.length - a.length);
    const key = keys.find((k) => k !== "" && rest.startsWith(k) && /^($|[.[])/.test(rest.slice(k.length)));
    if (key === undefined) break;
    path.push(key);
    node = node.items.find((pair) => keyOf(pair) === key)?.value;
    rest = rest.slice(key.length);
  }
  return path;
}

export const keyOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : String(pair.key));

export const pairAt = (node: unknown, key: string | number): Pair | undefined =>
  isMap(node) ? node.items.find((pair) => keyOf(pair) === String(key)) : undefined;

export function nodeAt(doc: Document, path: Path): Node | null {
  let node: unknown = doc.contents;
  for (const part of path) {
    if (isSeq(node)) node = node.items[Number(part)];
    else node = pairAt(node, part)?.value;
  }
  return isNode(node) ? node : null;
}

// A key is enough to point at what is many lines long.
export function rangeOf(reading: Reading, path: Path): [from: number, to: number] {
  const last = path[path.length - 1];
  if (last === undefined) return [0, Math.min(reading.text.length, Math.max(0, reading.text.indexOf("\n")))];
  const parent = nodeAt(reading.doc, path.slice(0, -1));
  const pair = pairAt(parent, last);
  const node = nodeAt(reading.doc, path);
  if (pair && isNode(pair.key) && (!node || isCollection(node) || spansLines(reading, node))) return within(pair.key);
  if (!node) return rangeOf(reading, path.slice(0, -1));
  if (isMap(node) && isPair(node.items[0]) && isNode(node.items[0].key)) return within(node.items[0].key);
  return within(node);
}

const within = (node: Node): [number, number] => [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
const spansLines = (reading: Reading, node: Node): boolean => reading.text.slice(...within(node)).includes("\n");
