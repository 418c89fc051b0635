"""Unmapping a range: munmap and truncate end here."""

from engine.model.pte import PAGE_SIZE, pte_dirty, pte_file, pte_none, pte_present
from engine.ops import (
    add_mm_counter,
    bump_truncate_count,
    down_write,
    put_page,
    read_page_anon,
    read_pmd,
    read_pte,
    read_vma,
    read_vmas,
    set_page_dirty,
    set_pte_at,
    spin_unlock,
    swap_free,
    tlb_finish_mmu,
    tlb_remove_page,
    tlb_remove_tlb_entry,
    up_write,
)
from engine.ops import free_page as free_page_op


def zap_under_mmap_sem(k, mm, vma_id, start, end):
    """For do_munmap: its zap, under mmap_sem; the vma itself stays (mm/mmap.c, 2.6.17)."""
    yield down_write(mm)
    vma = yield read_vma(mm, vma_id)
    yield from k.zap_page_range(mm, vma, start, end, False)
    yield up_write(mm)


def unmap_mapping_range(k, mm, vma_id, start, end):
    """What truncate does to the ptes: count, then zap, without mmap_sem (mm/memory.c, 2.6.17).

    i_size and the page cache stay as they are, so a refault finds the same page.
    """
    vma = yield read_vma(mm, vma_id)
    if vma.file:
        yield bump_truncate_count(vma.file)
    yield from k.zap_page_range(mm, vma, start, end, True)


def exit_mmap(k, mm):
    """Zap every vma of an mm that nobody uses, with one flush (mm/mmap.c exit_mmap, 2.6.17).

    mmput comes here for the half copy that dup_mm has made when dup_mmap fails (kernel/fork.c). The
    page tables are not freed.
    """
    vmas = yield read_vmas(mm)
    gathered = ()
    while vmas:
        vma, vmas = vmas[0], vmas[1:]
        address = vma.start
        while address < vma.end:
            stop = min(vma.end, k.next_table(address))
            page = yield read_pmd(mm, address)
            if page:
                more = yield from k.zap_pte_range(mm, vma, address, stop, False)
                gathered += more
            address = stop
    yield tlb_finish_mmu(mm)
    while gathered:
        page, gathered = gathered[0], gathered[1:]
        count = yield put_page(page)
        if count == 0:
            yield free_page_op(page)


def zap_page_range(k, mm, vma, start, end, details):
    """Clear the ptes, flush, and only then free the pages (mm/memory.c zap_page_range, 2.6.17)."""
    gathered = ()
    address = start
    while address < end:
        stop = min(end, k.next_table(address))
        page = yield read_pmd(mm, address)
        if page:
            more = yield from k.zap_pte_range(mm, vma, address, stop, details)
            gathered += more
        address = stop
    yield tlb_finish_mmu(mm)
    while gathered:
        page, gathered = gathered[0], gathered[1:]
        count = yield put_page(page)
        if count == 0:
            yield free_page_op(page)


def zap_pte_range(k, mm, vma, address, end, details):
    """Clear one page-table page's ptes; answers the pages to free (mm/memory.c, 2.6.17).

    details: the rows' truncate, which leaves swap entries alone; vmtruncate frees these too.
    """
    gathered = ()
    anon = file = 0
    ptl = yield from k.pte_offset_map_lock(mm, address)
    while address < end:
        pte = yield read_pte(mm, address)
        if pte_present(pte):
            page = yield from k.zap_present_pte(mm, vma, address, pte)
            if page is not None:
                was_anon = yield read_page_anon(page)
                anon -= was_anon
                file -= not was_anon
                gathered += (page,)
        elif not pte_none(pte) and not details:
            if not pte_file(pte):
                yield swap_free(k.swp_slot(pte))
            yield set_pte_at(mm, address, 0)
        address += PAGE_SIZE
    if file:
        yield add_mm_counter(mm, "file", file)
    if anon:
        yield add_mm_counter(mm, "anon", anon)
    yield spin_unlock(ptl)
    return gathered


def zap_present_pte(k, mm, vma, address, pte):
    """Part of zap_pte_range: one mapped page; None for a raw pfn (mm/memory.c, 2.6.17)."""
    page = yield from k.vm_normal_page(mm, vma, address, pte)
    pte = yield from k.ptep_get_and_clear(mm, address)
    yield tlb_remove_tlb_entry(mm, address)
    if page is None:
        return None
    anon = yield read_page_anon(page)
    if not anon and pte_dirty(pte):
        yield set_page_dirty(page)
    yield from k.page_remove_rmap(page)
    yield tlb_remove_page(page)
    return page
