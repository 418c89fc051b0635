"""Re: [patch] do_no_pfn handler, Jes Sorensen, 12 April 2006, reposted on the 19th.

After Linus Torvalds' mail of the 11th: no COW mappings, and no guessing errors from a sign.
"""

from engine.kernels import nopfn_v3
from engine.kernels.linux_2_6_17.codes import (
    NOPFN_OOM,
    NOPFN_SIGBUS,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
)
from engine.kernels.linux_2_6_17.nopage import maybe_mkwrite
from engine.model.pte import PAGE_MASK, pte_mkdirty, pte_none
from engine.model.vma import VM_PFNMAP, is_cow_mapping
from engine.ops import BUG_ON, pte_unmap, read_pte, spin_unlock


def do_no_pfn(k, mm, vma, address, write_access):
    """Map the frame that the driver names; refuse COW mappings; two pfns mean errors.

    Source: mm/memory.c in the posting of 2006-04-12 09:09. The driver returns a long, compared as
    unsigned long, and has no way to change ret any more.
    """
    yield pte_unmap(address)
    yield BUG_ON(not vma.flags & VM_PFNMAP, "VM_PFNMAP missing (do_no_pfn)")
    yield BUG_ON(is_cow_mapping(vma.flags), "COW mapping (do_no_pfn)")

    pfn, _ = yield from k.nopfn(vma, address & PAGE_MASK)
    pfn = k.as_unsigned_long(k.as_long(pfn))
    if pfn == k.as_unsigned_long(NOPFN_OOM):
        return VM_FAULT_OOM
    if pfn == k.as_unsigned_long(NOPFN_SIGBUS):
        return VM_FAULT_SIGBUS

    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield read_pte(mm, address)
    if pte_none(pte):
        entry = k.pfn_pte(pfn, vma.prot)
        if write_access:
            entry = maybe_mkwrite(pte_mkdirty(entry), vma)
        yield from k.set_pte_at(mm, address, entry)
    yield spin_unlock(ptl)
    return VM_FAULT_MINOR


KERNEL = nopfn_v3.KERNEL.revise("nopfn-v4", "2006-04-12", "v4: no COW, two error values", do_no_pfn)
