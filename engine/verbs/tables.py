"""What the page-table and TLB ops do."""

from __future__ import annotations

from engine.model import pte as bits
from engine.model.cells import TLB, Machine
from engine.verbs.world import World, fails, new_page, page_cell, pmd_cell, pte_cell, tlb_cell, verb

LOW_WORD = (1 << 32) - 1


@verb
def read_pmd(m: Machine, w: World, t: str, mm: str, address: int) -> int:
    return m.look(pmd_cell(w, mm, address)) or 0


@verb
def pte_alloc_one(m: Machine, w: World, t: str, mm: str, address: int) -> int | None:
    return None if fails(m, w, "pte_alloc_one") else new_page(m, "pagetable")


@verb
def pmd_populate(m: Machine, w: World, t: str, mm: str, address: int, page: int) -> None:
    m.put(pmd_cell(w, mm, address), page)


@verb
def pte_free(m: Machine, w: World, t: str, page: int) -> None:
    m.put(page_cell(page, "count"), 0)
    m.put(page_cell(page, "kind"), "free")


@verb
def pte_offset_map(m: Machine, w: World, t: str, mm: str, address: int) -> None:
    m.look(pmd_cell(w, mm, address))


@verb
def pte_unmap(m: Machine, w: World, t: str, address: int) -> None:
    """Nothing to do without CONFIG_HIGHPTE."""


@verb
def read_pte(m: Machine, w: World, t: str, mm: str, address: int) -> int:
    return m.look(pte_cell(mm, address)) or 0


@verb
def set_pte_high(m: Machine, w: World, t: str, mm: str, address: int, pte: int) -> None:
    cell = pte_cell(mm, address)
    m.put(cell, pte & ~LOW_WORD | m.get(cell, 0) & LOW_WORD)


@verb
def set_pte_at(m: Machine, w: World, t: str, mm: str, address: int, pte: int) -> None:
    m.put(pte_cell(mm, address), pte)


@verb
def ptep_establish(m: Machine, w: World, t: str, mm: str, address: int, pte: int) -> None:
    m.put(pte_cell(mm, address), pte)


@verb
def ptep_set_access_flags(m: Machine, w: World, t: str, mm: str, address: int, pte: int) -> None:
    cell = pte_cell(mm, address)
    m.put(cell, m.get(cell, 0) & ~LOW_WORD | pte & LOW_WORD if w.arch.two_stores else pte)


@verb
def ptep_set_wrprotect(m: Machine, w: World, t: str, mm: str, address: int) -> int:
    cell = pte_cell(mm, address)
    m.put(cell, bits.pte_wrprotect(m.look(cell)))
    return int(m[cell])


@verb
def ptep_get_and_clear(m: Machine, w: World, t: str, mm: str, address: int) -> int:
    cell = pte_cell(mm, address)
    pte = m.look(cell) or 0
    m.put(cell, pte & ~LOW_WORD if w.arch.two_stores else 0)
    return int(pte)


@verb
def pte_clear_high(m: Machine, w: World, t: str, mm: str, address: int) -> None:
    cell = pte_cell(mm, address)
    m.put(cell, m.get(cell, 0) & LOW_WORD)


@verb
def ptep_clear_flush(m: Machine, w: World, t: str, mm: str, address: int) -> None:
    cell = pte_cell(mm, address)
    m.put(cell, (m.look(cell) or 0) & ~LOW_WORD if w.arch.two_stores else 0)


@verb
def print_bad_pte(m: Machine, w: World, t: str, mm: str, address: int, pte: int) -> None:
    m.add("log/bad_pte", 1)


def _flush(m: Machine, w: World, mm: str, address: int) -> None:
    for cpu in range(w.cpus):
        cell = tlb_cell(cpu, address)
        entry = m.look(cell)
        if entry and entry[0] == mm:
            m.put(cell, None)


@verb
def flush_tlb_page(m: Machine, w: World, t: str, mm: str, address: int) -> None:
    _flush(m, w, mm, address)


@verb
def flush_tlb_range(m: Machine, w: World, t: str, mm: str, start: int, end: int) -> None:
    """x86 has no instruction for a range and drops all of the mm's (asm-i386/tlbflush.h)."""
    flush_tlb_mm(m, w, t, mm)


@verb
def flush_tlb_mm(m: Machine, w: World, t: str, mm: str) -> None:
    for cell in [c for c, entry in m.under(TLB) if entry[0] == mm]:
        m.seen.append(cell)
        m.put(cell, None)


@verb
def tlb_remove_tlb_entry(m: Machine, w: World, t: str, mm: str, address: int) -> None:
    """The flush comes with tlb_finish_mmu."""


@verb
def tlb_finish_mmu(m: Machine, w: World, t: str, mm: str) -> None:
    flush_tlb_mm(m, w, t, mm)


@verb
def update_mmu_cache(m: Machine, w: World, t: str, mm: str, address: int) -> None:
    """Nothing on x86."""
