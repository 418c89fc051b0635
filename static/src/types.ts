// The shapes the server sends. See ARCHITECTURE.md; the engine's trace module makes them.
export type Value = string | number | null | Lock | TlbEntry | Value[];
export type Lock = { readers: string[]; writer: string | null };
export type TlbEntry = { mm: string; pfn: string; rw: number };
export type Change = [cell: string, was: Value, now: Value];
export type Frame = [fn: string, line: number];
export type Verdict = { id: string; level: "bad" | "info"; text: string };

export type Step = {
  n: number;
  thread: string;
  op: string;
  nth: number;
  args: Record<string, string | number | boolean | null>;
  stack: Frame[];
  kind: string;
  answer?: unknown;
  delta: Change[];
  reads: string[];
  causes: number[];
  runnable: string[];
  waiting: Record<string, { lock: string; by: string[] }>;
  what: string;
  why: string;
  verdicts: Verdict[];
};

export type KernelInfo = { id: string; date: string; title: string; parent: string | null; changes: string[] };

export type Fn = {
  name: string;
  kernel: string;
  file: string;
  line: number;
  source: string[];
  doc: string;
  cites: string;
  inline: boolean;
  changed: boolean;
  diff: { against: string; added: number[]; removed: { after: number; lines: string[] }[] } | null;
};

export type Level = { name: string; low: number; high: number; entries: number };
export type Arch = {
  id: string;
  title: string;
  bits: number;
  levels: Level[];
  pte_bits: { bit: number; name: string; title: string }[];
  pfn: { low: number; high: number };
  pte_width: number;
};

export type VmaInfo = { id: string; start: string; pages: number; flags: string[]; ops: string[]; backing: string };

export type Invariant = { id: string; title: string; holds: boolean; news: boolean; step: number | null; text: string };

export type ThreadOutcome = {
  returns: string[];
  signal: string | null;
  bug?: string | null;
  min_flt: number;
  maj_flt: number;
  state: string;
  saw: string[];
};

export type Note = { thread: string; op: string; nth?: number; under?: string[]; text: string };

// A text of a scenario's author in the page's language; lang: "en" where it is not translated.
export type Said = { text: string; lang?: string };

export type Trace = {
  scenario: { title?: string; story?: string; watch_under?: string[]; notes?: Note[] } & Record<string, unknown>;
  kernel: KernelInfo;
  arch: Arch;
  threads: { id: string; process: string; cpu: number; program: string[] }[];
  processes: { id: string; vmas: VmaInfo[] }[];
  focus: { mm: string; address: string; vma: string; page: number };
  cells: Record<string, Value>;
  steps: Step[];
  functions: Record<string, Fn>;
  outcome: {
    verdicts: Verdict[];
    threads: Record<string, ThreadOutcome>;
    invariants: Invariant[];
    deadlock: boolean;
    text: string;
  };
  check: string;
  link: string;
  told?: { title: Said; story: Said; notes: Said[] };
  drift?: { step: number | null; event: string | null } | null;
};

export type Scene = { gallery: string | null; kernel: string; step: number; title: string; link?: string };
export type Choice = { text: string; right: boolean; because: string; scene: Scene | null };
export type Question = { id: string; kind: string; at: number; reveal: number; ask: string; choices: Choice[] };

export type Offer = { id: string; kind: string; lead: string; label: string; possible: boolean; why_not: string };
export type Forked = { scenario: Trace["scenario"]; kernel: string; link: string; at: number; restarts: boolean; said: string };

export type Listed = { id: string; title: string; story: string; kernel: string; arch: string; claim: string; group: string; level: string; minutes: number; start?: boolean; lang?: string };
export type Term = { id: string; term: string; short: string; said?: boolean; lang?: string };
export type Trouble = { title: string; errors: { where: string; what: string; instead: string }[]; lang?: string };
export type RunRequest =
  | { gallery: string; kernel?: string }
  | { link: string; kernel?: string }
  | { scenario: unknown; kernel?: string };

// What one side does at the first difference, and how the two ends differ.
export type Parted = { step: number; event: string; what: string } | null;
export type First = { row: number; left: Parted; right: Parted; text: string };
export type CameOf = ThreadOutcome & { values: (string | null)[] };
export type Ends = {
  same: boolean;
  differences: string[];
  text: string;
  threads: { thread: string; left: CameOf | null; right: CameOf | null; same: boolean }[];
  invariants: { id: string; title: string; left: boolean; right: boolean }[];
};
export type Row = [left: number, right: number];
export type Rival = { kernel: string; mends: boolean };
export type Comparison = { left: Trace; right: Trace; rows: Row[]; first: First | null; outcome: Ends };
