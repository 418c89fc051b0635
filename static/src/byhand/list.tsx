// All tasks, and how far one is with each under each of its kernels.
import { Marked } from "../markup";
import { t } from "../messages";
import { shortName } from "../revisions";
import { langOf } from "../told";
import { open } from "./game";
import { kernel, task } from "./position";
import { solved, solvedOf, tasks } from "./tasks";
import type { Task } from "./tasks";

export const mistakesOf = (n: number): string => t(n === 0 ? "byhand_n_mistakes_0" : n === 1 ? "byhand_n_mistakes_1" : "byhand_n_mistakes", { n });

export function Tasks({ close }: { close: () => void }) {
  const all = tasks.flatMap((one) => one.kernels.map((k) => solved.value[`${one.id}/${k}`]));
  return (
    <>
      <p class="soft levels-sum">{t("byhand_sum", { n: all.filter((n) => n !== undefined).length, of: all.length })}</p>
      <ol class="levels">{tasks.map((one) => <Row key={one.id} one={one} close={close} />)}</ol>
    </>
  );
}

function Row({ one, close }: { one: Task; close: () => void }) {
  return (
    <li>
      <b lang={langOf(one.title)}>{one.title.text} <small>{t("byhand_minutes", { n: one.minutes })}</small></b>
      <span class="soft" lang={langOf(one.says)}><Marked text={one.says.text} plain /></span>
      <span class="level-kernels">
        {one.kernels.map((k) => {
          const n = solvedOf(one.id, k);
          const here = one.id === task.value.id && k === kernel.value;
          const says = n === undefined ? t("byhand_state_open") : t("byhand_state_solved", { mistakes: mistakesOf(n) });
          return <button key={k} type="button" class={`offer ${n === undefined ? "" : "settled"}`} aria-current={here ? "true" : undefined} aria-label={`${one.title.text}, ${shortName(k)}: ${says}`} title={says} onClick={() => { close(); void open(one.id, k); }}>{shortName(k)}{n !== undefined && <b aria-hidden="true"> {n ? "✓" : "★"}</b>}</button>;
        })}
      </span>
    </li>
  );
}
