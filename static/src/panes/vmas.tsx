// The address space: its vmas, and the one in focus page by page.
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
  const vmas = useMemo(() => (owner?.vmas ?? []).toSorted((a, b) => Number(BigInt(a.start) - BigInt(b.start))), [owner]);
  const open = vmas.find((vma) => vma.id === at?.vma);
  return (
    <section class="pane boxed p-vmas path" aria-label={t("address_space")}><div class="pane-in">
      <h2><span>{parts("memory_of", { mm: <code>{at?.mm ?? ""}</code> })}</span></h2>
      <ol class="vmas">
        {vmas.map((vma) => <li key={vma.id} class={vma === open ? "vma open" : "vma"} aria-current={vma === open ? "true" : undefined}><b>{vma.id}</b> <code>{rights(flags(player, at!.mm, vma))}</code></li>)}
      </ol>
      {open && <Opened vma={open} at={at!} />}
    </div></section>
  );
}

const flags = ({ cells, trace }: Player, mm: string, vma: VmaInfo): bigint =>
  number(cells.value.get(`vma/${mm}/${vma.id}/flags`) ?? cells.value.get(`vma/${trace.value?.processes[0]?.id}/${vma.id}/flags`));

// Under the list, so that the list stays where it is.
function Opened({ vma, at }: { vma: VmaInfo; at: Focus }) {
  const player = usePlayer();
  const telling = flagNames(flags(player, at.mm, vma)).filter((f) => !/READ|WRITE|EXEC|MAYSHARE/.test(f));
  const about = useMemo(() => (
    <Fragment key={`${at.mm}/${vma.id}`}>
      <span class="small nowrap"><code>{vma.start}</code> +{vma.pages}</span>
      {telling.length > 0 && <span class="flags">{telling.map((f) => <code key={f}><Known name={f}>{f}</Known></code>)}</span>}
      <span class="small">{vma.backing} {vma.ops.map((o) => <Fragment key={o}><code class="nowrap"><Known name={`->${o}`}>{`->${o}`}</Known></code>{" "}</Fragment>)}</span>
    </Fragment>
  ), [vma, at.mm, telling.join()]);
  return (
    <div class="opened">
      <span class="small">{parts("pages_of", { vma: <code>{vma.id}</code> })}</span>
      <Pages vma={vma} at={at} />
      {about}
    </div>
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
  return useMemo(() => <Strip kinds={kinds} first={first} page={at.page} of={vma.pages} />, [vma, at.page, kinds.join()]);
}

function Strip({ kinds, first, page, of }: { kinds: ("none" | "present" | "swapped")[]; first: number; page: number; of: number }) {
  // not before somebody points at one
  const name = ({ target }: PointerEvent) => {
    const i = [...(target as HTMLElement).parentElement!.children].indexOf(target as HTMLElement);
    if (kinds[i]) (target as HTMLElement).title = t("page_is", { page: first + i, state: named("page", kinds[i]!) });
  };
  return (
    <span class="pages" role="img" aria-label={t("page_in_focus", { page, pages: of })} onPointerOver={name}>
      {kinds.map((kind, i) => <i key={i} class={first + i === page ? `pg ${kind} here` : `pg ${kind}`} />)}
    </span>
  );
}
