"""Bringing a page back from swap."""

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
    pte_unmap,
    read_page_uptodate,
    read_pte,
    read_swap_cache_async,
    spin_unlock,
    swap_free,
    swapin_readahead,
    unlock_page,
    update_mmu_cache,
)


def pte_unmap_same(k, mm, address, orig_pte):
    """Whether the pte read without the lock was whole (mm/memory.c pte_unmap_same, 2.6.17).

    Only where a pte is wider than a word (PAE) can the read have been torn; then look again locked.
    """
    same = True
    if k.arch.two_stores:
        ptl = yield from k.pte_offset_map_lock(mm, address)
        pte = yield read_pte(mm, address)
        same = pte_same(pte, orig_pte)
        yield spin_unlock(ptl)
    yield pte_unmap(address)
    return same


def do_swap_page(k, mm, vma, address, write_access, orig_pte):
    """The pte names a swap slot (mm/memory.c do_swap_page, 2.6.17).

    A miss in the swap cache returns MAJOR even if another thread then wins the race for the pte.
    Nothing takes a page out of the swap cache here, so that it need not be looked for again.
    """
    same = yield from k.pte_unmap_same(mm, address, orig_pte)
    if not same:
        return VM_FAULT_MINOR
    slot = k.swp_slot(orig_pte)
    ret = VM_FAULT_MINOR
    page = yield lookup_swap_cache(slot)
    if page is None:
        yield swapin_readahead(slot)
        page = yield read_swap_cache_async(slot, mm, address)
        if page is None:
            ptl = yield from k.pte_offset_map_lock(mm, address)
            pte = yield read_pte(mm, address)
            yield spin_unlock(ptl)
            return VM_FAULT_OOM if pte_same(pte, orig_pte) else VM_FAULT_MINOR
        ret = VM_FAULT_MAJOR
        yield grab_swap_token(mm)
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
