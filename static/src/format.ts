// Numbers as people read them. Ptes are 64 bits wide, so they are BigInts here.
import { t } from "./messages";
import type { Arch, Trace, Value } from "./types";

export const number = (value: Value | undefined): bigint =>
  typeof value === "string" && value.startsWith("0x") ? BigInt(value) : BigInt(Number(value ?? 0) || 0);

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

export const vpn = (address: string): bigint => BigInt(address) >> 12n;

export const pteCell = (mm: string, address: string): string => `pte/${mm}/${hex(vpn(address))}`;

export type Bit = { name: string; title: string; set: boolean };
export type Pte = { none: boolean; present: boolean; pfn: string; bits: Bit[]; raw: string; rest: string; writable: boolean };

const decoded = new WeakMap<Arch, Map<Value | undefined, Pte>>();

// One value is decoded once, so that the same pte is the same object.
export function decodePte(value: Value | undefined, arch: Arch): Pte {
  const known = decoded.get(arch) ?? new Map<Value | undefined, Pte>();
  decoded.set(arch, known);
  const before = known.get(value);
  if (before) return before;
  const made = decode(number(value), arch);
  known.set(value, made);
  return made;
}

function decode(raw: bigint, arch: Arch): Pte {
  const has = (bit: number) => ((raw >> BigInt(bit)) & 1n) === 1n;
  const width = BigInt(arch.pfn.high - arch.pfn.low + 1);
  return {
    none: raw === 0n,
    present: has(0) || has(7),
    pfn: hex((raw >> BigInt(arch.pfn.low)) & ((1n << width) - 1n)),
    bits: [...arch.pte_bits].sort((a, b) => b.bit - a.bit).map((b) => ({ name: b.name, title: b.title, set: has(b.bit) })),
    raw: hex(raw),
    rest: hex(raw & ((1n << 52n) - 1n)), // a swap entry; NX has a box of its own
    writable: has(1),
  };
}

export function indexOf(address: string, low: number, high: number): number {
  return Number((BigInt(address) >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n));
}

// 0x40003000 as "4000 3000": addresses are read in groups of four.
export const grouped = (address: string): string =>
  address.replace(/^0x/, "").padStart(8, "0").replace(/(?=(.{4})+$)/g, " ").trim();

export const threadIndex = (trace: Trace, thread: string): number => trace.threads.findIndex((one) => one.id === thread);

export const lockName = (cell: string): string => {
  const [, , page = ""] = cell.split("/");
  return lockTerm(cell) === PAGE_LOCK ? t("lock_of_page", { page }) : lockTerm(cell);
};

const PAGE_LOCK = "page lock";

// A lock as the glossary spells it, whatever the language.
export function lockTerm(cell: string): string {
  const [, kind = ""] = cell.split("/");
  return kind === "page" ? PAGE_LOCK : kind === "mmlist" ? "mmlist_lock" : kind;
}

// "write 0x7000a", what an access reached, in words.
export function sawWords(saw: string): string {
  const [verb, frame = ""] = saw.split(" ");
  return verb === "write" ? t("saw_write", { frame }) : t("saw_read", { frame });
}

export const VM: Record<string, number> = {
  VM_READ: 0x1, VM_WRITE: 0x2, VM_EXEC: 0x4, VM_SHARED: 0x8, VM_MAYREAD: 0x10, VM_MAYWRITE: 0x20,
  VM_MAYEXEC: 0x40, VM_MAYSHARE: 0x80, VM_PFNMAP: 0x400, VM_LOCKED: 0x2000, VM_IO: 0x4000,
  VM_DONTCOPY: 0x20000, VM_RESERVED: 0x80000, VM_INSERTPAGE: 0x2000000,
};

export const flagNames = (flags: bigint): string[] =>
  Object.keys(VM).filter((name) => (flags & BigInt(VM[name]!)) !== 0n);

export const rights = (flags: bigint): string =>
  (flags & 1n ? "r" : "-") + (flags & 2n ? "w" : "-") + (flags & 4n ? "x" : "-") + (flags & 8n ? "s" : "p");
