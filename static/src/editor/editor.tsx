// The editor beside the stage: text and form of one document, its drafts, and what is wrong with it.
import { effect, signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ComponentType } from "preact";
import { edit } from "../edit";
import { language, learn, t } from "../messages";
import { site } from "../site";
import { stage } from "../store";
import { depths, focusCode, host, jump, startCode, text } from "./code";
import type { Fault } from "./document";
import { drafts, forget, keep, MOST, refused } from "./drafts";
import type { Draft } from "./drafts";
import { Form } from "./form/form";
import looks from "./editor.css" with { type: "text" };
import { learnSchema } from "./schema";
import type { Schema } from "./schema";
import { bring, currentId, faults, fresh, note, pending, redo, resume, run, state, undo, watch, when } from "./session";

const VIEWS = ["text", "form", "drafts"] as const;
const view = signal<(typeof VIEWS)[number]>("text");
const deleted = signal<Draft | null>(null);

export async function load(): Promise<ComponentType> {
  const [words, schema] = await Promise.all([fetched<Record<string, string>>(`/words/editor?lang=${language()}`), fetched<Schema>("/api/schema/scenario")]);
  learn(words);
  learnSchema(schema);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(looks);
  document.adoptedStyleSheets.push(sheet);
  return Editor;
}

async function fetched<T>(address: string): Promise<T> {
  const answer = await fetch(site(address));
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as T;
}

export function Editor() {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    startCode(() => void run());
    place.current?.append(host);
    document.documentElement.classList.add("editing");
    const stop = watch();
    const leave = effect(() => { onbeforeunload = refused.value ? (event) => event.preventDefault() : null; });
    focusCode();
    return () => { stop(); leave(); onbeforeunload = null; document.documentElement.classList.remove("editing"); };
  }, []);
  return (
    <section class="editor" aria-label={t("edit_editor")} onKeyDown={onKey}>
      <Bar />
      <div class="ed-pane" id="ed-pane-text" role="tabpanel" aria-labelledby="ed-tab-text" hidden={view.value !== "text"} ref={place} />
      {view.value === "form" && <div class="ed-pane" id="ed-pane-form" role="tabpanel" aria-labelledby="ed-tab-form" tabIndex={0}><Form /></div>}
      {view.value === "drafts" && <div class="ed-pane" id="ed-pane-drafts" role="tabpanel" aria-labelledby="ed-tab-drafts" tabIndex={0}><Drafts /></div>}
      <Foot />
    </section>
  );
}

// The stage's keys rest while the editor has the focus; undo goes through text and form alike.
function onKey(event: KeyboardEvent): void {
  event.stopPropagation();
  const key = event.key.toLowerCase();
  if (!(event.ctrlKey || event.metaKey) || event.altKey || view.value === "text") return;
  const input = event.target as HTMLInputElement;
  if (input.dataset?.late !== undefined && input.value !== input.defaultValue) return; // a name not yet whole
  if (key === "z" || key === "y") {
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  }
  if (key === "enter") void run();
}

function Bar() {
  const turn = (event: KeyboardEvent, i: number) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const to = (i + by + VIEWS.length) % VIEWS.length;
    view.value = VIEWS[to]!;
    document.getElementById(`ed-tab-${VIEWS[to]}`)?.focus();
  };
  return (
    <div class="ed-bar">
      <div class="modes" role="tablist" aria-label={t("edit_views")}>
        {VIEWS.map((one, i) => <button key={one} type="button" role="tab" id={`ed-tab-${one}`} aria-selected={view.value === one} aria-controls={view.value === one ? `ed-pane-${one}` : undefined} tabIndex={view.value === one ? 0 : -1} class={view.value === one ? "mode on" : "mode"} onClick={() => (view.value = one)} onKeyDown={(event) => turn(event, i)}>{t(`edit_view_${one}`)}</button>)}
      </div>
      <span class="grow" />
      <button type="button" class="icon" aria-label={t("edit_undo")} title={t("edit_undo")} aria-disabled={!depths.value.undo} onClick={undo}>↶</button>
      <button type="button" class="icon" aria-label={t("edit_redo")} title={t("edit_redo")} aria-disabled={!depths.value.redo} onClick={redo}>↷</button>
      <button type="button" class="icon" popovertarget="ed-more" aria-label={t("edit_more")} title={t("edit_more")}>⋯</button>
      <More />
      <button type="button" class="icon" aria-label={t("edit_close")} title={t("edit_close")} onClick={() => edit(false)}>✕</button>
    </div>
  );
}

