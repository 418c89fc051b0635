"""Re: [patch] do_no_pfn handler, Jes Sorensen, 5 April 2006, reposted on the 11th.

What Nick Piggin asked for: nopage first, and a second look under the lock.
"""

from engine.kernels import nopfn_v2
from engine.kernels.linux_2_6_17.codes import (
    EFAULT,
    ENOMEM,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
)
from engine.kernels.linux_2_6_17.nopage import maybe_mkwrite
from engine.model.pte import PAGE_MASK, pte_file, pte_mkdirty, pte_none, pte_present
from engine.model.vma import VM_PFNMAP
from engine.ops import BUG_ON, pte_unmap, read_pte, spin_unlock


def handle_pte_fault(k, mm, vma, address, write_access):
    """Read the pte once, without the lock, and dispatch: nopage first, it is the common one.

    Source: mm/memory.c in the posting of 2006-04-05 09:34.
    """
    entry = yield read_pte(mm, address)
    if not pte_present(entry):
        if pte_none(entry):
            if vma.vm_ops:
                if vma.vm_ops.nopage:
                    return (yield from k.do_no_page(mm, vma, address, write_access))
                if vma.vm_ops.nopfn:
                    return (yield from k.do_no_pfn(mm, vma, address, write_access))
            return (yield from k.do_anonymous_page(mm, vma, address, write_access))
        if pte_file(entry):
            return (yield from k.do_file_page(mm, vma, address, write_access, entry))
        return (yield from k.do_swap_page(mm, vma, address, write_access, entry))
    return (yield from k.handle_present_pte(mm, vma, address, write_access, entry))


def do_no_pfn(k, mm, vma, address, write_access):
    """Map the frame that the driver names, unless another thread filled the pte meanwhile.

    Source: mm/memory.c in the posting of 2006-04-05 09:34. The loser's pfn is dropped silently.
    """
    yield pte_unmap(address)
    yield BUG_ON(not vma.flags & VM_PFNMAP, "VM_PFNMAP missing (do_no_pfn)")

    pfn, type = yield from k.nopfn(vma, address & PAGE_MASK)
    ret = VM_FAULT_MINOR if type is None else type
    pfn = k.as_long(pfn)
    if pfn == -ENOMEM:
        return VM_FAULT_OOM
    if pfn == -EFAULT:
        return VM_FAULT_SIGBUS
    if pfn < 0:
        return VM_FAULT_SIGBUS

    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield read_pte(mm, address)
    if pte_none(pte):
        entry = k.pfn_pte(pfn, vma.prot)
        if write_access:
            entry = maybe_mkwrite(pte_mkdirty(entry), vma)
        yield from k.set_pte_at(mm, address, entry)
    yield spin_unlock(ptl)
    return ret


KERNEL = nopfn_v2.KERNEL.revise(
    "nopfn-v3",
    "2006-04-05",
    "v3: nopage first, recheck under the lock",
    handle_pte_fault,
    do_no_pfn,
)
