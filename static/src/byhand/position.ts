// Where the student stands: which task under which kernel, the moves so far, and what the engine says of them.
import { computed, signal } from "@preact/signals";
import { Player } from "../player";
import type { Fn, Trace, Trouble } from "../types";
import { tasks } from "./tasks";
import type { Task } from "./tasks";

export type Place = { function: string; id: string; line: number; code: string; file: string; cites: string; doc: string };
export type Says = { kind: "refused" | "rule" | "revision" | "off" | "note"; rule: string; text: string; place: Place | null; at: Place | null; excused: boolean };
export type State = "ok" | "same" | "bad" | "off" | "refused";
export type Verdict = { move: string; code: string; state: State; from: number; to: number; answer: string; tells: number; says: Says[] };
export type Offer = { name: string; move: string; takes: "" | "page" | "pte" | "check" | "code"; code: string; says: string; refused: string };
export type Group = { group: string; moves: Offer[] };
export type Hand = {
  mm: string;
  address: string;
  write: boolean;
  vma: { id: string; flags: string[]; prot: string; ops: string[] } | null;
  looked: boolean;
  pte: string | null;
  code: string | null;
  pages: { page: string; name: string; value: string }[];
  asked: boolean;
};
export type Over = {
  solved: boolean;
  mistakes: number;
  moves: number;
  theirs: number;
  says: Says[];
  differences: { cell: string; yours: string; theirs: string }[];
  handler: { moves: { move: string; code: string }[]; lines: Record<string, number[]>; link: string; functions: Record<string, Fn> };
};
export type Next = { move: string; code: string; place: Place; at: Place };
export type Played = { task: string; kernel: string; moves: Verdict[]; hand: Hand; menu: Group[]; begun: number; next: Next | null; over: Over | null; run: Trace };

export const player = new Player();
player.blind.value = true; // what comes next is the student's to decide
export const task = signal<Task>(tasks[0]!);
export const kernel = signal("");
export const made = signal<Played | null>(null);
export const future = signal<string[]>([]);
export const trouble = signal<Trouble | null>(null);
export const busy = signal(false);
// A move that could not be made, and the page of moves that stands open where there is room for one kind only.
export const refused = signal<Verdict | null>(null);
export const group = signal("locks");
// Which page and which bits a move is about.
export const page = signal("zero");
export const chosen = signal<string | null>(null);
// Which move of the past is looked at; null for the newest.
export const looking = signal<number | null>(null);
export const hinted = signal<"" | "hint" | "next">("");
export const next = signal<Next | null>(null);
// All that went wrong since this task was opened, whether undone or not.
export const slips = signal(0);

export const ready = computed(() => made.value !== null);
export const moves = computed(() => made.value?.moves.map((one) => one.move) ?? []);
export const over = computed(() => made.value?.over ?? null);
export const letters = computed(() => chosen.value ?? (made.value?.hand.vma?.prot || "PUA"));
// The verdict that is told: of a refused move, of the one looked at, else of the newest.
export const shown = computed<Verdict | null>(() => refused.value ?? made.value?.moves[looking.value ?? made.value.moves.length - 1] ?? null);
