// What the panes read a run with, for pictures of a step to be read off it alike. It is handed to them when they are
// fetched: if they imported it, the first view would come in more files, and two kilobytes larger.
import { decodePte, pteCell, threadIndex } from "./format";
import { lanesOf } from "./lanes";
import { docstring, narrow } from "./listing";
import { plainText, TOKEN } from "./markup";
import { packed } from "./packing";
import { earlier, notesOf, opening } from "./panes/caption";
import { isQuiet } from "./panes/entry";
import { standing } from "./panes/source";
import { TOKEN as PYTHON } from "./python";
import { shortName } from "./revisions";
import { spellAt } from "./spells";
import { cpus, isStale, stalePfn } from "./tlbs";

// By place, since names would be sent as well.
export const readers = [decodePte, pteCell, threadIndex, lanesOf, docstring, narrow, plainText, TOKEN, packed, earlier, notesOf, opening, isQuiet, standing, PYTHON, shortName, spellAt, cpus, isStale, stalePfn] as const;
export type Readers = typeof readers;
