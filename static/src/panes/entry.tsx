// The pte as bits, was and now; the frames it names; what each CPU still believes.
import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { Known } from "../glossary";
import { named, parts, t } from "../messages";
import { labelled, usePlayer } from "../player";
import type { Player } from "../player";
import { decodePte, hex, pteCell, vpn } from "../format";
import type { Bit, Pte } from "../format";
import { Thread } from "../markup";
import { spellAt } from "../spells";
import { cpus, isStale, stalePfn } from "../tlbs";
import type { TlbEntry, Value } from "../types";

// What the pte is after this step, and what it was where the step changed it.
function ptesOf({ trace, focus, step, cells }: Player): { now: Pte; was: Pte | null } {
  const [{ arch }, at] = [trace.value!, focus.value!];
  const cell = pteCell(at.mm, at.address);
  const change = step.value?.delta.find(([c]) => c === cell);
  return { now: decodePte(cells.value.get(cell), arch), was: change ? decodePte(change[1], arch) : null };
}

export function Entry() {
  const player = usePlayer();
  const { trace, focus, swift } = player;
  const run = trace.value;
  const somewhere = useComputed(() => focus.value !== null).value;
  const inside = useMemo(() => <><Title /><Rows /><Frames /><Tlbs /></>, []); // each is drawn anew for its own reasons
  if (!run || !somewhere) return <section class="pane boxed p-entry" aria-label={labelled(t("the_pte"), player)} />;
  return <section class={`pane boxed p-entry entry ${swift.value ? "swift" : ""} ${cpus(run).length > 2 ? "many" : ""}`} aria-label={labelled(t("entry_label"), player)}><div class="pane-in">{inside}</div></section>;
}

function Title() {
  const { focus, asked } = usePlayer();
  const { mm, vma, page } = focus.value!;
  return <h2><span>{t("the_entry")} <button type="button" class="linkish why-button" onClick={() => (asked.value = "")}>{t("why")}</button></span><code key={`${mm} ${vma} ${page}`} class={vma.length + mm.length > 7 ? "tight" : undefined}>{parts<ComponentChildren>("pte_of", { pte: `pte[${vma}+${page}]`, mm: <span key="mm"><span class="roomy">{t("process")} </span>{mm}</span> })}</code></h2>;
}

// Where nothing changed the earlier bits stay behind the sentence that says so: they come back at the next change.
function Rows() {
  const player = usePlayer();
  const { now, was } = ptesOf(player);
  const by = player.actor.value;
  const before = useRef(now);
  if (was) before.current = was;
  const upper = useMemo(() => <BitRow label={t("was")} pte={before.current} other={null} faded unchanged={!was} />, [before.current, !was]);
  const lower = useMemo(() => <BitRow label={t("now")} pte={now} other={was} by={by} />, [now, was, was && by]);
  return <>{upper}{lower}</>;
}

type BitRowProps = { label: string; pte: Pte; other: Pte | null; faded?: boolean; unchanged?: boolean; by?: string };

function BitRow({ label, pte, other, faded = false, unchanged = false, by = "" }: BitRowProps) {
  const { asked } = usePlayer();
  const pfnChanged = other !== null && (other.pfn !== pte.pfn || other.present !== pte.present);
  const value = pte.none ? t("none") : pte.present ? pte.pfn : pte.rest;
  const quiet = pte.bits.filter((b, i) => isQuiet(b, other?.bits[i]));
  const stop = pte.bits.findIndex((b) => !SELDOM.test(b.name));
  const Cell = faded ? "span" : "button";
  return (
    <div class={`bitrow ${faded ? "faded" : ""} ${unchanged ? "unchanged" : ""}`} role="group" aria-label={`${label}: ${unchanged ? t("same_before") : sayPte(pte)}`}>
      <span class="rowname">{label}</span>
      <span class={`bits ${pte.none ? "none" : ""}`} aria-hidden={faded || undefined} onKeyDown={walk}>
        <span class={`bit pfn ${pfnChanged ? `changed ${by}` : ""} ${value.length > 9 ? "long" : ""}`} title={pte.raw} onClick={() => (asked.value = "pte")}><b key={value}>{value}</b><small key={String(pte.none || pte.present)}>{pte.none || pte.present ? "pfn" : t("not_present")}</small></span>
        {pte.bits.map((b, i) => {
          const changed = other !== null && other.bits[i]!.set !== b.set;
          return <Cell key={b.name} tabIndex={faded ? undefined : i === stop ? 0 : -1} class={`bit ${b.set ? "on" : ""} ${changed ? `changed ${by}` : ""} ${quiet.includes(b) ? "quiet-bit" : ""}`} title={`${b.name}: ${b.title}`} onClick={() => (asked.value = `bit-${b.name}`)}><b>{b.set ? "1" : "0"}</b><small>{named("bit", b.name)}</small></Cell>;
        })}
        {quiet.length > 0 && <Cell tabIndex={faded ? undefined : -1} class="bit rest" title={t("bits_rest", { n: quiet.length, names: quiet.map((b) => b.name).join(", ") })} onClick={() => (asked.value = quiet.map((b) => `bit-${b.name}`).join(" "))}><b>0</b><small>×{quiet.length}</small></Cell>}
      </span>
      {faded && <span class="bits same">{t("same_before")}</span>}
    </div>
  );
}

