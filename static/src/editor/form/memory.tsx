// Address spaces: their vmas, and the pages that a click makes a thread read or write.
import { useSignal } from "@preact/signals";
import { t } from "../../messages";
import type { Change } from "../change";
import type { Path } from "../document";
import { bag, bags, freeName, list, membersOf, pagesOf, VERBS, word } from "../model";
import { flags } from "../schema";
import { apply, data, faultsAt, note } from "../session";
import { Act, Choice, Faults, Field, NameField } from "./fields";
import { tool } from "./tool";

const SHOWN = 64; // pages drawn at once

export function Vmas({ process }: { process: number }) {
  const own = bags(bag(list(data.value.processes)[process]).vmas);
  return (
    <>
      <p class="small">{t("edit_click_a_page", { thread: tool.value.thread || "?", verb: t(`edit_verb_${tool.value.verb}`) })}</p>
      {own.map((vma, i) => <Vma key={i} path={["processes", process, "vmas", i]} vma={vma} last={own.length === 1} />)}
      <button type="button" class="ed-add" onClick={() => addVma(process)}>{t("edit_add_vma")}</button>
    </>
  );
}

function Vma({ path, vma, last }: { path: Path; vma: Record<string, unknown>; last: boolean }) {
  const open = useSignal(false);
  const name = word(vma.name);
  return (
    <div class="ed-card">
      <div class="ed-row">
        <button type="button" class="ed-open" aria-expanded={open.value} onClick={() => (open.value = !open.value)}><b>{name}</b> <code>{word(vma.start)}</code> <span>{backing(vma)}</span></button>
        {!last && <Act label={t("edit_remove", { name })} onClick={() => apply({ remove: path })}>✕</Act>}
      </div>
      <Pages name={name} pages={pagesOf(vma)} process={Number(path[1])} />
      <Faults path={path} />
      {!open.value && ["start", "pages", "flags", "file", "driver"].map((field) => <Faults key={field} path={[...path, field]} />)}
      {open.value && <VmaFields path={path} vma={vma} />}
    </div>
  );
}

function backing(vma: Record<string, unknown>): string {
  const on = [vma.file, vma.driver].filter(Boolean).map(word);
  return on.length ? t("edit_backed_by", { name: on.join(", ") }) : t("edit_anonymous");
}

function VmaFields({ path, vma }: { path: Path; vma: Record<string, unknown> }) {
  const { files, drivers, vmas } = membersOf(data.value);
  return (
    <div class="ed-fields">
      <NameField label={t("edit_name")} path={[...path, "name"]} value={vma.name} taken={vmas.map((one) => one.name)} rename={(to) => renameVma(path, word(vma.name), to)} />
      <Field label={t("edit_start")} path={[...path, "start"]} value={vma.start} optional={false} />
      <Field label={t("edit_pages")} path={[...path, "pages"]} value={vma.pages} kind="number" hint="16" />
      <Choice label={t("edit_file")} path={[...path, "file"]} value={vma.file} options={files} none={t("edit_none")} />
      <Choice label={t("edit_driver")} path={[...path, "driver"]} value={vma.driver} options={drivers} none={t("edit_none")} />
      <Field label="pgoff" path={[...path, "pgoff"]} value={vma.pgoff} hint="0x0" />
      <fieldset class="ed-flags">
        <legend>{t("edit_flags")}</legend>
        {[...new Set([...flags(), ...list(vma.flags).map(word)])].map((flag) => <Flag key={flag} flag={flag} path={[...path, "flags"]} set={list(vma.flags).map(word)} />)}
        {faultsAt([...path, "flags"]).length > 0 && <Faults path={[...path, "flags"]} />}
      </fieldset>
    </div>
  );
}

function Flag({ flag, path, set }: { flag: string; path: Path; set: string[] }) {
  const at = set.indexOf(flag);
  const turn = () => apply(at >= 0 ? { remove: [...path, at] } : { insert: path, at: set.length, value: flag });
  return <label><input type="checkbox" checked={at >= 0} onChange={turn} /> <code>{flag}</code></label>;
}

