// What a scenario's author wrote, in the page's language where there is a translation.
import type { Note, Said, Step, Trace } from "./types";

export const titleOf = (run: Trace | null): Said => run?.told?.title ?? { text: run?.scenario.title ?? "" };
export const storyOf = (run: Trace): Said => run.told?.story ?? { text: run.scenario.story ?? "" };
export const noteOf = (run: Trace, place: number): Said => run.told?.notes[place] ?? { text: run.scenario.notes?.[place]?.text ?? "" };

// What a story says after its scene is true under these kernels.
export const watchIsTrue = ({ scenario: { watch_under = [] }, kernel }: Trace): boolean => watch_under.length === 0 || watch_under.includes(kernel.id);

// A note that names no kernels was written for the one that its scenario runs under.
const isTrue = (note: Note, run: Trace): boolean => !note.under || note.under.includes(run.kernel.id);

// The places of the remarks at a step.
export const notesAt = (run: Trace | null, step: Step): number[] =>
  (run?.scenario.notes ?? []).flatMap((n, place) => (run && isTrue(n, run) && n.thread === step.thread && n.op === step.op && (n.nth ?? 1) === step.nth ? [place] : []));

// An attribute: left out where the text is in the page's own language.
export const langOf = ({ lang }: { lang?: string | undefined }): string | undefined => lang || undefined;
