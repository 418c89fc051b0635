// A function's lines, with every thread's place in them. What is drawn once stays: a step changes only the
// lines that it lights, and going to another function only which listing is seen.
import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { threadIndex } from "./format";
import { t } from "./messages";
import { toLine } from "./moves";
import { labelled, usePlayer } from "./player";
import type { Player } from "./player";
import { highlight } from "./python";
import { againstParent, card } from "./store";
import { theme } from "./theme";
import type { Fn, Trace } from "./types";

const KEPT = 16; // listings that stay drawn while others are seen

type Place = { fn: Fn; id: string; run: Trace; shown: boolean };

export function Listings({ id, run }: { id: string; run: Trace }) {
  const kept = useMemo(() => ({ ids: [] as string[], away: new Map<string, VNode>() }), [run]);
  if (!kept.ids.includes(id)) kept.ids = [...kept.ids.slice(1 - KEPT), id];
  const listing = (one: string) => <Listing key={one} id={one} fn={run.functions[one]!} run={run} shown={one === id} />;
  // one vnode again is not looked into
  const away = (one: string) => kept.away.get(one) ?? kept.away.set(one, listing(one)).get(one);
  return <div class="listings">{kept.ids.map((one) => (one === id ? listing(one) : away(one)))}</div>;
}

function Listing({ fn, id, run, shown }: Place) {
  const player = usePlayer();
  const box = useRef<HTMLDivElement>(null);
  const drawn = useMemo(() => draw(fn), [fn, againstParent.value]);
  const at = shown ? standingLines(player, id, run) : null;
  const acting = at?.get(player.step.value?.thread ?? "");
  useLayoutEffect(() => { if (at) light(drawn, box.current!, lightsOf(player, at, run), run); });
  useLayoutEffect(() => (shown ? bringLit(box.current!) : undefined), [shown, drawn, acting, theme.value, card.value]);
  return (
    <div class={shown ? "sheet-of" : "sheet-of away"}>
      <div class="listing" ref={box} tabIndex={0} role="region" aria-label={labelled(t("listing", { fn: fn.name, file: fn.file }), player)} onKeyDown={(e) => lineKeys(e, player, id)} onClick={(e) => runTo(e, player, id)} onFocus={() => (cursor.value = acting ?? null)} onBlur={() => (cursor.value = null)}>
        {drawn.lines}
        <p class="cites">{whole(fn.cites)}</p>
      </div>
    </div>
  );
}

// A date and its time stay on one line.
const whole = (text: string) => text.split(/(\d{4}-\d\d-\d\d \d\d:\d\d)/).map((part, i) => (i % 2 ? <span class="nowrap">{part}</span> : part));

const SIGN = { same: "", added: "+", gone: "−" };

type Row = { line: number | null; text: string; kind: "same" | "added" | "gone" };

function rowsOf(fn: Fn): Row[] {
  const gone = againstParent.value ? fn.diff?.removed ?? [] : [];
  const added = new Set(fn.diff?.added ?? []);
  const rows: Row[] = [];
  const lost = (line: number) => {
    for (const hunk of gone) if (hunk.after === line) for (const text of hunk.lines) rows.push({ line: null, text, kind: "gone" });
  };
  lost(fn.line - 1);
  const [docFrom, docTo] = docstring(fn.source);
  fn.source.forEach((text, i) => {
    const line = fn.line + i;
    if (i >= docFrom && i <= docTo) return; // shown above, in words
    rows.push({ line, text, kind: added.has(line) ? "added" : "same" });
    lost(line);
  });
  return rows;
}

// First and last index of the docstring's lines.
export function docstring(source: string[]): [number, number] {
  const from = source.findIndex((text) => text.trim().startsWith('"""'));
  if (from < 0 || !/^\s*def |^\s*\)/.test(source[from - 1] ?? "")) return [1, 0];
  if (source[from]!.trim().length > 3 && source[from]!.trim().endsWith('"""')) return [from, from];
  const to = source.findIndex((text, i) => i > from && text.trim().endsWith('"""'));
  return [from, to < 0 ? from : to];
}

// Half the indentation, so that lines fit; the text is untouched.
export const narrow = (text: string): string => text.replace(/^ +/, (spaces) => spaces.slice(spaces.length / 2));

type Drawn = { rows: Row[]; lines: VNode; lights: Map<number, Light> };

let drawings = 0; // no two share elements: what is lit in one must not stay lit in another

function draw(fn: Fn): Drawn {
  const rows = rowsOf(fn);
  return { rows, lines: <Lines key={(drawings += 1)} rows={rows} against={againstParent.value} />, lights: new Map() };
}

