// What may be written here: fields and values from the schema, names from this very document, ops from the run on the stage.
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorView, Tooltip } from "@codemirror/view";
import { isMap, isNode, isPair, isScalar, isSeq, parseDocument, visit } from "yaml";
import type { Document, Node, Pair } from "yaml";
import { t } from "../messages";
import { kernels, stage } from "../store";
import { keyOf, nodeAt, YAML } from "./document";
import type { Path } from "./document";
import { membersOf } from "./model";
import { aboutAt, choicesAt, fieldsAt, flags, formsAt, isList, isObject, ops } from "./schema";
import type { Schema } from "./schema";

const MARK = "Zz0qCursorq0zZ";
const WORD = /[\w.#][\w.#-]*(?:\[\d*\]?)?/;
type Spot = { doc: Document; path: Path; isKey: boolean };

export function complete(context: CompletionContext): CompletionResult | null {
  const word = context.matchBefore(WORD);
  const from = word?.from ?? context.pos;
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, from - line.from);
  if (from === context.pos && !context.explicit && !/: $/.test(before)) return null;
  if (/(^|\s)#/.test(before)) return null; // a remark
  const text = context.state.doc.toString();
  const rest = text.slice(context.pos).replace(/^[\w.#-]*(?:\[\d*\])?/, "");
  const options = offered(text.slice(0, from), rest, before);
  return options.length ? { from, options, validFor: /^[\w.#-]*(\[\d*\]?)?$/ } : null;
}

function offered(before: string, rest: string, onLine: string): Completion[] {
  const colon = /^["']?\s*:/.test(rest);
  if (/^\s*(- +)*["']?$/.test(onLine)) {
    const spot = spotOf(before + MARK + (colon ? "" : ": 0") + rest);
    const keys = spot?.isKey ? fields(spot, !colon) : [];
    if (keys.length) return keys;
  }
  const spot = spotOf(before + MARK + rest);
  if (!spot) return [];
  return spot.isKey ? fields(spot, !colon) : values(spot, before.endsWith('"'));
}

// Where the mark came to stand; the text around it need not be whole.
function spotOf(text: string): Spot | null {
  let doc: Document;
  try {
    doc = parseDocument(text, YAML);
  } catch {
    return null;
  }
  let found: Spot | null = null;
  visit(doc, {
    Scalar(key, node, ancestors) {
      if (typeof node.value !== "string" || !node.value.includes(MARK)) return undefined;
      const path = pathTo([...ancestors, node] as (Node | Pair | Document)[]);
      found = { doc, path: key === "key" ? path.slice(0, -1) : path, isKey: key === "key" };
      return visit.BREAK;
    },
  });
  return found;
}

function pathTo(chain: readonly (Node | Pair | Document)[]): Path {
  const path: Path = [];
  chain.forEach((node, i) => {
    const above = chain[i - 1];
    if (isSeq(above)) path.push(above.items.indexOf(node));
    if (isPair(node)) path.push(keyOf(node));
  });
  return path;
}

function fields({ doc, path }: Spot, colon: boolean): Completion[] {
  const node = nodeAt(doc, path);
  const there = new Set(isMap(node) ? node.items.map(keyOf) : []);
  const known = fieldsAt(path).filter(({ name }) => !there.has(name)).map(({ name, form, needed }, i): Completion => {
    const below = [...path, name];
    const deep = (isList(below) || isObject(below)) && choicesAt(below).length === 0;
    const more = { detail: detailOf(form, below) + (needed ? ` · ${t("edit_needed")}` : ""), info: aboutAt(below) || aboutAt(path), boost: (needed ? 50 : 0) - i };
    return { label: name, apply: colon ? (deep ? `${name}:` : `${name}: `) : name, type: "property", ...more };
  });
  const open = openKeys(path, doc).filter((name) => !there.has(name)).map((name) => ({ label: name, apply: (/^\d|[[\]]/.test(name) ? JSON.stringify(name) : name) + (colon ? ":" : "") }));
  return [...known, ...open];
}

function detailOf(form: Schema, path: Path): string {
  const choices = choicesAt(path);
  if (choices.length) return choices.length > 4 ? `${choices.slice(0, 3).join(" | ")} …` : choices.join(" | ");
  const forms = formsAt(path);
  const kind = forms.map((one) => one.type).filter((type) => type && type !== "null").join(" | ");
  const bound = forms.find((one) => one.minimum !== undefined);
  if (bound) return `${bound.minimum} … ${bound.maximum ?? ""}`;
  if (forms.some((one) => one.pattern?.includes("0x"))) return '"0x…"';
  return form.default !== undefined && form.default !== null && typeof form.default !== "object" ? `${kind}, ${t("edit_else", { value: String(form.default) })}` : kind;
}

function openKeys(path: Path, doc: Document): string[] {
  const { threads, vmas } = membersOf(plain(doc));
  if (path.length === 1 && path[0] === "expect") return kernels.value.map((kernel) => kernel.id);
  if (path[0] === "expect" && ["returns", "signals", "saw"].includes(String(path[2]))) return threads;
  return path[0] === "expect" && path[2] === "pte" ? vmas.map(({ name }) => `${name}[0]`) : [];
}

function values({ doc, path }: Spot, quoted: boolean): Completion[] {
  const data = plain(doc);
  const { threads, vmas, files, drivers } = membersOf(data);
  const field = path.findLast((part) => typeof part === "string");
  const plainly = (labels: string[], detail = ""): Completion[] => labels.filter((label) => !label.includes(MARK)).map((label) => ({ label, detail, apply: needsQuotes(label) && !quoted ? JSON.stringify(label) : label }));
  if (field === "kernel") return kernels.value.map(({ id, title }) => ({ label: id, detail: title }));
  if (field === "flags") return plainly(flags());
  if (field === "run" || field === "thread" || field === "kill") return plainly(threads);
  if (field === "file") return plainly(files);
  if (field === "driver") return plainly(drivers);
  if (["read", "write", "mprotect", "munmap", "truncate", "remap"].includes(field ?? "")) return plainly(vmas.flatMap(({ name, pages }) => Array.from({ length: Math.min(pages, 16) }, (_, page) => `${name}[${page}]`)));
  if (field === "until") return untils(doc, path, quoted);
  if (field === "op") return Object.entries(ops()).map(([label, info]) => ({ label, info }));
  if (field === "value" && path.includes("nopfn")) return plainly(["SIGBUS", "OOM", "REFAULT", "ENOMEM", "EFAULT", "EINVAL", "0x7000a"]);
  if (field === "value" && path.includes("nopage")) return plainly(["SIGBUS", "OOM", "REFAULT"]);
  return plainly(choicesAt(path));
}

const needsQuotes = (label: string): boolean => /#|^0x/.test(label);

// The ops that this thread did in the run on the stage, in their order; then every op there is.
function untils(doc: Document, path: Path, quoted: boolean): Completion[] {
  const map = nodeAt(doc, path.slice(0, -1));
  const who: unknown = isMap(map) ? map.get("run") : "";
  const done = stage.trace.value?.steps.filter((step) => step.thread === who) ?? [];
  const shown = done.map((step, i): Completion => ({ label: `${step.op}#${step.nth}`, detail: t("step_n", { n: step.n }), info: ops()[step.op] ?? "", boost: 90 - Math.min(i, 80) }));
  const seen = new Set(done.map((step) => step.op));
  const others = Object.entries(ops()).filter(([op]) => !seen.has(op)).map(([op, info]): Completion => ({ label: `${op}#1`, info, boost: -50 }));
  return [{ label: "end", boost: 99 }, ...[...shown, ...others].map((option) => (quoted ? option : { ...option, apply: JSON.stringify(option.label) }))];
}

function plain(doc: Document): unknown {
  try {
    return doc.toJS({ maxAliasCount: 0 });
  } catch {
    return null;
  }
}

export function explain(view: EditorView, at: number): Tooltip | null {
  let doc: Document;
  try {
    doc = parseDocument(view.state.doc.toString(), YAML);
  } catch {
    return null;
  }
  let told: { from: number; to: number; words: string } | null = null;
  visit(doc, {
    Scalar(key, node, ancestors) {
      if (!isNode(node) || !node.range || at < node.range[0] || at > node.range[1]) return undefined;
      const path = pathTo([...ancestors, node] as (Node | Pair | Document)[]);
      told = { from: node.range[0], to: node.range[1], words: key === "key" ? aboutKey(path) : aboutValue(path, isScalar(node) ? String(node.value) : "") };
      return visit.BREAK;
    },
  });
  const { from, to, words } = told ?? { from: 0, to: 0, words: "" };
  if (!words) return null;
  return { pos: from, end: to, above: true, create: () => {
    const dom = document.createElement("p");
    dom.textContent = words;
    return { dom };
  } };
}

function aboutKey(path: Path): string {
  const form = formsAt(path)[0];
  const kind = form ? detailOf(form, path) : "";
  return [kind && `${path.at(-1)}: ${kind}`, aboutAt(path) || aboutAt(path.slice(0, -1))].filter(Boolean).join("\n");
}

function aboutValue(path: Path, value: string): string {
  const field = path.findLast((part) => typeof part === "string");
  if (field === "until" || field === "op") return ops()[value.split("#")[0] ?? ""] ?? "";
  const kernel = field === "kernel" ? kernels.value.find(({ id }) => id === value) : undefined;
  return kernel ? `${kernel.date}\n${kernel.title}` : "";
}
