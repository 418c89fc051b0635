// The address space: one box a vma, the one in focus opened up page by page.
import { Fragment } from "preact";
import { useMemo } from "preact/hooks";
import { Known } from "../glossary";
import { named, parts, t } from "../messages";
import { usePlayer } from "../player";
import type { Focus, Player } from "../player";
import { decodePte, flagNames, hex, number, rights, vpn } from "../format";
import type { VmaInfo } from "../types";

const MOST_PAGES = 32;

export function Vmas() {
  const player = usePlayer();
  const { trace, focus } = player;
  const run = trace.value;
  const at = focus.value;
  const owner = run?.processes.find((p) => p.id === at?.mm) ?? run?.processes[0];
  return (
    <section class="pane boxed p-vmas path" aria-label={t("address_space")}><div class="pane-in">
      <h2><span>{parts("memory_of", { mm: <code>{at?.mm ?? ""}</code> })}</span></h2>
      <ol class="vmas">
        {[...(owner?.vmas ?? [])].sort((a, b) => Number(BigInt(a.start) - BigInt(b.start))).map((vma) => (
          <li key={vma.id} class={vma.id === at?.vma ? "vma open" : "vma"}>
            <span class="vma-name"><b>{vma.id}</b> <code>{rights(flags(player, at!.mm, vma))}</code></span>
            {vma.id === at?.vma && <Opened vma={vma} at={at} />}
          </li>
        ))}
      </ol>
    </div></section>
  );
}

const flags = ({ cells, trace }: Player, mm: string, vma: VmaInfo): bigint =>
  number(cells.value.get(`vma/${mm}/${vma.id}/flags`) ?? cells.value.get(`vma/${trace.value?.processes[0]?.id}/${vma.id}/flags`));

function Opened({ vma, at }: { vma: VmaInfo; at: Focus }) {
  const player = usePlayer();
  const telling = flagNames(flags(player, at.mm, vma)).filter((f) => !/READ|WRITE|EXEC|MAYSHARE/.test(f));
  return (
    <>
      <Pages vma={vma} at={at} />
      <span class="small nowrap"><code>{vma.start}</code> +{vma.pages}</span>
      {telling.length > 0 && <span class="flags">{telling.map((f) => <code key={f}><Known name={f}>{f}</Known></code>)}</span>}
      <span class="small">{vma.backing} {vma.ops.map((o) => <Fragment key={o}><code class="nowrap"><Known name={`->${o}`}>{`->${o}`}</Known></code>{" "}</Fragment>)}</span>
    </>
  );
}

function Pages({ vma, at }: { vma: VmaInfo; at: Focus }) {
  const { cells, trace } = usePlayer();
  const { arch } = trace.value!;
  const first = Math.max(0, Math.min(at.page - MOST_PAGES / 2, vma.pages - MOST_PAGES));
  const ptes = useMemo(() => {
    const start = vpn(vma.start);
    return Array.from({ length: Math.min(vma.pages, MOST_PAGES) }, (_, i) => `pte/${at.mm}/${hex(start + BigInt(first + i))}`);
  }, [vma, at.mm, first]);
  const kinds = ptes.map((cell) => {
    const pte = decodePte(cells.value.get(cell), arch);
    return pte.none ? "none" : pte.present ? "present" : "swapped";
  });
  return useMemo(() => (
    <span class="pages" role="img" aria-label={t("page_in_focus", { page: at.page, pages: vma.pages })}>
      {kinds.map((kind, i) => <i key={i} class={`pg ${kind} ${first + i === at.page ? "here" : ""}`} title={t("page_is", { page: first + i, state: named("page", kind) })} />)}
    </span>
  ), [vma, at.page, kinds.join()]);
}
