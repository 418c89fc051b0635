// The page: what is to be done, what was said of the last move, the machine, the moves there are and those made.
import { useRef } from "preact/hooks";
import { Sheet } from "../dialog";
import { lockName } from "../format";
import { Rules, Top } from "../game-page";
import { Marked, plainText, Thread } from "../markup";
import { parts, t } from "../messages";
import { Entry } from "../panes/entry";
import { Why } from "../panes/why";
import { PlayerContext } from "../player";
import { Revisions } from "../revisions";
import { langOf } from "../told";
import { Trouble } from "../trouble";
import type { Value } from "../types";
import { hint, open, redo, restart, undo } from "./game";
import { History } from "./history";
import { KEYS } from "./keys";
import { Tasks } from "./list";
import { Menu } from "./menu";
import { busy, future, hinted, kernel, made, moves, over, player, ready, refused, slips, task, trouble } from "./position";
import { Result } from "./result";
import { Said, spoken } from "./said";

export function Page() {
  const help = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDialogElement>(null);
  return (
    <PlayerContext.Provider value={player}>
      <Top title={task.value.title} list={list} help={help} />
      <main id="byhand" class="game byhand" aria-busy={busy.value} data-ready={ready.value ? "yes" : undefined}>
        <Trouble what={trouble.value} dismiss={() => (trouble.value = null)} />
        <Goal />
        <Said />
        <div class={over.value ? "table ended" : "table"}>
          <div class="memory"><Entry /><Hand /></div>
          {over.value ? <Result /> : <Menu />}
          <div class="k-side"><History /><footer class="bar"><Tools /></footer></div>
        </div>
        <p class="visually-hidden" role="status" aria-live="polite">{spoken()}</p>
      </main>
      <Why />
      <Sheet dialog={list} id="tasks" kind="wide-sheet" title={t("byhand_tasks")}><Tasks close={() => list.current?.close()} /></Sheet>
      <Rules dialog={help} title={t("byhand_rules")} rules={["byhand_rule_1", "byhand_rule_2", "byhand_rule_3", "byhand_rule_4"]} keys={KEYS} />
    </PlayerContext.Provider>
  );
}

function Goal() {
  const { says, kernels, story, id } = task.value;
  const [n, wrong] = [moves.value.length, slips.value];
  return (
    <section class="goal" aria-label={t("byhand_goal")}>
      <div class="goal-words">
        <h1 lang={langOf(says)}><Marked text={says.text} plain /></h1>
        <p class="soft" lang={langOf(story)} title={plainText(story.text)}>{plainText(story.text.split("\n")[0]?.split(/(?<=[.!?])\s+/)[0] ?? "")}</p>
      </div>
      <div class="goal-side">
        <p class="tally"><span class="made"><b>{n}</b> {t(n === 1 ? "byhand_moves_1" : "byhand_moves")}</span><span class="wrong"><b>{wrong}</b> {t(wrong === 1 ? "byhand_mistakes_1" : "byhand_mistakes")}</span></p>
        <Revisions now={kernel.value} only={kernels} choose={(to) => void open(id, to)} label={t("revision")} />
      </div>
    </section>
  );
}

// What the handler holds: the vma it found, the pte as it read it, its answer; and who holds which lock.
function Hand() {
  const hand = made.value?.hand;
  return (
    <dl class="k-hand" aria-label={t("byhand_hand")}>
      <div><dt>{t("byhand_vma")}</dt><dd>{hand?.vma ? <><code>{hand.vma.id}</code> <small>{hand.vma.flags.join(" ")}</small>{hand.vma.ops.length > 0 && <small>{hand.vma.ops.join(" ")}</small>}</> : hand?.looked ? <code>NULL</code> : t("byhand_no_vma")}</dd></div>
      <div><dt>{t("byhand_pte_read")}</dt><dd>{hand?.pte ? <code>{hand.pte}</code> : t("byhand_no_pte")}</dd></div>
      {hand && LOCKS.map((lock) => held(lock, hand.mm)).map((cell) => <div key={cell}><dt><code>{lockName(cell)}</code></dt><dd><Held value={player.cells.value.get(cell)} /></dd></div>)}
    </dl>
  );
}

// The two locks that a fault is about: those of its own address space.
const LOCKS = ["mmap_sem", "ptl"] as const;
const held = (lock: string, mm: string): string => player.locks.value.find((cell) => cell.startsWith(`lock/${lock}/${mm}/`)) ?? `lock/${lock}/${mm}`;

function Held({ value }: { value: Value | undefined }) {
  const who = value === null || value === undefined ? [] : typeof value === "string" ? [value] : "readers" in (value as object) ? holders(value as { readers: string[]; writer: string | null }) : [];
  return who.length ? <>{parts("byhand_held_by", { who: <span key="who">{who.map((id) => <Thread key={id} id={id} />)}</span> })}</> : <>{t("lock_free")}</>;
}

const holders = ({ readers, writer }: { readers: string[]; writer: string | null }): string[] => (writer ? [writer] : readers);

function Tools() {
  const n = moves.value.length;
  const helped = hinted.value !== "";
  return (
    <div class="tools">
      <div class="steps" role="toolbar" aria-label={t("byhand_back_forth")}>
        <button type="button" class="quiet" aria-disabled={n === 0 && !refused.value} onClick={undo} aria-label={t("byhand_undo")}><Arrow /> <span class="wide">{t("byhand_undo")}</span></button>
        <button type="button" class="quiet" aria-disabled={future.value.length === 0} onClick={redo} aria-label={t("byhand_redo")}><Arrow flip /> <span class="wide">{t("byhand_redo")}</span></button>
        <button type="button" class="quiet" aria-disabled={n === 0} onClick={restart} aria-label={t("byhand_restart")} title={t("byhand_restart")}><Again /></button>
      </div>
      <button type="button" class="quiet hint" aria-disabled={over.value !== null} aria-pressed={helped} onClick={() => void hint()}>{t(helped ? "byhand_more_hint" : "byhand_hint")}</button>
    </div>
  );
}

const Arrow = ({ flip = false }: { flip?: boolean }) => (
  <svg width="15" height="15" viewBox="0 0 16 16" aria-hidden="true" class={flip ? "flip" : undefined}><path d="M6 3 2 7l4 4M2.5 7H10a4 4 0 0 1 0 8H8" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>
);

const Again = () => <svg width="15" height="15" viewBox="0 0 16 16" aria-hidden="true"><path d="M3 2v5h5M3.5 7A5.6 5.6 0 1 1 3 10" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>;
