// The form: the same document as the text, to be clicked.
import { kernels } from "../../store";
import { t } from "../../messages";
import { bags, membersOf, word } from "../model";
import { choicesAt } from "../schema";
import { data, reading } from "../session";
import { Backing } from "./backing";
import { Choice, Faults, Field, Section } from "./fields";
import { Vmas } from "./memory";
import { Schedule } from "./schedule";
import { Threads } from "./threads";
import { picked, tool } from "./tool";

export function Form() {
  if (!reading.value.data) return <p class="ed-pad">{t("edit_mend_text")}</p>;
  const { title, story, kernel, arch } = data.value;
  const processes = bags(data.value.processes);
  return (
    <div class="ed-form">
      <Section title={t("edit_about")} open={false}>
        <div class="ed-fields">
          <Field wide label={t("edit_title")} path={["title"]} value={title} />
          <Field wide long label={t("edit_story")} path={["story"]} value={story} />
          <Choice label={t("edit_kernel")} path={["kernel"]} value={kernel ?? "nopfn-v3"} options={kernels.value.map(({ id }) => id)} />
          <Choice label={t("edit_arch")} path={["arch"]} value={arch ?? "i386"} options={choicesAt(["arch"])} />
        </div>
      </Section>
      {processes.map((process, p) => (
        <Section key={p} title={t("edit_space", { name: word(process.name ?? "P") })}>
          <Tool id={p} />
          <Vmas process={p} />
          <Faults path={["processes", p]} />
          <h4>{t("edit_threads")}</h4>
          <Threads process={p} />
        </Section>
      ))}
      <Section title={t("edit_schedule")}><Schedule /></Section>
      <Section title={t("edit_backing")}><Backing /></Section>
      <p class="small">{t("edit_text_has_more")}</p>
    </div>
  );
}

// Which thread a click on a page is for, and what it does there.
function Tool({ id }: { id: number }) {
  const { thread, verb } = tool.value;
  const { threads } = membersOf(data.value);
  return (
    <div class="ed-tool">
      <fieldset><legend>{t("edit_thread")}</legend>{threads.map((name, i) => <label key={name} class={`t${i % 8}`}><input type="radio" name={`ed-thread-${id}`} checked={thread === name} onChange={() => (picked.value = { thread: name, verb })} /> <b class="who">{name}</b></label>)}</fieldset>
      <fieldset><legend>{t("edit_click")}</legend>{(["read", "write"] as const).map((one) => <label key={one}><input type="radio" name={`ed-verb-${id}`} checked={verb === one} onChange={() => (picked.value = { thread, verb: one })} /> {t(`edit_verb_${one}`)}</label>)}</fieldset>
    </div>
  );
}
