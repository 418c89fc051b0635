// The hardware's way from an address to a frame, with the arch's own levels. Only the path is filled in.
import { effect, useComputed } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { parts, t } from "../messages";
import { usePlayer } from "../player";
import type { Player } from "../player";
import { decodePte, grouped, hex, indexOf, lockName, pteCell, vpn } from "../format";
import { Thread } from "../markup";
import type { Arch } from "../types";

const WIDTH = 214;
const ROW = 24;
const SHOWN = 5;
const BOX = 82;
const WALKS = /^(access|pte)$/; // kinds of steps that go this way
const EDGE = 16; // where the index comes down to its row

export function Walk() {
  const player = usePlayer();
  const run = player.trace.value;
  const at = player.focus.value;
  const box = useRef<HTMLDivElement>(null);
  // no need to draw anything anew for a colour
  const there = run !== null && at !== null;
  useLayoutEffect(() => effect(() => {
    const now = player.step.value;
    const lit = player.focus.value && now && WALKS.test(now.kind) ? `lit${player.actor.value.slice(1)}` : "";
    if (box.current) box.current.className = `pane-in ${lit}`;
  }), [there]);
  const split = useMemo(() => run && at && <Split arch={run.arch} address={at.address} />, [run?.arch, at?.address]);
  if (!there) return <section class="pane boxed p-walk path" aria-label={t("walk")} />;
  return (
    <section class="pane boxed p-walk path" aria-label={t("walk")}><div ref={box} class="pane-in">
      <h2><span>{parts("walk_of", { address: <code>{grouped(at.address)}</code> })}</span><span title={run.arch.title}>{run.arch.id}</span></h2>
      {split}
      <Tables arch={run.arch} address={at.address} mm={at.mm} vma={at.vma} />
      <Holder />
    </div></section>
  );
}

// The address, cut where this arch cuts it.
function Split({ arch, address }: { arch: Arch; address: string }) {
  const parts = [
    ...arch.levels.map((l) => ({ name: l.name, bits: `${l.high}–${l.low}`, index: indexOf(address, l.low, l.high), size: l.high - l.low + 1 })),
    { name: arch.levels.length > 3 ? t("offset_short") : t("offset"), bits: "11–0", index: indexOf(address, 0, 11), size: 12 },
  ];
  return (
    <div class="split">
      {parts.map((p) => (
        <div key={p.name} class={p.bits === "11–0" ? "part offset" : "part"}>
          <small>{p.bits}</small>
          <b key={p.index}>{p.bits === "11–0" ? hex(p.index) : String(p.index)}</b>
          <small>{p.name}</small>
        </div>
      ))}
    </div>
  );
}

type Place = { arch: Arch; address: string; mm: string; vma: string };

function Tables({ arch, address, mm, vma }: Place) {
  const player = usePlayer();
  const leaf = arch.levels[arch.levels.length - 1]!;
  const hasTable = pmdOf(player, mm, address, leaf.high) !== 0;
  const rows = useMemo(() => rowsOf(player, mm, address, vma), [player.trace.value, mm, address, vma]);
  return useMemo(() => <Drawn arch={arch} address={address} mm={mm} rows={rows} hasTable={hasTable} />, [arch, address, mm, rows, hasTable]);
}

