// The moves so far, as the handler that they make: each a line with its verdict; pressing one shows that moment.
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../messages";
import { look } from "./game";
import { looking, made } from "./position";
import type { Verdict } from "./position";
import { SIGN } from "./said";

export function History() {
  const list = useRef<HTMLOListElement>(null);
  const all = made.value?.moves ?? [];
  const at = looking.value ?? all.length - 1;
  useLayoutEffect(() => {
    const row = list.current?.children[at] as HTMLElement | undefined;
    const box = list.current?.parentElement;
    if (row && box) box.scrollTop = Math.max(0, row.offsetTop - box.clientHeight / 2);
  }, [at, all]);
  return (
    <section class="pane k-history" aria-label={t("byhand_history")}>
      <h2>{t("byhand_history")}</h2>
      {all.length === 0 && <p class="soft">{t("byhand_no_moves")}</p>}
      <div class="k-past"><ol ref={list}>{all.map((verdict, n) => <Row key={`${n} ${verdict.move}`} verdict={verdict} n={n} here={n === at} />)}</ol></div>
    </section>
  );
}

function Row({ verdict, n, here }: { verdict: Verdict; n: number; here: boolean }) {
  return (
    <li>
      <button type="button" class={`k-made of-${verdict.state}`} aria-current={here ? "step" : undefined} aria-label={`${n + 1}. ${verdict.code}: ${t(`byhand_state_${verdict.state}`)}`} onClick={() => look(n)}>
        <span class="num">{n + 1}</span><b aria-hidden="true">{SIGN[verdict.state]}</b><code>{verdict.code}</code>
        {verdict.answer && <small>{verdict.answer}</small>}
      </button>
    </li>
  );
}
