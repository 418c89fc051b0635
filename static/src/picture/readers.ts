// What reads a run for the panes reads it for pictures too. It is handed in, see `lent.ts`.
import type { Readers } from "../lent";

export let [decodePte, pteCell, threadIndex, lanesOf, docstring, narrow, plainText, TOKEN, packed, earlier, notesOf, opening, isQuiet, standing, PYTHON, shortName, spellAt, cpus, isStale, stalePfn] = [] as unknown as Readers;

export function lend(readers: Readers): void {
  [decodePte, pteCell, threadIndex, lanesOf, docstring, narrow, plainText, TOKEN, packed, earlier, notesOf, opening, isQuiet, standing, PYTHON, shortName, spellAt, cpus, isStale, stalePfn] = readers;
}
