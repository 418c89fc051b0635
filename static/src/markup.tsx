// The little markup of captions: @A a thread, `x` code, #9 a step. Always text nodes, never HTML.
import { threadIndex } from "./format";
import { Known } from "./glossary";
import { t } from "./messages";
import { usePlayer } from "./player";
import type { Player } from "./player";

const TOKEN = /(`[^`]*`|@[A-Za-z][\w-]*|#\d+)/g;

export function Thread({ id }: { id: string }) {
  const run = usePlayer().trace.value;
  const index = run ? threadIndex(run, id) : -1;
  return <b class={`who t${index < 0 ? 0 : index % 8}`}>{id}</b>;
}

export function Marked({ text, plain = false }: { text: string; plain?: boolean }) {
  const player = usePlayer();
  return <>{text.split(TOKEN).filter((part) => part).map((part) => token(player, part, plain))}</>;
}

function token(player: Player, part: string, plain: boolean) {
  if (part.length > 1 && part.startsWith("`")) {
    const name = part.slice(1, -1);
    return <code>{plain ? name : <Known name={name}>{name}</Known>}</code>;
  }
  if (/^@[A-Za-z]/.test(part)) return isThread(player, part.slice(1)) ? <Thread id={part.slice(1)} /> : part;
  if (/^#\d+$/.test(part)) {
    const n = Number(part.slice(1));
    if (plain) return t("step_n", { n });
    return (
      <button class="ref" type="button" onClick={() => player.seek(n)}>
        {t("step_n", { n })}
      </button>
    );
  }
  return part;
}

const isThread = ({ trace }: Player, id: string): boolean => trace.value?.threads.some((t) => t.id === id) ?? false;

export const plainText = (text: string): string =>
  text.replace(/`([^`]*)`/g, "$1").replace(/@([A-Za-z])/g, "$1").replace(/#(\d+)/g, (_, n: string) => t("step_n", { n }));
