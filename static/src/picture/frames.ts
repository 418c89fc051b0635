// The frames that the pte names and named, and what each CPU still believes.
import { named, t } from "../messages";
import type { Pte } from "../format";
import type { Player } from "../player";
import type { TlbEntry, Value } from "../types";
import type { Colours } from "./colours";
import { change, ENTRY, heading } from "./entry";
import { cut, rect, text } from "./marks";
import type { Mark, Run } from "./marks";
import { lines, prose } from "./prose";
import { cpus, isStale, pteCell, spellAt, stalePfn, threadIndex } from "./readers";
import type { Box } from "./view";

const GAP = 12;
const ROW = 15;

export function frames(player: Player, { x, y, w, h }: Box, c: Colours): Mark[] {
  const { was, now } = change(player);
  const old = was && was.present && was.pfn !== now.pfn ? was.pfn : stalePfn(player, now);
  const top = y + ENTRY + 14;
  const half: Box = { x, y: top, w: (w - GAP) / 2, h: h - ENTRY - 14 };
  const right: Box = { ...half, x: x + half.w + GAP };
  const place = old ? right : half;
  return [...(old ? frame(player, old, false, half, c) : []), ...(now.present ? frame(player, now.pfn, true, place, c) : nothing(player, now, old ? right : { ...half, w }, c))];
}

function frame(player: Player, pfn: string, mapped: boolean, box: Box, c: Colours): Mark[] {
  const get = (what: string): Value | undefined => player.cells.value.get(`page/${pfn}/${what}`);
  const kind = get("kind");
  const held = player.cells.value.get(`frame/${pfn}`);
  const said = [
    kind === undefined ? t("no_struct_page") : named("kind", String(kind)),
    ...(kind === undefined ? [] : [t("counts", { count: String(get("count") ?? 0), mapcount: String(get("mapcount") ?? 0) })]),
    held === undefined ? t("device_memory") : t("holds", { contents: `\`${String(held)}\`` }),
    t(mapped ? "pte_names_it" : "no_pte_names_it"),
  ];
  const look = mapped ? { fill: c.panel, stroke: c.ink, width: 1.6 } : { stroke: c.faint, dash: "4 3" };
  return boxed(player, box, [{ text: pfn, fill: c.ink, weight: 700, mono: true }], said, look, c);
}

// What has come of an empty pte so far, and what will, unless that is still to be guessed.
function nothing(player: Player, now: Pte, box: Box, c: Colours): Mark[] {
  const run = player.trace.value!;
  const spell = now.none ? spellAt(run, player.focus.value!, player.position.value) : undefined;
  const looks = spell?.looks.filter((look) => look.n <= player.position.value) ?? [];
  const found = looks.map(({ who, n }) => t("by_at", { who: `@${who}`, step: `#${n}` })).join(", ");
  const next = spell?.next ? t("writes_next", { who: `@${spell.next.who}`, step: `#${spell.next.n}` }) : t("none_writes_next");
  const empty = [found ? t("found_empty", { found }) : t("pte_is_none"), ...(player.blind.value ? [] : [next])];
  const said = now.none ? empty : [t("not_in_memory")];
  return boxed(player, box, [{ text: t("no_frame"), fill: c.soft, weight: 600 }], said, { stroke: c.faint, dash: "4 3" }, c);
}

function boxed(player: Player, { x, y, w, h }: Box, name: Run[], said: string[], look: object, c: Colours): Mark[] {
  const told = said.flatMap((one) => lines(prose(player.trace.value!, one, { fill: c.soft }, c), 13, w - 24, said.length > 2 ? 1 : 2));
  return [
    rect(x, y, w, h, 8, look),
    text(x + 12, y + 19, 14, cut(name, 14, w - 24)),
    ...told.slice(0, 4).map((one, i) => text(x + 12, y + 36 + i * ROW, 13, one)),
  ];
}

export function tlbs(player: Player, { x, y, w, h }: Box, c: Colours): Mark[] {
  const run = player.trace.value!;
  const { mm, address } = player.focus.value!;
  const [, , page] = pteCell(mm, address).split("/");
  const all = cpus(run);
  const each = Math.min(58, (h - 24 + 6) / all.length);
  const marks: Mark[] = [heading(x, y, t("cpus_believe"), c), text(x + w, y + 11, 13.5, [{ text: "TLB", fill: c.soft, weight: 600 }], "end")];
  all.forEach((cpu, i) => {
    const held = player.cells.value.get(`tlb/${cpu}/${page}`) as TlbEntry | undefined;
    const stale = held !== undefined && isStale(player, held, address);
    const top = y + 24 + i * each;
    const tall = each - 6;
    const two = tall >= 44;
    const ink = stale ? c.bad : c.soft;
    const riders = run.threads.filter((one) => one.cpu === cpu).map((one): Run => ({ text: `${one.id} `, fill: c.threads[threadIndex(run, one.id) % 8]!.me, weight: 700 }));
    const says = held ? `${page} → ${held.pfn} ${held.rw ? "rw" : "r"}` : t("empty");
    const belief: Run = { text: says, fill: stale ? c.bad : c.ink, mono: true };
    const state = text(x + w - 10, two ? top + 21 : top + tall / 2 + 4.5, 13, [{ text: t(stale ? "stale" : held ? "agrees" : "will_walk"), fill: ink, weight: 600 }], "end");
    const who = [...riders, { text: `cpu${cpu}`, fill: stale ? c.bad : c.soft, mono: true }];
    marks.push(rect(x, top, w, tall, 7, stale ? { fill: c["bad-wash"], stroke: c.bad, width: 1.6 } : { fill: c["rule-2"] }));
    if (two) marks.push(text(x + 10, top + 21, 13, cut(who, 13, w - 90)), state, text(x + 10, top + 41, 13, cut([belief], 13, w - 20)));
    else marks.push(text(x + 10, top + tall / 2 + 4.5, Math.min(12, tall * 0.8), cut([...who, { ...belief, text: ` ${held ? held.pfn : ""}` }], 12, w - 90)), state);
  });
  return marks;
}