// The bits are one stop of Tab; arrows walk them.
function walk(event: KeyboardEvent): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const here = (event.target as HTMLElement).closest("button.bit");
  if (!by || !here) return;
  event.preventDefault();
  event.stopPropagation();
  const bits = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("button.bit")].filter((bit) => bit.getClientRects().length > 0);
  bits[(bits.indexOf(here as HTMLElement) + by + bits.length) % bits.length]?.focus();
}

// Bits that are seldom anything but 0 share a box where there is little room.
const SELDOM = /^(G|PSE|CD|WT)$/;
export const isQuiet = (bit: Bit, before: Bit | undefined): boolean => SELDOM.test(bit.name) && !bit.set && !before?.set;

const sayPte = (pte: Pte): string =>
  pte.none ? t("none") : t("say_pte", { pfn: pte.pfn, bits: pte.bits.filter((b) => b.set).map((b) => b.title).join(", ") || t("no_bits") });

function Frames() {
  const player = usePlayer();
  const { now, was } = ptesOf(player);
  const old = was && was.present && was.pfn !== now.pfn ? was.pfn : stalePfn(player, now);
  return (
    <div class={player.counted.value ? "frames counted" : "frames"}>
      {old && <FrameBox key={`left ${old}`} pfn={old} mapped={false} />}
      {now.present ? <FrameBox key={`${old ? "right" : "left"} ${now.pfn}`} pfn={now.pfn} mapped /> : <div key={old ? "right" : "left"} class="frame empty"><b>{t("no_frame")}</b>{now.none ? <Empty /> : <span>{t("not_in_memory")}</span>}</div>}
    </div>
  );
}

// What has come of an empty pte so far, and what will, unless that is still to be guessed.
function Empty() {
  const player = usePlayer();
  const { trace, focus, position, blind } = player;
  const spell = spellAt(trace.value!, focus.value!, position.value);
  const looks = spell?.looks.filter((look) => look.n <= position.value) ?? [];
  const placed = ({ who, n }: { who: string; n: number }) => ({ who: <Thread key={who} id={who} />, step: <button key={n} type="button" class="ref" onClick={() => player.seek(n)}>{t("step_n", { n })}</button> });
  const found = looks.map((look, i) => <>{i > 0 && ", "}{parts("by_at", placed(look))}</>);
  return (
    <>
      <span class="one-line">{found.length ? parts("found_empty", { found: <span key="found">{found}</span> }) : t("pte_is_none")}</span>
      {!blind.value && <span class="one-line">{spell?.next ? parts("writes_next", placed(spell.next)) : t("none_writes_next")}</span>}
    </>
  );
}

function FrameBox({ pfn, mapped }: { pfn: string; mapped: boolean }) {
  const { cells, step, asked, actor } = usePlayer();
  const get = (what: string): Value | undefined => cells.value.get(`page/${pfn}/${what}`);
  const kind = get("kind");
  const fresh = step.value?.delta.some(([c]) => c.startsWith(`page/${pfn}/`) || c === `frame/${pfn}`) ?? false;
  const contents = cells.value.get(`frame/${pfn}`);
  return (
    <div class={`frame ${kind === undefined ? "raw" : ""} ${mapped ? "live" : "ghost"} ${fresh ? `fresh ${actor.value}` : ""}`}>
      <b>{pfn}</b>
      {kind === undefined ? <span>{t("no_struct_page")}</span> : <span>{named("kind", String(kind))}</span>}
      {kind !== undefined && <span class="askable counts" onClick={() => (asked.value = `mapcount-${pfn}`)}>{t("counts", { count: String(get("count") ?? 0), mapcount: String(get("mapcount") ?? 0) })}</span>}
      <span class="contents askable" onClick={() => (asked.value = `contents-${pfn}`)}>{contents === undefined ? t("device_memory") : parts("holds", { contents: <code>{String(contents)}</code> })}</span>
      <span>{mapped ? t("pte_names_it") : t("no_pte_names_it")}</span>
    </div>
  );
}

function Tlbs() {
  const run = usePlayer().trace.value!;
  return (
    <div class="tlbs">
      <h3><span>{t("cpus_believe")}</span><span><Known name="TLB">TLB</Known></span></h3>
      {cpus(run).map((cpu) => <Tlb key={cpu} cpu={cpu} />)}
    </div>
  );
}

function Tlb({ cpu }: { cpu: number }) {
  const player = usePlayer();
  const { trace, focus, cells, asked } = player;
  const page = () => hex(vpn(focus.value?.address ?? "0"));
  const entry = () => cells.value.get(`tlb/${cpu}/${page()}`) as TlbEntry | undefined;
  const holds = useComputed(() => { const held = entry(); return held ? `${focus.value!.vma}+${focus.value!.page} → ${held.pfn} ${held.rw ? "rw" : "r"}` : ""; }).value;
  const stale = useComputed(() => { const held = entry(); return held !== undefined && isStale(player, held, focus.value!.address); }).value;
  const riders = trace.value!.threads.filter((t) => t.cpu === cpu);
  return (
    <div class={`tlb askable ${stale ? "stale" : ""}`} onClick={() => (asked.value = `tlb/${cpu}/${page()}`)}>
      <span>{riders.map((t) => <Thread key={t.id} id={t.id} />)}</span>
      <code>cpu{cpu}</code>
      <code>{holds || t("empty")}</code>
      <em key={`${holds !== ""} ${stale}`}>{stale ? t("stale") : holds ? t("agrees") : t("will_walk")}</em>
    </div>
  );
}
