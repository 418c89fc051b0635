// The hardware's way from an address to a frame, with the arch's own levels. Only the path is filled in.
import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
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

export function Walk() {
  const player = usePlayer();
  const run = player.trace.value;
  const at = player.focus.value;
  const split = useMemo(() => run && at && <Split arch={run.arch} address={at.address} />, [run?.arch, at?.address]);
  if (!run || !at) return <section class="pane boxed p-walk path" aria-label={t("walk")} />;
  return (
    <section class="pane boxed p-walk path" aria-label={t("walk")}><div class="pane-in">
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
    { name: t("offset"), bits: "11–0", index: indexOf(address, 0, 11), size: 12 },
  ];
  return (
    <div class="split">
      {parts.map((p) => (
        <div key={p.name} class={p.name === t("offset") ? "part offset" : "part"}>
          <small>{p.bits}</small>
          <b key={p.index}>{p.name === t("offset") ? hex(p.index) : String(p.index)}</b>
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
  return useMemo(() => <Drawn arch={arch} address={address} mm={mm} vma={vma} hasTable={hasTable} />, [arch, address, mm, vma, hasTable]);
}

function Drawn({ arch, address, mm, vma, hasTable }: Place & { hasTable: boolean }) {
  const upper = arch.levels.slice(0, -1);
  const stepX = upper.length > 2 ? 20 : 30;
  const rowsY = 4;
  const leafX = 2 + upper.length * stepX + 16;
  const leafY = 26 + upper.length * 40;
  return (
    <svg class="tables" viewBox={`0 0 ${WIDTH} ${leafY + SHOWN * ROW}`} preserveAspectRatio="xMidYMin" role="img" aria-label={spoken(arch, address, hasTable)}>
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" class="tip" /></marker>
      </defs>
      {upper.map((level, i) => {
        const x = 2 + i * stepX;
        const y = rowsY + i * 40;
        const toX = i + 1 < upper.length ? 2 + (i + 1) * stepX - 2 : leafX - 2;
        const toY = i + 1 < upper.length ? rowsY + (i + 1) * 40 + 13 : leafY + 10;
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
      {hasTable && <Rows mm={mm} address={address} vma={vma} x={leafX} y={leafY} arch={arch} />}
    </svg>
  );
}

function Rows({ mm, address, vma, x, y, arch }: Place & { x: number; y: number }) {
  const { step, cells, trace } = usePlayer();
  const here = vpn(address);
  const touched = step.value?.delta.some(([c]) => c === pteCell(mm, address)) ?? false;
  const owned = trace.value?.processes.flatMap((p) => p.vmas).find((v) => v.id === vma);
  const first = owned ? vpn(owned.start) : here;
  const end = owned ? first + BigInt(owned.pages) : here + 3n;
  const start = here - 2n < first ? first : here - 2n;
  const rows = Array.from({ length: SHOWN }, (_, i) => start + BigInt(i));
  return (
    <>
      {rows.map((page, i) => {
        if (page >= end) return null;
        const pte = decodePte(cells.value.get(`pte/${mm}/${hex(page)}`), arch);
        const focused = page === here;
        const text = pte.none ? t("none") : pte.present ? pte.pfn : t("not_present");
        return (
          <g key={i}>
            <rect x={x} y={y + i * ROW} width={WIDTH - x - 2} height={ROW - 3} rx="4" class={`slot ${pte.none ? "empty" : "on"} ${focused ? "focus" : ""} ${focused && touched ? "fresh" : ""}`} />
            <text x={x + (WIDTH - x) / 2} y={y + i * ROW + 15} class={focused ? "value strong" : "value"}>{`[${indexOf(hex(page << 12n), 12, arch.levels[arch.levels.length - 1]!.high)}] ${text}`}</text>
          </g>
        );
      })}
    </>
  );
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
      {held.length === 0 ? t("ptl_free") : held.map((cell) => <span key={cell}>{parts("held_by", { lock: held.length > 1 ? `${lockName(cell)} ${cell.split("/")[2]}` : lockName(cell), who: <Thread id={String(cells.value.get(cell))} /> })} </span>)}
    </p>
  );
}
