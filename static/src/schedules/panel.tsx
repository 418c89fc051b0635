// Can this ever go wrong? Every schedule of the scenario on the stage: what came of the search, and ways to replay it.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Forked } from "../forked";
import { language, learn, t } from "../messages";
import { site } from "../site";
import { stage } from "../store";
import { Trouble } from "../trouble";
import { Answer } from "./answer";
import { Ask } from "./ask";
import { Broken } from "./broken";
import { Here } from "./here";
import { Outcomes } from "./outcomes";
import looks from "./schedules.css" with { type: "text" };
import { begin, search, watch } from "./session";

export async function load(): Promise<ComponentType> {
  const answer = await fetch(site(`/words/schedules?lang=${language()}`));
  if (!answer.ok) throw new Error(String(answer.status));
  learn((await answer.json()) as Record<string, string>);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(looks);
  document.adoptedStyleSheets.push(sheet);
  watch();
  return Panel;
}

const TWO_COLUMNS = 620; // pixels, as in the style sheet

// Whether there are two columns: what is read last stands last in the document too.
function useWide() {
  const box = useRef<HTMLDivElement>(null);
  const wide = useSignal(false);
  useLayoutEffect(() => {
    const measure = () => (wide.value = box.current!.clientWidth >= TWO_COLUMNS);
    const watch = new ResizeObserver(measure);
    measure();
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  return { box, wide };
}

function Panel() {
  const { box, wide } = useWide();
  const run = stage.trace.value;
  const found = search.found.value;
  const question = run && <div class="sched-part"><Ask run={run} found={found} /></div>;
  return (
    <div class="sched" ref={box}>
      {run && <><div class="sched-left">
        <div class="sched-part">
          <p class="small">{t("sched_what")}</p>
          <Forked />
          <Trouble what={search.trouble.value} dismiss={() => (search.trouble.value = null)} />
          <Answer />
          {!found && !search.going.value && <button type="button" class="go" onClick={begin}>{t("sched_try")}</button>}
          {found && <Here found={found} />}
          <p><a class="linkish" href={site(`/matrix#${run.link}`)}>{t("sched_matrix")}</a></p>
        </div>
        {wide.value && question}
      </div>
      {found && <div class="sched-part"><Broken found={found} /><Outcomes found={found} run={run} /></div>}
      {!wide.value && question}</>}
    </div>
  );
}
