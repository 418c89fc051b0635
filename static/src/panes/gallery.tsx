// The scenarios: one dialog, found by eye or by word.
import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { Sheet } from "../dialog";
import { t } from "../messages";
import { site } from "../site";
import { gallery, kernels, pick, stage } from "../store";
import { langOf, titleOf } from "../told";
import type { Listed } from "../types";

// By claim, in the order of the list, but for where to begin.
function groupsOf(items: Listed[]): Map<string, Listed[]> {
  const begin = items.filter((item) => item.start);
  const found = new Map<string, Listed[]>(begin.length ? [[t("start_here"), begin]] : []);
  for (const item of items) if (!item.start) found.set(item.group, [...(found.get(item.group) ?? []), item]);
  return found;
}

export function Gallery({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const wanted = useSignal("");
  const close = () => dialog.current?.close();
  const found = gallery.value.filter((item) => matches(item, wanted.value));
  const open = (id: string) => { close(); pick(id); };
  return (
    <Sheet dialog={dialog} id="gallery" kind="wide-sheet" title={t("scenarios")} onClose={() => (wanted.value = "")} head={<><input type="search" class="find" aria-label={t("find_scenario")} placeholder={t("find_examples")} value={wanted.value} onInput={(e) => (wanted.value = e.currentTarget.value)} /><a class="linkish all-pictures" href={site("/gallery")}>{t("all_with_pictures")}</a></>}>
      <div class="gallery">
        {[...groupsOf(found)].map(([title, items]) => <Group key={title} title={title} items={items} open={open} />)}
        {found.length === 0 && <p class="pad" role="status">{t("none_found")}</p>}
      </div>
    </Sheet>
  );
}

function Group({ title, items, open }: { title: string; items: Listed[]; open: (id: string) => void }) {
  return (
    <section aria-label={title}>
      <h3>{inCode(title)}</h3>
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            <button type="button" aria-current={item.title === titleOf(stage.trace.value).text ? "true" : undefined} onClick={() => open(item.id)}>
              <b lang={langOf(item)}>{inCode(item.title)}</b>
              <span lang={langOf(item)}>{inCode(item.story.split(/(?<=[.?!])\s/)[0]!)}</span>
              <small>{kernelName(item.kernel)} · {item.arch} · {t("minutes", { n: item.minutes })}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

// The names of methods, functions and flags are code, in one piece.
const NAME = /(->\w+|\b[a-z]+_[a-z_]*[a-z]\b|\bVM_[A-Z_]+\b)/;
const inCode = (text: string) => text.split(NAME).map((part, i) => (i % 2 ? <code class="nowrap">{part}</code> : part));

const kernelName = (id: string): string => kernels.value.find((k) => k.id === id)?.title.split(":")[0] ?? id;

function matches(item: Listed, wanted: string): boolean {
  const text = `${item.title} ${item.story} ${item.kernel} ${item.arch} ${item.group}`.toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
