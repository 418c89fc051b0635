// What the CPUs' TLBs hold of the page in focus, and whether that is still true.
import { decodePte, hex, pteCell, vpn } from "./format";
import type { Pte } from "./format";
import type { Player } from "./player";
import type { TlbEntry, Trace } from "./types";

export const cpus = (run: Trace | null): number[] => [...new Set(run?.threads.map((t) => t.cpu) ?? [])].sort();

function tlbEntries({ focus, cells, trace }: Player): [cpu: number, entry: TlbEntry][] {
  const at = focus.value;
  if (!at) return [];
  const found: [number, TlbEntry][] = [];
  for (const cpu of cpus(trace.value)) {
    const entry = cells.value.get(`tlb/${cpu}/${hex(vpn(at.address))}`) as TlbEntry | undefined;
    if (entry && entry.mm === at.mm) found.push([cpu, entry]);
  }
  return found;
}

// A frame that no pte names any more, but a TLB still does.
export function stalePfn(player: Player, now: Pte): string | null {
  for (const [, entry] of tlbEntries(player)) if (!now.present || entry.pfn !== now.pfn) return entry.pfn;
  return null;
}

export function isStale({ cells, trace }: Player, entry: TlbEntry, address: string): boolean {
  const pte = decodePte(cells.value.get(pteCell(entry.mm, address)), trace.value!.arch);
  return !pte.present || pte.pfn !== entry.pfn || (entry.rw === 1 && !pte.writable);
}