// A component, for the same vnode of an element would be compared line by line.
const Lines = ({ rows, against }: { rows: Row[]; against: boolean }) => (
  <ol class={against ? "against" : undefined}>
    {rows.map((row) => (
      <li class={`line ${row.kind}`} data-line={row.line ?? undefined}>
        <span class="gutter" />
        <span class="num" title={row.line === null ? undefined : t("run_to_line")}>{row.line}</span>
        <span class="sign">{SIGN[row.kind] || null}</span>
        <span class="text">{highlight(narrow(row.text))}</span>
      </li>
    ))}
  </ol>
);

// Who stands at a line, and how that line looks.
type Light = { looks: string; who: string[] };

// Where each thread stood last, in this function.
function standingLines(player: Player, id: string, run: Trace): Map<string, number> {
  const found = new Map<string, number>();
  const latest = run.threads.flatMap((thread) => player.latest(thread.id) ?? []).sort((a, b) => b.n - a.n);
  for (const step of latest) {
    const frame = step.stack.findLast(([f]) => f === id);
    if (frame) found.set(step.thread, frame[1]);
  }
  return found;
}

function lightsOf(player: Player, at: Map<string, number>, run: Trace): Map<number, Light> {
  const now = player.step.value;
  const lights = new Map<number, Light>();
  for (const line of new Set(at.values())) {
    const who = [...at].filter(([, other]) => other === line).map(([thread]) => thread);
    const mine = now && who.includes(now.thread);
    lights.set(line, { looks: `${mine && now.stack.length ? "here" : "stood"} t${threadIndex(run, mine ? now.thread : who[0]!) % 8}`, who });
  }
  if (cursor.value !== null) lights.set(cursor.value, { looks: `${lights.get(cursor.value)?.looks ?? ""} cursor`, who: lights.get(cursor.value)?.who ?? [] });
  return lights;
}

function light(drawn: Drawn, box: HTMLElement, lights: Map<number, Light>, run: Trace): void {
  const before = drawn.lights;
  drawn.lights = lights;
  for (const line of new Set([...before.keys(), ...lights.keys()])) {
    const [was, now] = [before.get(line), lights.get(line)];
    if (was?.looks === now?.looks && String(was?.who) === String(now?.who)) continue;
    const index = drawn.rows.findIndex((row) => row.line === line);
    const row = box.querySelector("ol")!.children[index];
    if (!row) continue;
    row.className = `line ${drawn.rows[index]!.kind} ${now?.looks ?? ""}`;
    if (now?.looks.startsWith("here")) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    if (String(was?.who ?? []) !== String(now?.who ?? [])) row.firstElementChild!.replaceChildren(...(now?.who ?? []).map((id) => letter(id, run)));
  }
}

// As <Thread> draws it.
function letter(id: string, run: Trace): HTMLElement {
  const made = document.createElement("b");
  made.className = `who t${threadIndex(run, id) % 8}`;
  made.textContent = id;
  return made;
}

// Scrolls to the lit line. An observer of sizes always speaks once, after the frame's layout and before its paint:
// then places can be read and the box scrolled without laying out anything twice.
function bringLit(box: HTMLElement): (() => void) | undefined {
  const row = box.querySelector<HTMLElement>(".line.here") ?? box.querySelector<HTMLElement>(".line.stood");
  if (!row) return;
  const laidOut = new ResizeObserver(() => {
    laidOut.disconnect();
    box.scrollTop = wholeLine(box, row);
  });
  laidOut.observe(row);
  return () => laidOut.disconnect();
}

// The line is in the upper half of the box, whose first line is a whole one.
function wholeLine(box: HTMLElement, row: HTMLElement): number {
  const wanted = row.offsetTop - box.clientHeight * 0.45;
  if (wanted <= 0) return 0;
  const lines = box.querySelectorAll<HTMLElement>(".line");
  let [from, to] = [0, lines.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (lines[middle]!.offsetTop < wanted) from = middle + 1;
    else to = middle;
  }
  return lines[from]!.offsetTop;
}

// The line that the arrows have reached in a listing with the focus; Enter runs to it.
const cursor = signal<number | null>(null);

function lineKeys(event: KeyboardEvent, player: Player, id: string): void {
  const fn = player.trace.value!.functions[id]!;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    event.preventDefault();
    const to = Math.min(Math.max((cursor.value ?? fn.line) + by, fn.line), fn.line + fn.source.length - 1);
    cursor.value = to;
    (event.currentTarget as HTMLElement).querySelector(`[data-line="${to}"]`)?.scrollIntoView({ block: "nearest" });
  }
  if (event.key === "Enter" && cursor.value !== null) toLine(player, id, cursor.value, event.shiftKey ? -1 : 1);
}

function runTo(event: MouseEvent, player: Player, id: string): void {
  const line = (event.target as Element).closest(".num")?.parentElement?.dataset.line;
  if (line) toLine(player, id, Number(line), event.shiftKey ? -1 : 1);
}
