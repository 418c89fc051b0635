"""mprotect: new rights for a mapping and for the ptes that are there already."""

from engine.kernels.linux_2_6_17.codes import EACCES
from engine.model.pte import PAGE_SIZE, pte_present
from engine.model.vma import VM_EXEC, VM_READ, VM_WRITE
from engine.ops import (
    down_write,
    flush_tlb_range,
    read_pmd,
    read_pte,
    read_vma,
    set_vma_flags,
    spin_unlock,
    up_write,
)


def sys_mprotect(k, mm, vma_id, rights):
    """Change a whole vma's rights (mm/mprotect.c sys_mprotect, mprotect_fixup, 2.6.17).

    rights: VM_READ, VM_WRITE, VM_EXEC or'ed; each needs its VM_MAY flag, four bits up. Splitting
    and merging vmas is not modelled yet.
    """
    yield down_write(mm)
    vma = yield read_vma(mm, vma_id)
    flags = vma.flags & ~(VM_READ | VM_WRITE | VM_EXEC) | rights
    if flags & ~(flags >> 4) & (VM_READ | VM_WRITE | VM_EXEC):
        yield up_write(mm)
        return -EACCES
    if flags == vma.flags:
        yield up_write(mm)
        return 0
    yield set_vma_flags(mm, vma_id, flags)
    vma = yield read_vma(mm, vma_id)
    yield from k.change_protection(mm, vma)
    yield up_write(mm)
    return 0


def change_protection(k, mm, vma):
    """All of the vma's ptes, then one flush (mm/mprotect.c change_protection, 2.6.17)."""
    address = vma.start
    while address < vma.end:
        end = min(vma.end, k.next_table(address))
        page = yield read_pmd(mm, address)
        if page:
            yield from k.change_pte_range(mm, vma, address, end)
        address = end
    yield flush_tlb_range(mm, vma.start, vma.end)


def change_pte_range(k, mm, vma, address, end):
    """Present ptes get the new rights (mm/mprotect.c change_pte_range, 2.6.17)."""
    ptl = yield from k.pte_offset_map_lock(mm, address)
    while address < end:
        pte = yield read_pte(mm, address)
        if pte_present(pte):
            pte = yield from k.ptep_get_and_clear(mm, address)
            yield from k.set_pte_at(mm, address, k.pte_modify(pte, vma.prot))
        address += PAGE_SIZE
    yield spin_unlock(ptl)
