"""remap_pfn_range: a driver maps device frames in one go, at mmap time."""

from engine.kernels.linux_2_6_17.codes import EINVAL, ENOMEM
from engine.model.pte import PAGE_SHIFT, PAGE_SIZE, pte_none
from engine.model.vma import VM_IO, VM_PFNMAP, VM_RESERVED, is_cow_mapping
from engine.ops import (
    BUG_ON,
    down_write,
    read_pmd,
    read_pte,
    read_vma,
    set_vma_flags,
    set_vma_pgoff,
    spin_unlock,
    up_write,
)


def mmap_remap(k, mm, vma_id, pfn, size):
    """For mmap_mem, a driver's mmap under mmap_sem (drivers/char/mem.c, 2.6.17).

    mmap_mem turns every failure into -EAGAIN; here the error shows as it is.
    """
    yield down_write(mm)
    vma = yield read_vma(mm, vma_id)
    error = yield from k.remap_pfn_range(mm, vma, vma.start, pfn, size)
    yield up_write(mm)
    return error


def remap_pfn_range(k, mm, vma, address, pfn, size):
    """Map consecutive frames (mm/memory.c remap_pfn_range, 2.6.17).

    A COW mapping must be mapped whole, and its vm_pgoff becomes the first pfn: that is how
    vm_normal_page later tells the original frames from copies.
    """
    end = address + size
    if is_cow_mapping(vma.flags):
        if address != vma.start or end != vma.end:
            return -EINVAL
        yield set_vma_pgoff(mm, vma.id, pfn)
    yield set_vma_flags(mm, vma.id, vma.flags | VM_IO | VM_RESERVED | VM_PFNMAP)
    pfn -= address >> PAGE_SHIFT
    while address < end:
        stop = min(end, k.next_table(address))
        error = yield from k.remap_pte_range(mm, vma, address, stop, pfn)
        if error:
            return error
        address = stop
    return 0


def remap_pte_range(k, mm, vma, address, end, pfn):
    """Fill one page-table page; nothing may be there yet (mm/memory.c remap_pte_range, 2.6.17)."""
    page = yield read_pmd(mm, address)
    if not page:
        error = yield from k.__pte_alloc(mm, address)
        if error:
            return -ENOMEM
    ptl = yield from k.pte_offset_map_lock(mm, address)
    while address < end:
        pte = yield read_pte(mm, address)
        if not pte_none(pte):
            yield BUG_ON(True, "remap_pfn_range over a pte that is not none")
        entry = k.pfn_pte(pfn + (address >> PAGE_SHIFT), vma.prot)
        yield from k.set_pte_at(mm, address, entry)
        address += PAGE_SIZE
    yield spin_unlock(ptl)
    return 0
