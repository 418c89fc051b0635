"""Linux 2.6.20, 4 February 2007: as 2.6.19, as far as modelled, but for the swap token."""

from engine.kernels import linux_2_6_19
from engine.kernels.linux_2_6_17.codes import (
    VM_FAULT_MAJOR,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
)
from engine.kernels.linux_2_6_17.nopage import maybe_mkwrite
from engine.model.pte import pte_mkdirty, pte_same
from engine.ops import (
    add_mm_counter,
    can_share_swap_page,
    grab_swap_token,
    lock_page,
    lookup_swap_cache,
    page_add_anon_rmap,
    read_page_uptodate,
    read_pte,
    read_swap_cache_async,
    spin_unlock,
    swap_free,
    swapin_readahead,
    unlock_page,
    update_mmu_cache,
)


def do_swap_page(k, mm, vma, address, write_access, orig_pte):
    """The pte names a swap slot (mm/memory.c do_swap_page, 2.6.20).

    New here: the thread asks for the swap token before it reads, not after.
    """
    same = yield from k.pte_unmap_same(mm, address, orig_pte)
    if not same:
        return VM_FAULT_MINOR
    slot = k.swp_slot(orig_pte)
    ret = VM_FAULT_MINOR
    page = yield lookup_swap_cache(slot)
    if page is None:
        yield grab_swap_token(mm)
        yield swapin_readahead(slot)
        page = yield read_swap_cache_async(slot, mm, address)
        if page is None:
            ptl = yield from k.pte_offset_map_lock(mm, address)
            pte = yield read_pte(mm, address)
            yield spin_unlock(ptl)
            return VM_FAULT_OOM if pte_same(pte, orig_pte) else VM_FAULT_MINOR
        ret = VM_FAULT_MAJOR
    yield lock_page(page)

    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield read_pte(mm, address)
    uptodate = False
    if pte_same(pte, orig_pte):
        uptodate = yield read_page_uptodate(page)
    if not uptodate:
        yield spin_unlock(ptl)
        yield unlock_page(page)
        yield from k.page_cache_release(page)
        return VM_FAULT_SIGBUS if pte_same(pte, orig_pte) else ret

    yield add_mm_counter(mm, "anon", 1)
    entry = k.pfn_pte(page, vma.prot)
    if write_access:
        alone = yield can_share_swap_page(page)
        if alone:
            entry = maybe_mkwrite(pte_mkdirty(entry), vma)
            write_access = False
    yield from k.set_pte_at(mm, address, entry)
    yield page_add_anon_rmap(page, vma.id, address)
    yield swap_free(slot)
    yield unlock_page(page)
    if write_access:
        again = yield from k.do_wp_page(mm, vma, address, ptl, entry)
        return VM_FAULT_OOM if again == VM_FAULT_OOM else ret
    yield update_mmu_cache(mm, address)
    yield spin_unlock(ptl)
    return ret


KERNEL = linux_2_6_19.KERNEL.revise(
    "2.6.20", "2007-02-04", "Linux 2.6.20: as 2.6.19, swap token earlier", do_swap_page
)
