// Threads and what they do, in order.
import { t } from "../../messages";
import type { Change } from "../change";
import type { Path } from "../document";
import { bag, bags, freeName, list, membersOf, verbOf, VERBS, word } from "../model";
import type { Verb } from "../model";
import { apply, data } from "../session";
import { Act, Choice, Faults, Field, NameField } from "./fields";
import { Sortable } from "./sortable";

export function Threads({ process }: { process: number }) {
  const own = bags(bag(list(data.value.processes)[process]).threads);
  const before = bags(data.value.processes).slice(0, process).reduce((sum, one) => sum + list(one.threads).length, 0);
  return (
    <>
      {own.map((thread, i) => <Thread key={i} path={["processes", process, "threads", i]} thread={thread} colour={before + i} />)}
      <button type="button" class="ed-add" onClick={() => addThread(process)}>{t("edit_add_thread")}</button>
    </>
  );
}

function Thread({ path, thread, colour }: { path: Path; thread: Record<string, unknown>; colour: number }) {
  const name = word(thread.name);
  const ops = bags(thread.do);
  const doing: Path = [...path, "do"];
  return (
    <div class={`ed-card t${colour % 8}`}>
      <div class="ed-row">
        <NameField label={t("edit_thread")} path={[...path, "name"]} value={name} taken={membersOf(data.value).threads} rename={(to) => renameThread(path, name, to)} />
        <Field label="CPU" path={[...path, "cpu"]} value={thread.cpu} kind="number" hint={t("edit_any")} />
        <Act label={t("edit_remove", { name })} onClick={() => removeThread(path, name)}>✕</Act>
      </div>
      <Sortable label={t("edit_ops_of", { name })} count={ops.length} name={(i) => wordsOf(ops[i])} move={(from, to) => apply({ move: doing, from, to })} remove={(i) => apply({ remove: [...doing, i] })} item={(i) => <Op path={[...doing, i]} op={ops[i]!} />} />
      <Faults path={path} />
      <Faults path={doing} />
      <button type="button" class="ed-add" onClick={() => apply({ insert: doing, at: ops.length, value: { read: firstPlace(Number(path[1])) } })}>{t("edit_add_op")}</button>
    </div>
  );
}

const wordsOf = (op: Record<string, unknown> = {}): string => `${t(`edit_verb_${verbOf(op)}`)} ${word(op[verbOf(op)])}`;

function firstPlace(process: number): string {
  const { vmas } = membersOf(data.value);
  const vma = vmas.filter((one) => one.process === process).sort((a, b) => Number(b.pages) - Number(a.pages))[0];
  return `${vma?.name ?? "data"}[0]`;
}

function Op({ path, op }: { path: Path; op: Record<string, unknown> }) {
  const verb = verbOf(op);
  const { threads, vmas } = membersOf(data.value);
  const places = vmas.filter((vma) => vma.process === Number(path[1])).map(({ name }) => (verb === "read" || verb === "write" ? `${name}[0]` : name));
  const turn = (to: string) => apply({ remove: path }, { insert: path.slice(0, -1), at: Number(path.at(-1)), value: changedVerb(op, to as Verb, places, threads) });
  return (
    <div class="ed-op">
      <Choice label={t("edit_op")} path={[...path, verb]} value={verb} options={VERBS.map((one) => [one, t(`edit_verb_${one}`)])} set={turn} />
      <Field label={verb === "fork" ? t("edit_child") : verb === "kill" ? t("edit_victim") : t("edit_place")} path={[...path, verb]} value={op[verb]} list={verb === "fork" ? [] : verb === "kill" ? threads : places} optional={false} />
      {verb === "mprotect" && <Choice label={t("edit_rights")} path={[...path, "rights"]} value={op.rights} options={["none", "r", "w", "x", "rw", "rx", "wx", "rwx"]} />}
      {verb === "remap" && <Field label={t("edit_base")} path={[...path, "base"]} value={op.base} optional={false} />}
      <Faults path={path} />
    </div>
  );
}

function changedVerb(op: Record<string, unknown>, to: Verb, places: string[], threads: string[]): Record<string, unknown> {
  const verb = verbOf(op);
  const was = verb === "fork" || verb === "kill" ? (places[0] ?? "data") : word(op[verb]);
  const vma = was.replace(/\[.*/, "");
  const touched = /\]$/.test(was) ? was : `${vma}[0]`;
  const place = { fork: "child", kill: threads.at(-1) ?? "B", read: touched, write: touched }[to as "fork"] ?? vma;
  return { [to]: place, ...(to === "mprotect" ? { rights: "r" } : {}), ...(to === "remap" ? { base: "0x70000" } : {}), ...(op.as ? { as: op.as } : {}) };
}

function addThread(process: number): void {
  const taken = membersOf(data.value).threads;
  const name = [..."ABCDEFGH"].find((letter) => !taken.includes(letter)) ?? freeName("T", taken);
  apply({ insert: ["processes", process, "threads"], at: list(bag(list(data.value.processes)[process]).threads).length, value: { name, do: [{ read: firstPlace(process) }] } });
}

// Its turns go with it; they could not be taken.
function removeThread(path: Path, name: string): void {
  const turns = bags(data.value.schedule).flatMap(({ run }, i) => (word(run) === name ? [i] : []));
  apply(...turns.reverse().map((i): Change => ({ remove: ["schedule", i] })), { remove: path });
}

function renameThread(path: Path, from: string, to: string): void {
  const changes: Change[] = [{ set: [...path, "name"], value: to }];
  const follow = (part: string, field: string) => bags(data.value[part]).forEach((one, i) => word(one[field]) === from && changes.push({ set: [part, i, field], value: to }));
  follow("schedule", "run");
  follow("notes", "thread");
  follow("questions", "thread");
  bags(data.value.processes).forEach((process, p) => bags(process.threads).forEach((thread, i) => bags(thread.do).forEach((op, n) => word(op.kill) === from && changes.push({ set: ["processes", p, "threads", i, "do", n, "kill"], value: to }))));
  for (const [kernel, expect] of Object.entries(bag(data.value.expect))) for (const part of ["returns", "signals", "saw"]) {
    if (Object.hasOwn(bag(bag(expect)[part]), from)) changes.push({ rename: ["expect", kernel, part, from], key: to });
  }
  apply(...changes);
}
