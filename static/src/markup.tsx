// The little markup of captions: @A a thread, `x` code, #9 a step. Always text nodes, never HTML.
import { seek, trace } from "./store";
import { threadIndex } from "./format";

const TOKEN = /(`[^`]*`|@[A-Za-z][\w-]*|#\d+)/g;

export function Thread({ id }: { id: string }) {
  const run = trace.value;
  const index = run ? threadIndex(run, id) : -1;
  return <b class={`who t${index < 0 ? 0 : index % 8}`}>{id}</b>;
}

export function Marked({ text, plain = false }: { text: string; plain?: boolean }) {
  return <>{text.split(TOKEN).map((part) => token(part, plain))}</>;
}

function token(part: string, plain: boolean) {
  if (part.length > 1 && part.startsWith("`")) return <code>{part.slice(1, -1)}</code>;
  if (/^@[A-Za-z]/.test(part)) return isThread(part.slice(1)) ? <Thread id={part.slice(1)} /> : part;
  if (/^#\d+$/.test(part)) {
    const n = Number(part.slice(1));
    if (plain) return `step ${n}`;
    return (
      <button class="ref" type="button" onClick={() => seek(n)}>
        step {n}
      </button>
    );
  }
  return part;
}

const isThread = (id: string): boolean => trace.value?.threads.some((t) => t.id === id) ?? false;

export const plainText = (text: string): string =>
  text.replace(/`([^`]*)`/g, "$1").replace(/@([A-Za-z])/g, "$1").replace(/#(\d+)/g, "step $1");