function More() {
  const file = useRef<HTMLInputElement>(null);
  const close = () => document.getElementById("ed-more")?.hidePopover();
  return (
    <div id="ed-more" popover="auto" class="menu ed-menu">
      <button type="button" onClick={() => { close(); void copy(); }}>{t("edit_copy")}</button>
      <button type="button" onClick={() => { close(); download(); }}>{t("edit_download")}</button>
      <button type="button" onClick={() => { close(); file.current?.click(); }}>{t("edit_open")}</button>
      <button type="button" onClick={() => { close(); fresh(); }}>{t("edit_fresh")}</button>
      <input ref={file} type="file" hidden accept=".yaml,.yml,.json,text/yaml,application/json" aria-label={t("edit_open")} onChange={(event) => void take(event.currentTarget)} />
      <p class="small">{t("edit_keys")}</p>
    </div>
  );
}

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(text.value);
    note.value = t("edit_copied");
  } catch {
    note.value = t("edit_copy_refused");
  }
}

function download(): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text.value], { type: "application/yaml" }));
  link.download = `${nameOf(text.value)}.yaml`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const nameOf = (yaml: string): string => (/^title:\s*(.+)$/m.exec(yaml)?.[1] ?? "scenario").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) || "scenario";

async function take(input: HTMLInputElement): Promise<void> {
  const [file] = input.files ?? [];
  input.value = "";
  if (!file) return;
  if (file.size > 256 * 1024) return void (note.value = `${file.name}: ${t("edit_too_large", { n: 256 })}; ${t("edit_too_large_do")}`);
  view.value = "text";
  try {
    bring(await file.text(), t("edit_opened", { name: file.name }));
  } catch {
    note.value = t("edit_unreadable", { name: file.name });
  }
}

function Drafts() {
  const gone = deleted.value;
  return (
    <div class="ed-drafts">
      <p class="small">{t("edit_drafts_hint", { n: MOST })}</p>
      {gone && <p>{t("edit_deleted", { title: gone.title })} <button type="button" class="linkish" onClick={() => { keep(gone); deleted.value = null; }}>{t("edit_undelete")}</button></p>}
      {drafts.value.length === 0 && <p>{t("edit_no_drafts")}</p>}
      <ul>
        {drafts.value.map((draft) => (
          <li key={draft.id} aria-current={draft.id === currentId() ? "true" : undefined}>
            <span><b>{draft.title}</b><br /><small>{when(draft.at)}{draft.id === currentId() ? ` · ${t("edit_this_one")}` : ""}</small></span>
            <button type="button" class="ed-add" aria-label={t("edit_restore_it", { title: draft.title, when: when(draft.at) })} onClick={() => { resume(draft, false); view.value = "text"; }}>{t("edit_restore")}</button>
            <button type="button" class="ed-small" aria-label={t("edit_delete_it", { title: draft.title, when: when(draft.at) })} onClick={() => { deleted.value = draft; forget(draft.id); }}>✕</button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Foot() {
  const found = faults.value;
  const good = state.value !== "bad" && found.length === 0;
  const steps = stage.trace.value?.steps.length;
  const status = good ? (state.value === "running" || steps === undefined ? t("edit_running") : t("edit_runs", { n: steps })) : t(found.length === 1 ? "edit_fault" : "edit_many_faults", { n: found.length });
  return (
    <div class="ed-foot">
      <p class={good ? "ed-status" : "ed-status bad"} role="status">{status}</p>
      {refused.value && <p class="ed-fault" role="alert">{refused.value}</p>}
      {found.length > 0 && <ul class="ed-faults" aria-label={t("edit_faults")}>{found.map((fault, i) => <li key={i}><FaultLine fault={fault} /></li>)}</ul>}
      <p class="ed-note small" role="status">{note.value}</p>
    </div>
  );
}

function FaultLine({ fault }: { fault: Fault }) {
  const there = () => jump(fault.from, fault.to);
  const go = () => {
    if (view.value === "text") return there();
    view.value = "text";
    requestAnimationFrame(there); // the text must be seen to be scrolled
  };
  const words = <><code>{fault.where}</code>: {fault.what}{fault.instead ? `; ${fault.instead}` : ""}</>;
  return fault.line ? <button type="button" onClick={go}><b>{t("edit_line", { n: fault.line })}</b> {words}</button> : <p>{words}</p>;
}

// The very last keys before a crash of the page are kept too.
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && pending()) dispatchEvent(new Event("pagehide")); });
