"""Storing ptes as the arch does: in one store, or in two halves with PAE.

Sources: include/asm-i386/pgtable-2level.h, pgtable-3level.h, include/asm-generic/pgtable.h, 2.6.17.
"""

from engine import ops


def set_pte_at(k, mm, address, pte):
    """Store a pte. With PAE the high half goes first, so the entry is not valid half-written."""
    if k.arch.two_stores:
        yield ops.set_pte_high(mm, address, pte)
    yield ops.set_pte_at(mm, address, pte)


def ptep_establish(k, mm, address, pte):
    """Replace a present pte and flush it: one store, with PAE too (set_pte_atomic, 2.6.17)."""
    yield ops.ptep_establish(mm, address, pte)
    yield ops.flush_tlb_page(mm, address)


def ptep_set_access_flags(k, mm, address, pte, dirty):
    """Loosen a present pte; i386 stores and flushes only if `dirty` (asm-i386/pgtable.h)."""
    if dirty:
        yield ops.ptep_set_access_flags(mm, address, pte)
        yield ops.flush_tlb_page(mm, address)


def ptep_get_and_clear(k, mm, address):
    """Take a pte out: with PAE the low half by an atomic exchange, then the high half."""
    pte = yield ops.ptep_get_and_clear(mm, address)
    if k.arch.two_stores:
        yield ops.pte_clear_high(mm, address)
    return pte


def pte_offset_map_lock(k, mm, address):
    """Map the page-table page and take its lock; answers the lock."""
    ptl = ops.ptl_of(k.arch, mm, address)
    yield ops.spin_lock(ptl)
    return ptl
