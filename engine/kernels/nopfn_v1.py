"""[patch] do_no_pfn handler, Jes Sorensen, 3 April 2006, linux-kernel: the first posting."""

from engine.kernels import linux_2_6_17
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
    """Read the pte once, without the lock, and dispatch: nopfn before nopage.

    Source: mm/memory.c in the posting of 2006-04-03 11:32.
    """
    entry = yield read_pte(mm, address)
    if not pte_present(entry):
        if pte_none(entry):
            if not vma.vm_ops or (not vma.vm_ops.nopage and not vma.vm_ops.nopfn):
                return (yield from k.do_anonymous_page(mm, vma, address, write_access))
            if vma.vm_ops.nopfn:
                return (yield from k.do_no_pfn(mm, vma, address, write_access))
            return (yield from k.do_no_page(mm, vma, address, write_access))
        if pte_file(entry):
            return (yield from k.do_file_page(mm, vma, address, write_access, entry))
        return (yield from k.do_swap_page(mm, vma, address, write_access, entry))
    return (yield from k.handle_present_pte(mm, vma, address, write_access, entry))


def do_no_pfn(k, mm, vma, address, write_access):
    """Map the frame that the driver names, without a struct page.

    Source: mm/memory.c in the posting of 2006-04-03 11:32. pfn is a signed long; the driver may
    change ret; the pte is stored without a second look.
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
    entry = k.pfn_pte(pfn, vma.prot)
    if write_access:
        entry = maybe_mkwrite(pte_mkdirty(entry), vma)
    yield from k.set_pte_at(mm, address, entry)
    yield spin_unlock(ptl)
    return ret


KERNEL = linux_2_6_17.KERNEL.revise(
    "nopfn-v1",
    "2006-04-03",
    "v1: the posting that the story starts with",
    handle_pte_fault,
    do_no_pfn,
)
