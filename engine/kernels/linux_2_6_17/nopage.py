"""Filling an empty pte: from a file, from nothing, or from a remembered file offset."""

from engine.kernels.linux_2_6_17.codes import (
    ENOMEM,
    NOPAGE_OOM,
    NOPAGE_SIGBUS,
    VM_FAULT_MAJOR,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
    ZERO_PAGE,
)
from engine.model.pte import PAGE_MASK, pte_mkdirty, pte_mkwrite, pte_none
from engine.model.vma import VM_NONLINEAR, VM_PFNMAP, VM_SHARED, VM_WRITE
from engine.ops import (
    BUG_ON,
    add_mm_counter,
    alloc_page_vma,
    alloc_zeroed_user_highpage,
    anon_vma_prepare,
    copy_user_highpage,
    free_page,
    get_page,
    install_nonlinear,
    lru_cache_add_active,
    page_add_file_rmap,
    page_add_new_anon_rmap,
    print_bad_pte,
    pte_unmap,
    put_page,
    read_pte,
    read_truncate_count,
    spin_unlock,
    update_mmu_cache,
)


def maybe_mkwrite(pte, vma):
    """Writable only if the vma is: ptrace may write to a read-only one (mm/memory.c, 2.6.17)."""
    return pte_mkwrite(pte) if vma.flags & VM_WRITE else pte


def do_no_page(k, mm, vma, address, write_access):
    """Ask the file for the page and map it (mm/memory.c do_no_page, 2.6.17).

    A private write copies early, before the page was ever mapped. truncate_count tells whether the
    page was truncated away meanwhile; then all is done again.
    """
    yield pte_unmap(address)
    yield BUG_ON(bool(vma.flags & VM_PFNMAP), "VM_PFNMAP set (do_no_page)")
    sequence = 0
    anon = False
    while True:
        if vma.file:
            sequence = yield read_truncate_count(vma.file)
        page, ret = yield from k.nopage(vma, address & PAGE_MASK)
        if page == NOPAGE_SIGBUS:
            return VM_FAULT_SIGBUS
        if page == NOPAGE_OOM:
            return VM_FAULT_OOM

        if write_access and not vma.flags & VM_SHARED:
            page = yield from k.early_cow(mm, vma, address, page)
            if page is None:
                return VM_FAULT_OOM
            anon = True

        ptl = yield from k.pte_offset_map_lock(mm, address)
        if vma.file:
            count = yield read_truncate_count(vma.file)
            if count != sequence:
                yield spin_unlock(ptl)
                yield from k.page_cache_release(page)
                continue
        break

    pte = yield read_pte(mm, address)
    if pte_none(pte):
        entry = k.pfn_pte(page, vma.prot)
        if write_access:
            entry = maybe_mkwrite(pte_mkdirty(entry), vma)
        yield from k.set_pte_at(mm, address, entry)
        if anon:
            yield add_mm_counter(mm, "anon", 1)
            yield lru_cache_add_active(page)
            yield page_add_new_anon_rmap(page, vma.id, address)
        else:
            yield add_mm_counter(mm, "file", 1)
            yield page_add_file_rmap(page)
    else:
        yield from k.page_cache_release(page)
        yield spin_unlock(ptl)
        return ret
    yield update_mmu_cache(mm, address)
    yield spin_unlock(ptl)
    return ret


def early_cow(k, mm, vma, address, page):
    """Part of do_no_page, its private write: a copy, or None (mm/memory.c, 2.6.17)."""
    prepared = yield anon_vma_prepare(mm, vma.id)
    if prepared is None:
        yield from k.page_cache_release(page)
        return None
    copy = yield alloc_page_vma(mm, address)
    if copy is None:
        yield from k.page_cache_release(page)
        return None
    yield copy_user_highpage(copy, page, address)
    yield from k.page_cache_release(page)
    return copy


def do_anonymous_page(k, mm, vma, address, write_access):
    """Nobody provides the page: zeroes (mm/memory.c do_anonymous_page, 2.6.17).

    A write gets a page of its own; a read shares ZERO_PAGE, read-only unless vm_page_prot says
    otherwise. Counters move before the pte is set, unlike in do_no_page.
    """
    if write_access:
        yield pte_unmap(address)
        prepared = yield anon_vma_prepare(mm, vma.id)
        if prepared is None:
            return VM_FAULT_OOM
        page = yield alloc_zeroed_user_highpage(mm, address)
        if page is None:
            return VM_FAULT_OOM
        entry = maybe_mkwrite(pte_mkdirty(k.pfn_pte(page, vma.prot)), vma)
    else:
        page = ZERO_PAGE
        yield get_page(page)
        entry = k.pfn_pte(page, vma.prot)

    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield read_pte(mm, address)
    if not pte_none(pte):
        yield from k.page_cache_release(page)
        yield spin_unlock(ptl)
        return VM_FAULT_MINOR
    if write_access:
        yield add_mm_counter(mm, "anon", 1)
        yield lru_cache_add_active(page)
        yield page_add_new_anon_rmap(page, vma.id, address)
    else:
        yield add_mm_counter(mm, "file", 1)
        yield page_add_file_rmap(page)
    yield from k.set_pte_at(mm, address, entry)
    yield update_mmu_cache(mm, address)
    yield spin_unlock(ptl)
    return VM_FAULT_MINOR


def do_file_page(k, mm, vma, address, write_access, orig_pte):
    """The pte remembers a file offset: ask ->populate (mm/memory.c do_file_page, 2.6.17)."""
    same = yield from k.pte_unmap_same(mm, address, orig_pte)
    if not same:
        return VM_FAULT_MINOR
    if not vma.flags & VM_NONLINEAR:
        yield print_bad_pte(mm, address, orig_pte)
        return VM_FAULT_OOM
    error = yield install_nonlinear(mm, vma.id, address & PAGE_MASK)
    if error == -ENOMEM:
        return VM_FAULT_OOM
    if error:
        return VM_FAULT_SIGBUS
    return VM_FAULT_MAJOR


def page_cache_release(k, page):
    """put_page; the last reference frees the page (mm/swap.c put_page, 2.6.17)."""
    count = yield put_page(page)
    if count == 0:
        yield free_page(page)
