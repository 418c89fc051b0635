// What a scenario's author wrote, in the page's language where there is a translation.
import type { Said, Trace } from "./types";

export const titleOf = (run: Trace | null): Said => run?.told?.title ?? { text: run?.scenario.title ?? "" };
export const storyOf = (run: Trace): Said => run.told?.story ?? { text: run.scenario.story ?? "" };
export const noteOf = (run: Trace, place: number): Said => run.told?.notes[place] ?? { text: run.scenario.notes?.[place]?.text ?? "" };

// An attribute: left out where the text is in the page's own language.
export const langOf = ({ lang }: { lang?: string | undefined }): string | undefined => lang || undefined;
