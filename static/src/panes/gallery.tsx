// The scenarios: one dialog, found by eye or by word.
import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { gallery, kernels, pick, trace } from "../store";
import type { Listed } from "../types";

const GROUPS: [title: string, belongs: (item: Listed) => boolean][] = [
  ["The ->nopfn patch, v1 to v5", (item) => item.kernel.startsWith("nopfn-")],
  ["Released kernels", (item) => !item.kernel.startsWith("nopfn-")],
];

export function Gallery({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const wanted = useSignal("");
  const close = () => dialog.current?.close();
  const found = gallery.value.filter((item) => matches(item, wanted.value));
  const open = (id: string) => { close(); pick(id); };
  return (
    <dialog ref={dialog} class="sheet wide-sheet" aria-labelledby="gallery-title" onClose={() => (wanted.value = "")} onClick={(e) => e.target === dialog.current && close()}>
      <div class="sheet-head">
        <h2 id="gallery-title">Scenarios</h2>
        <input type="search" class="find" aria-label="Find a scenario" placeholder="fork, SIGBUS, x86-64 …" value={wanted.value} onInput={(e) => (wanted.value = e.currentTarget.value)} />
        <button type="button" class="icon" aria-label="Close" onClick={close}>✕</button>
      </div>
      <div class="gallery">
        {GROUPS.map(([title, belongs]) => <Group key={title} title={title} items={found.filter(belongs)} open={open} />)}
        {found.length === 0 && <p class="pad" role="status">No scenario speaks of that.</p>}
      </div>
    </dialog>
  );
}

function Group({ title, items, open }: { title: string; items: Listed[]; open: (id: string) => void }) {
  if (items.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            <button type="button" aria-current={item.title === trace.value?.scenario.title ? "true" : undefined} onClick={() => open(item.id)}>
              <b>{item.title}</b>
              <span>{item.story.split(/(?<=\.)\s/)[0]}</span>
              <small>{kernelName(item.kernel)} · {item.arch}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const kernelName = (id: string): string => kernels.value.find((k) => k.id === id)?.title.split(":")[0] ?? id;

function matches(item: Listed, wanted: string): boolean {
  const text = `${item.title} ${item.story} ${item.kernel} ${item.arch}`.toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
