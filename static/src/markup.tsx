// The little markup of captions: @A a thread, `x` code, #9 a step. Always text nodes, never HTML.
import { threadIndex } from "./format";
import { Known, termsOf, Words } from "./glossary";
import { t } from "./messages";
import { usePlayer } from "./player";
import type { Player } from "./player";

export const TOKEN = /(`[^`]*`|@[A-Za-z][\w-]*|#\d+|->\w+)/g;

export function Thread({ id }: { id: string }) {
  const run = usePlayer().trace.value;
  const index = run ? threadIndex(run, id) : -1;
  return <b class={`who t${index < 0 ? 0 : index % 8}`}>{id}</b>;
}

// Terms become links at their first place. after: what stands before it, whose terms need none again. plain: no links.
// from: the step at which it is read, where it speaks of later ones.
export function Marked({ text, plain = false, after = "", from = Infinity }: { text: string; plain?: boolean; after?: string; from?: number }) {
  const player = usePlayer();
  const known = plain ? null : new Set(after ? termsOf(after).map((term) => term.id) : []);
  return <>{text.split(TOKEN).filter((part) => part).map((part) => token(player, part, known, from))}</>;
}

function token(player: Player, part: string, known: Set<string> | null, from: number) {
  if (part.length > 1 && part.startsWith("`")) {
    const name = part.slice(1, -1);
    return <code class={name.startsWith("->") ? "nowrap" : undefined}>{known ? <Known name={name}>{name}</Known> : name}</code>;
  }
  if (part.startsWith("->")) return <code class="nowrap">{known ? <Known name={part}>{part}</Known> : part}</code>;
  if (/^@[A-Za-z]/.test(part)) return isThread(player, part.slice(1)) ? <Thread id={part.slice(1)} /> : part;
  if (/^#\d+$/.test(part)) {
    const n = Number(part.slice(1));
    const step = t("step_n", { n });
    const told = n <= from ? step : t(n === from + 1 ? "step_next" : "step_ahead", { step });
    return known ? <button class="ref" type="button" onClick={() => player.seek(n)}>{told}</button> : told;
  }
  if (!known) return part;
  const past = new Set(known);
  for (const term of termsOf(part)) known.add(term.id);
  return <Words text={part} past={past} />;
}

const isThread = ({ trace }: Player, id: string): boolean => trace.value?.threads.some((t) => t.id === id) ?? false;

export const plainText = (text: string): string =>
  text.replace(/`([^`]*)`/g, "$1").replace(/@([A-Za-z])/g, "$1").replace(/#(\d+)/g, (_, n: string) => t("step_n", { n }));