function Pages({ name, pages, process }: { name: string; pages: number; process: number }) {
  const from = useSignal(0);
  const first = Math.max(0, Math.min(from.value, pages - 1));
  const users = usersOf(name);
  return (
    <>
      <div class="ed-pages" role="group" aria-label={t("edit_pages_of", { name })}>
        {Array.from({ length: Math.min(SHOWN, pages - first) }, (_, i) => first + i).map((page) => {
          const who = users.get(page) ?? [];
          const label = who.length ? t("edit_page_used", { name, page, who: who.join(", ") }) : t("edit_page", { name, page });
          return <button key={page} type="button" class={who.length ? "ed-page used" : "ed-page"} aria-label={label} onClick={() => touch(process, name, page)}>{page}{who.length > 0 && <small aria-hidden="true">{who.join("")}</small>}</button>;
        })}
      </div>
      {pages > SHOWN && <label class="ed-from">{t("edit_from_page", { last: pages - 1 })} <input type="number" min={0} max={pages - 1} value={first} onInput={(event) => (from.value = Math.floor(Number(event.currentTarget.value)) || 0)} /></label>}
    </>
  );
}

// Which threads touch which page of a vma.
function usersOf(vma: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const process of bags(data.value.processes)) for (const thread of bags(process.threads)) for (const act of bags(thread.do)) for (const verb of VERBS) {
    const place = /^(.+)\[(\d+)\]$/.exec(word(act[verb]));
    if (place?.[1] !== vma) continue;
    const page = Number(place[2]);
    const who = found.get(page) ?? [];
    if (!who.includes(word(thread.name))) found.set(page, [...who, word(thread.name)]);
  }
  return found;
}

function touch(process: number, name: string, page: number): void {
  const threads = bags(bag(list(data.value.processes)[process]).threads);
  const { thread, verb } = tool.value;
  const at = Math.max(0, threads.findIndex((one) => word(one.name) === thread));
  const chosen = threads[at];
  if (!chosen) return void (note.value = t("edit_no_thread"));
  const ops = list(chosen.do);
  apply({ insert: ["processes", process, "threads", at, "do"], at: ops.length, value: { [verb]: `${name}[${page}]` } });
  note.value = t("edit_appended", { thread: word(chosen.name), verb: t(`edit_verb_${verb}`), place: `${name}[${page}]`, n: ops.length + 1 });
}

function addVma(process: number): void {
  const own = bags(bag(list(data.value.processes)[process]).vmas);
  const value = { name: freeName("data", membersOf(data.value).vmas.map((vma) => vma.name)), start: freeStart(own), pages: 8, flags: ["VM_READ", "VM_WRITE", "VM_MAYREAD", "VM_MAYWRITE", "VM_MAYEXEC"] };
  apply({ insert: ["processes", process, "vmas"], at: own.length, value });
}

// The first gap from 0x50000000 on.
function freeStart(vmas: Record<string, unknown>[]): string {
  const taken = vmas.map((vma): [bigint, bigint] => { const start = address(vma.start); return [start, start + BigInt(pagesOf(vma)) * 4096n]; });
  let start = 0x50000000n;
  for (const [from, to] of taken.sort(([a], [b]) => (a < b ? -1 : 1))) if (from < start + 8n * 4096n && to > start) start = (to + 0xffffn) & ~0xffffn;
  return `0x${start.toString(16)}`;
}

const address = (value: unknown): bigint => (/^0x[0-9a-f]+$/i.test(word(value)) ? BigInt(word(value)) : 0n);

// The places that name this vma follow it.
function renameVma(path: Path, from: string, to: string): void {
  const changes: Change[] = [{ set: [...path, "name"], value: to }];
  bags(data.value.processes).forEach((process, p) => bags(process.threads).forEach((thread, i) => bags(thread.do).forEach((act, n) => {
    for (const verb of VERBS) {
      const place = word(act[verb]);
      if (verb !== "fork" && verb !== "kill" && place.replace(/\[\d+\]$/, "") === from) changes.push({ set: ["processes", p, "threads", i, "do", n, verb], value: to + place.slice(from.length) });
    }
  })));
  for (const [kernel, expect] of Object.entries(bag(data.value.expect))) for (const place of Object.keys(bag(bag(expect).pte))) {
    const [, child = "", vma = "", page = ""] = /^(.*\/)?(.+)(\[\d+\])$/.exec(place) ?? [];
    if (vma === from) changes.push({ rename: ["expect", kernel, "pte", place], key: `${child}${to}${page}` });
  }
  apply(...changes);
}
