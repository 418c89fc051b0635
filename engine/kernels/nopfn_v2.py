"""Re: [patch] do_no_pfn handler, Jes Sorensen, 4 April 2006: regrouped as Ingo Oeser suggested."""

from engine.kernels import nopfn_v1
from engine.model.pte import pte_file, pte_none, pte_present
from engine.ops import read_pte


def handle_pte_fault(k, mm, vma, address, write_access):
    """Read the pte once, without the lock, and dispatch: the same answers as v1, easier to read.

    Source: mm/memory.c in the posting of 2006-04-04 10:58.
    """
    entry = yield read_pte(mm, address)
    if not pte_present(entry):
        if pte_none(entry):
            if vma.vm_ops:
                if vma.vm_ops.nopfn:
                    return (yield from k.do_no_pfn(mm, vma, address, write_access))
                if vma.vm_ops.nopage:
                    return (yield from k.do_no_page(mm, vma, address, write_access))
            return (yield from k.do_anonymous_page(mm, vma, address, write_access))
        if pte_file(entry):
            return (yield from k.do_file_page(mm, vma, address, write_access, entry))
        return (yield from k.do_swap_page(mm, vma, address, write_access, entry))
    return (yield from k.handle_present_pte(mm, vma, address, write_access, entry))


KERNEL = nopfn_v1.KERNEL.revise(
    "nopfn-v2", "2006-04-04", "v2: the dispatch regrouped", handle_pte_fault
)
