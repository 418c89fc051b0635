// Drivers and their answers, files and their pages.
import { t } from "../../messages";
import type { Path } from "../document";
import { bag, bags, freeName, list } from "../model";
import { apply, data } from "../session";
import { Act, Choice, Faults, Field } from "./fields";
import { Sortable } from "./sortable";

const ERRORS = ["SIGBUS", "OOM", "REFAULT", "ENOMEM", "EFAULT", "EINVAL"];

export function Backing() {
  const drivers = Object.entries(bag(data.value.drivers));
  const files = Object.entries(bag(data.value.files));
  const taken = [...drivers, ...files].map(([name]) => name);
  return (
    <>
      {drivers.map(([name, driver]) => <Driver key={name} name={name} driver={bag(driver)} />)}
      {files.map(([name, file]) => <File key={name} name={name} file={bag(file)} />)}
      <div class="ed-row">
        <button type="button" class="ed-add" onClick={() => apply({ set: ["drivers", freeName("mydev", taken)], value: { nopfn: [{ value: "0x7000a" }] } })}>{t("edit_add_driver")}</button>
        <button type="button" class="ed-add" onClick={() => apply({ set: ["files", freeName("myfile", taken)], value: { pages: { 0: "0x1" } } })}>{t("edit_add_file")}</button>
      </div>
    </>
  );
}

function Driver({ name, driver }: { name: string; driver: Record<string, unknown> }) {
  const path: Path = ["drivers", name];
  return (
    <div class="ed-card">
      <div class="ed-row"><b>{t("edit_driver_named", { name })}</b><Act label={t("edit_remove", { name })} onClick={() => apply({ remove: path })}>✕</Act></div>
      <div class="ed-fields"><Field label={t("edit_base")} path={[...path, "base"]} value={driver.base} hint="0x70000" /></div>
      <Answers path={[...path, "nopfn"]} answers={bags(driver.nopfn)} method="->nopfn" errors={ERRORS} />
      <Faults path={path} />
    </div>
  );
}

function Answers({ path, answers, method, errors }: { path: Path; answers: Record<string, unknown>[]; method: string; errors: string[] }) {
  return (
    <>
      <p class="small">{answers.length ? t("edit_answers", { method }) : t("edit_no_answers", { method })}</p>
      <Sortable label={t("edit_answers", { method })} count={answers.length} name={(i) => t("edit_answer_n", { n: i + 1 })} move={(from, to) => apply({ move: path, from, to })}
        remove={(i) => apply(answers.length === 1 ? { remove: path } : { remove: [...path, i] })}
        item={(i) => (
          <div class="ed-op">
            <Field label={t("edit_answer")} path={[...path, i, "value"]} value={answers[i]!.value} list={errors} hint={t("edit_own_way")} />
            <Field label="*type" path={[...path, i, "type"]} value={answers[i]!.type} kind="number" />
            <Faults path={[...path, i]} />
          </div>
        )} />
      <Faults path={path} />
      <button type="button" class="ed-add" onClick={() => apply({ insert: path, at: answers.length, value: { value: errors[0] } })}>{t("edit_add_answer")}</button>
    </>
  );
}

function File({ name, file }: { name: string; file: Record<string, unknown> }) {
  const path: Path = ["files", name];
  const pages = Object.entries(bag(file.pages));
  const next = pages.reduce((most, [page]) => Math.max(most, Number(page) + 1), 0);
  return (
    <div class="ed-card">
      <div class="ed-row"><b>{t("edit_file_named", { name })}</b><Act label={t("edit_remove", { name })} onClick={() => apply({ remove: path })}>✕</Act></div>
      <div class="ed-fields">
        <Choice label="->page_mkwrite" path={[...path, "page_mkwrite"]} value={file.page_mkwrite ?? "none"} options={["none", "allows", "refuses"]} />
        {pages.map(([page, contents]) => <Field key={page} label={t("edit_page_holds", { page })} path={[...path, "pages", page]} value={contents} />)}
      </div>
      <button type="button" class="ed-add" onClick={() => apply({ set: [...path, "pages", String(next)], value: `0x${next + 1}` })}>{t("edit_add_page")}</button>
      {list(file.nopage).length > 0 && <Answers path={[...path, "nopage"]} answers={bags(file.nopage)} method="->nopage" errors={ERRORS.slice(0, 3)} />}
      <Faults path={path} />
    </div>
  );
}

