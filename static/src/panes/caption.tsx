// What happened, because of what, and the verdict: the one sentence of the page.
import { last, position, step, trace } from "../store";
import { Marked, plainText } from "../markup";
import type { Verdict } from "../types";

export function Caption() {
  const now = step.value;
  return (
    <section class="caption" aria-label="What happened">
      <div class="count" aria-hidden="true"><b>{position.value}</b><span>of {last.value}</span></div>
      <div class={now ? "words" : "words opening"}>
        {now ? <><h1><Marked text={now.what} /></h1><p><Marked text={now.why} /></p></> : <Opening />}
        <Notes />
      </div>
      <Chip />
      <p class="visually-hidden" role="status" aria-live="polite">{spoken()}</p>
    </section>
  );
}

// The story's first sentence sets the scene; the rest says what to watch.
function Opening() {
  const run = trace.value;
  if (!run) return <h1>Setting up the machine</h1>;
  const [scene = "", ...rest] = (run.scenario.story ?? "").trim().split(/(?<=[.!?])\s+/);
  return <><h1>{scene || run.scenario.title || "A run of your own"}</h1><p>{rest.join(" ")}</p></>;
}

function Notes() {
  const now = step.value;
  const notes = trace.value?.scenario.notes ?? [];
  const here = notes.filter((n) => now && n.thread === now.thread && n.op === now.op && (n.nth ?? 1) === now.nth);
  return <>{here.map((note, i) => <p key={i} class="note" title={plainText(note.text)}><span aria-hidden="true">★ </span><Marked text={note.text} /></p>)}</>;
}

// The verdicts of this step, else the worst one in force: its step is said, so that it can be found.
function Chip() {
  const now = step.value;
  const fresh = now?.verdicts[0];
  if (fresh) return <div class={`chip ${fresh.level}`} title={plainText(fresh.text)}><Sign level={fresh.level} /><span>{SHORT[fresh.id] ?? <Marked text={fresh.text} />}</span></div>;
  const old = earlier();
  if (!old && !now) return <div class="chip hint"><span class="by-key">Press <kbd>→</kbd> or Step</span><span class="by-hand">Tap Step to begin</span></div>;
  if (!old) return <div class="chip none" />;
  return <div class={`chip past ${old.level}`} title={plainText(old.text)}><Sign level={old.level} /><span><Marked text={`${SHORT[old.id] ?? old.id} since #${old.n}`} /></span></div>;
}

const SHORT: Record<string, string> = {
  overwrite: "present pte overwritten",
  stale: "TLB entry stale",
  stale_used: "stale TLB entry used",
  tlb_agrees: "TLB and pte disagree",
  lost_dirty: "dirty bit lost",
  cow_isolation: "private write reached shared memory",
  counts: "counts do not add up",
  mapcount: "mapcount below zero",
  freed_page: "freed page still in use",
  locks: "lock rule broken",
  no_sleep: "sleeps under a spinlock",
  one_pfn: "driver named another frame",
  no_bug: "BUG",
  bug: "BUG: the thread oopses",
  sigbus: "SIGBUS",
  sigsegv: "SIGSEGV",
  oom: "out of memory",
  livelock: "livelock",
  deadlock: "deadlock",
  bad_pte: "bad pte reported",
  mmap_failed: "mmap fails",
};

function earlier(): (Verdict & { n: number }) | null {
  const steps = trace.value?.steps ?? [];
  for (let n = position.value - 1; n >= 1; n -= 1) {
    const bad = steps[n - 1]!.verdicts.find((v) => v.level === "bad");
    if (bad) return { ...bad, n };
  }
  return null;
}

function Sign({ level }: { level: string }) {
  return level === "bad" ? (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" class="sign">
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M8 4.4v4.4M8 11v.6" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />
    </svg>
  ) : (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" class="sign">
      <circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M8 7.4v4M8 4.6v.5" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />
    </svg>
  );
}

function spoken(): string {
  const now = step.value;
  if (!now) return trace.value ? `${trace.value.scenario.title ?? ""}. Step 0 of ${last.value}.` : "";
  const verdict = now.verdicts[0];
  const words = [plainText(now.what), plainText(now.why), verdict ? plainText(verdict.text) : ""].filter(Boolean).join(" ");
  return `Step ${position.value}. ${words}`.slice(0, 220);
}