function Drawn({ arch, address, mm, rows, hasTable }: Omit<Place, "vma"> & { rows: bigint[]; hasTable: boolean }) {
  const upper = arch.levels.slice(0, -1);
  const stepX = upper.length > 2 ? 20 : 30;
  const rowsY = 14;
  const leafX = 2 + upper.length * stepX + 16;
  const leafY = 36 + upper.length * 40;
  const focusY = leafY + Math.max(0, rows.indexOf(vpn(address))) * ROW + 10;
  const middle = (i: number) => (WIDTH * (i + 0.5)) / (arch.levels.length + 0.75);
  return (
    <svg class="tables" viewBox={`0 0 ${WIDTH} ${leafY + SHOWN * ROW}`} preserveAspectRatio="xMidYMin" role="img" aria-label={spoken(arch, address, hasTable)}>
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" class="tip" /></marker>
      </defs>
      <path class="wire" d={`M${middle(0)} 1V${rowsY}`} />
      {hasTable && <path class="wire index" marker-end="url(#tip)" d={`M${middle(upper.length)} 1V${rowsY + 8}Q${middle(upper.length)} ${rowsY + 14} ${middle(upper.length) + 6} ${rowsY + 14}H${WIDTH - 10}Q${WIDTH - 4} ${rowsY + 14} ${WIDTH - 4} ${rowsY + 20}V${focusY - 6}Q${WIDTH - 4} ${focusY} ${WIDTH - 10} ${focusY}H${WIDTH - EDGE + 1}`} />}
      {upper.map((level, i) => {
        const x = 2 + i * stepX;
        const y = rowsY + i * 40;
        const toX = i + 1 < upper.length ? 2 + (i + 1) * stepX - 2 : leafX - 2;
        const toY = i + 1 < upper.length ? rowsY + (i + 1) * 40 + 13 : focusY;
        const there = i + 1 < upper.length || hasTable;
        return (
          <g key={level.name}>
            <rect x={x} y={y} width={BOX} height="26" rx="5" class={there ? "slot on" : "slot empty"} />
            <text x={x + BOX / 2} y={y + 17} class="value">{`${level.name}[${indexOf(address, level.low, level.high)}]${there ? "" : ` ${t("none")}`}`}</text>
            {there && <path class="wire" marker-end="url(#tip)" d={`M${x + 14} ${y + 26} C${x + 14} ${toY} ${x + 14} ${toY} ${toX} ${toY}`} />}
          </g>
        );
      })}
      <text x={leafX} y={leafY - 6} class="label">{hasTable ? t("page_table") : t("no_page_table")}</text>
      {hasTable && <Rows rows={rows} mm={mm} address={address} x={leafX} y={leafY} arch={arch} />}
    </svg>
  );
}

function Rows({ rows, mm, address, x, y, arch }: Omit<Place, "vma"> & { rows: bigint[]; x: number; y: number }) {
  const { step, cells, actor } = usePlayer();
  const here = vpn(address);
  const touched = step.value?.delta.some(([c]) => c === pteCell(mm, address)) ?? false;
  return (
    <>
      {rows.map((page, i) => {
        const pte = decodePte(cells.value.get(`pte/${mm}/${hex(page)}`), arch);
        const focused = page === here;
        const text = pte.none ? t("none") : pte.present ? pte.pfn : t("not_present");
        return (
          <g key={i}>
            <rect x={x} y={y + i * ROW} width={WIDTH - x - EDGE} height={ROW - 3} rx="4" class={`slot ${pte.none ? "empty" : "on"} ${focused ? "focus" : ""} ${focused && touched ? `fresh ${actor.value}` : ""}`} />
            <text x={x + (WIDTH - x - EDGE) / 2} y={y + i * ROW + 15} class={focused ? "value strong" : pte.none ? "value no" : "value"}>{`[${indexOf(hex(page << 12n), 12, arch.levels[arch.levels.length - 1]!.high)}] ${text}`}</text>
          </g>
        );
      })}
    </>
  );
}

// The pages around this one, as far as the vma reaches.
function rowsOf({ trace }: Player, mm: string, address: string, vma: string): bigint[] {
  const here = vpn(address);
  const owned = (trace.value?.processes.find((p) => p.id === mm) ?? trace.value?.processes[0])?.vmas.find((v) => v.id === vma);
  const first = owned ? vpn(owned.start) : here;
  const end = owned ? first + BigInt(owned.pages) : here + 3n;
  const start = here - 2n < first ? first : here - 2n;
  return Array.from({ length: SHOWN }, (_, i) => start + BigInt(i)).filter((page) => page < end);
}

function pmdOf({ cells }: Player, mm: string, address: string, high: number): number {
  return Number(cells.value.get(`pmd/${mm}/${hex(BigInt(address) >> BigInt(high + 1))}`) ?? 0);
}

function spoken(arch: Arch, address: string, hasTable: boolean): string {
  const path = arch.levels.map((l) => t("level_entry", { level: l.name, index: indexOf(address, l.low, l.high) })).join(t("then"));
  return hasTable ? `${path}.` : `${path}. ${t("no_page_table")}.`;
}

function Holder() {
  const { cells, asked, locks } = usePlayer();
  const known = useComputed(() => locks.value.filter((c) => c.startsWith("lock/ptl/")));
  const held = known.value.filter((c) => cells.value.get(c));
  return (
    <p key={held.join()} class="holder askable" onClick={() => (asked.value = "")}>
      {held.length === 0 ? t("ptl_free") : held.map((cell, i) => <span key={cell}>{i > 0 && ", "}{parts("held_by", { lock: held.length > 1 ? `${lockName(cell)} ${cell.split("/")[2]}` : lockName(cell), who: <Thread id={String(cells.value.get(cell))} /> })} </span>)}
    </p>
  );
}
