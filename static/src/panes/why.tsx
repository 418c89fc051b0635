// Why is it so? Each thing on the panes with who last wrote it, because of what, and the way there.
import { useEffect, useRef } from "preact/hooks";
import { Sheet } from "../dialog";
import { Known } from "../glossary";
import { Marked } from "../markup";
import { t } from "../messages";
import { usePlayer } from "../player";
import { things, why } from "../why";
import type { Answer, Thing } from "../why";

export function Why() {
  const dialog = useRef<HTMLDialogElement>(null);
  const player = usePlayer();
  const { asked } = player;
  const wanted = asked.value;
  useEffect(() => {
    if (wanted !== null && !dialog.current?.open) dialog.current?.showModal();
    if (wanted === null) dialog.current?.close();
  }, [wanted]);
  const all = wanted === null ? [] : things(player);
  const shown = wanted ? all.filter((thing) => wanted.split(" ").includes(thing.id)) : all.filter((thing) => why(player, thing) || !thing.id.startsWith("bit-"));
  return (
    <Sheet dialog={dialog} id="why" title={t("why")} onClose={() => (asked.value = null)}>
      <ul class="why">{grouped(shown.map((thing) => ({ thing, answer: why(player, thing) }))).map((group) => <Reason key={group[0]!.thing.id} group={group} />)}</ul>
      {wanted && <p><button type="button" class="linkish" onClick={() => (asked.value = "")}>{t("why_all")}</button></p>}
    </Sheet>
  );
}

type Answered = { thing: Thing; answer: Answer };

// What one step did is told once.
function grouped(all: Answered[]): Answered[][] {
  return [...Map.groupBy(all, (one) => one.answer?.step.n ?? 0).values()].sort((a, b) => (b[0]!.answer?.step.n ?? 0) - (a[0]!.answer?.step.n ?? 0));
}

function Reason({ group }: { group: Answered[] }) {
  const player = usePlayer();
  const found = group[0]!.answer;
  const go = (n: number) => { player.asked.value = null; player.seek(n); };
  return (
    <li class="reason">
      <p class="why-name">{group.map(({ thing }) => <span key={thing.id}><b><Known name={thing.term ?? ""}>{thing.name}</Known></b> {thing.at === undefined ? <code>{thing.value}</code> : <span class={`chip ${thing.level}`}>{thing.value}</span>}</span>)}</p>
      {found ? (
        <>
          <p><button type="button" class="step-link" onClick={() => go(found.step.n)}>{t("step_n", { n: found.step.n })}</button> <Marked text={found.step.what} plain /> <span class="because"><Marked text={found.step.why} plain /></span></p>
          {found.own.length > 0 && <ol class="causes" aria-label={t("why_causes")}>{found.own.map((step) => <li key={step.n}><button type="button" class="step-link" onClick={() => go(step.n)}>{t("step_n", { n: step.n })}</button> <Marked text={step.what} plain /></li>)}</ol>}
        </>
      ) : <p class="because">{t("why_start")}</p>}
    </li>
  );
}
