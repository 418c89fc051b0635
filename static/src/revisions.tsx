// Which day's kernel runs: one choice, in order of history.
import { language } from "./messages";
import { kernels } from "./store";

const DAY = new Intl.DateTimeFormat(language() === "en" ? "en-GB" : language(), { day: "numeric", month: "short", timeZone: "UTC" });

type Props = { now: string | undefined; choose: (kernel: string) => void; label: string; only?: string[] };

// The thread's own kernels on the line; further ones behind them.
export function Revisions({ now, choose, label, only }: Props) {
  const shown = kernels.value.filter((k) => only ? only.includes(k.id) : k.id.startsWith("nopfn-") || ["2.6.17", "2.6.19"].includes(k.id) || k.id === now);
  return (
    <div class="revisions" role="radiogroup" aria-label={label}>
      {shown.map((k) => (
        <button key={k.id} type="button" role="radio" aria-checked={k.id === now} tabIndex={k.id === now ? 0 : -1} class={k.id === now ? "rev on" : "rev"} title={k.title} onClick={() => choose(k.id)} onKeyDown={(e) => arrow(e, shown.map((s) => s.id), k.id, choose)}>
          {shortName(k.id)}<small>{dayOf(k.date)}</small>
        </button>
      ))}
    </div>
  );
}

export const dayOf = (date: string): string => DAY.format(new Date(date));

export const shortName = (kernel: string): string => kernel.replace("nopfn-", "");

function arrow(event: KeyboardEvent, ids: string[], id: string, choose: Props["choose"]): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.stopPropagation();
  event.preventDefault();
  const to = ids[(ids.indexOf(id) + by + ids.length) % ids.length];
  if (!to) return;
  (event.currentTarget as HTMLElement).parentElement?.querySelectorAll<HTMLElement>("[role=radio]")[ids.indexOf(to)]?.focus();
  choose(to);
}
