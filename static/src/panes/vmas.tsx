// The address space: its vmas, and the one in focus page by page.
import { useComputed } from "@preact/signals";
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
  const { trace, focus } = usePlayer();
  const mm = useComputed(() => focus.value?.mm).value;
  const processes = trace.value?.processes ?? [];
  const owner = processes.find((p) => p.id === mm) ?? processes[0];
  const vmas = useMemo(() => (owner?.vmas ?? []).toSorted((a, b) => Number(BigInt(a.start) - BigInt(b.start))), [owner]);
  return (
    <section class="pane boxed p-vmas path" aria-label={t("address_space")}><div class="pane-in">
      <h2><span>{parts("memory_of", { mm: <code>{mm ?? ""}</code> })}</span></h2>
      <ol class="vmas">{vmas.map((vma) => <Vma key={vma.id} vma={vma} />)}</ol>
      <Opened vmas={vmas} />
    </div></section>
  );
}

const flags = ({ cells, trace, focus }: Player, vma: VmaInfo): bigint =>
  number(cells.value.get(`vma/${focus.value?.mm}/${vma.id}/flags`) ?? cells.value.get(`vma/${trace.value?.processes[0]?.id}/${vma.id}/flags`));

function Vma({ vma }: { vma: VmaInfo }) {
  const player = usePlayer();
  const open = useComputed(() => player.focus.value?.vma === vma.id).value;
  const may = useComputed(() => rights(flags(player, vma))).value;
  return <li class={open ? "vma open" : "vma"} aria-current={open ? "true" : undefined}><b>{vma.id}</b> <code>{may}</code></li>;
}

// Under the list, so that the list stays where it is.
function Opened({ vmas }: { vmas: VmaInfo[] }) {
  const player = usePlayer();
  const at = player.focus.value;
  const vma = vmas.find(({ id }) => id === at?.vma);
  const telling = vma ? flagNames(flags(player, vma)).filter((f) => !/READ|WRITE|EXEC|MAYSHARE/.test(f)) : [];
  const about = useMemo(() => vma && <About key={`${at!.mm}/${vma.id}`} vma={vma} telling={telling} />, [vma, at?.mm, telling.join()]);
  if (!vma) return null;
  return (
    <div class="opened">
      <span class="small">{parts("pages_of", { vma: <code>{vma.id}</code> })}</span>
      <Pages vma={vma} at={at!} />
      {about}
    </div>
  );
}

// What steps can change stands last.
const About = ({ vma, telling }: { vma: VmaInfo; telling: string[] }) => (
  <>
    <span class="small nowrap"><code>{vma.start}</code> +{vma.pages}</span>
    <span class="small">{vma.backing} {vma.ops.map((o) => <Fragment key={o}><code class="nowrap"><Known name={`->${o}`}>{`->${o}`}</Known></code>{" "}</Fragment>)}</span>
    {telling.length > 0 && <span class="flags">{telling.map((f) => <code key={f}><Known name={f}>{f}</Known></code>)}</span>}
  </>
);

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
