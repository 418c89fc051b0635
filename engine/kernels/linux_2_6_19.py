"""Linux 2.6.19, 29 November 2006: do_no_pfn is merged, and shared dirty pages are tracked."""

from engine.kernels import linux_2_6_18, nopfn_v3, nopfn_v5
from engine.kernels.linux_2_6_17.codes import (
    EACCES,
    NOPAGE_OOM,
    NOPAGE_REFAULT,
    NOPAGE_SIGBUS,
    VM_FAULT_MAJOR,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
    VM_FAULT_WRITE,
)
from engine.kernels.linux_2_6_17.nopage import maybe_mkwrite
from engine.model.pte import (
    PAGE_MASK,
    PAGE_SIZE,
    pte_dirty,
    pte_file,
    pte_mkclean,
    pte_mkdirty,
    pte_mkold,
    pte_mkwrite,
    pte_none,
    pte_present,
    pte_same,
    pte_wrprotect,
)
from engine.model.vma import (
    VM_EXEC,
    VM_INSERTPAGE,
    VM_PFNMAP,
    VM_READ,
    VM_SHARED,
    VM_WRITE,
    is_cow_mapping,
)
from engine.ops import (
    BUG,
    BUG_ON,
    MMLIST_LOCK,
    add_mm_counter,
    count_fault,
    do_exit,
    down_read,
    down_write,
    find_vma,
    flush_tlb_page,
    flush_tlb_range,
    force_sig,
    get_page,
    lru_cache_add_active,
    mapping_cap_account_dirty,
    page_add_file_rmap,
    page_add_new_anon_rmap,
    page_dup_rmap,
    pte_clear_high,
    pte_unmap,
    ptep_clear_flush,
    ptep_set_wrprotect,
    read_page_anon,
    read_pmd,
    read_pte,
    read_truncate_count,
    read_vma,
    set_page_dirty_balance,
    set_vma_flags,
    set_vma_prot,
    spin_lock,
    spin_unlock,
    swap_duplicate,
    up_read,
    up_write,
    update_mmu_cache,
)


def do_page_fault(k, mm, address, error_code):
    """Enter from the exception, find the vma, check the access, count or signal.

    Source: arch/i386/mm/fault.c do_page_fault, 2.6.19. New here: the right to write implies the
    right to read, so a read of a write-only mapping is no SIGSEGV any more.
    """
    yield down_read(mm)
    vma = yield find_vma(mm, address)
    if vma is None:
        yield up_read(mm)
        yield force_sig("SIGSEGV", "MAPERR")
        return False
    write = error_code & 2
    if write:
        allowed = vma.flags & VM_WRITE
    elif error_code & 1:
        allowed = False
    else:
        allowed = vma.flags & (VM_READ | VM_EXEC | VM_WRITE)
    if not allowed:
        yield up_read(mm)
        yield force_sig("SIGSEGV", "ACCERR")
        return False

    ret = yield from k.handle_mm_fault(mm, vma, address, bool(write))
    if ret == VM_FAULT_MINOR:
        yield count_fault("min_flt")
    elif ret == VM_FAULT_MAJOR:
        yield count_fault("maj_flt")
    elif ret == VM_FAULT_SIGBUS:
        yield up_read(mm)
        yield force_sig("SIGBUS", "ADRERR")
        return False
    elif ret == VM_FAULT_OOM:
        yield up_read(mm)
        yield do_exit("SIGKILL")
        return False
    else:
        yield BUG("unknown fault code (arch do_page_fault)")
    yield up_read(mm)
    return True


def do_wp_page(k, mm, vma, address, ptl, orig_pte):
    """A write to a present, read-only pte; ptl is held (mm/memory.c do_wp_page, 2.6.19).

    Anonymous pages are tested first; a shared writable page is kept until it was marked dirty.
    """
    old_page = yield from k.vm_normal_page(mm, vma, address, orig_pte)
    if old_page is not None:
        anon = yield read_page_anon(old_page)
        if anon:
            reuse = yield from k.lock_and_count(old_page)
            if reuse:
                return (yield from k.wp_page_reuse(mm, vma, address, ptl, orig_pte))
        elif vma.flags & (VM_SHARED | VM_WRITE) == (VM_SHARED | VM_WRITE):
            if vma.vm_ops and vma.vm_ops.page_mkwrite:
                ret = yield from k.wp_page_mkwrite(mm, vma, address, ptl, orig_pte, old_page)
                if ret is not None:
                    return ret
            yield get_page(old_page)
            ret = yield from k.wp_page_reuse(mm, vma, address, ptl, orig_pte)
            yield set_page_dirty_balance(old_page)
            yield from k.page_cache_release(old_page)
            return ret
        yield get_page(old_page)
    yield spin_unlock(ptl)
    return (yield from k.wp_page_copy(mm, vma, address, orig_pte, old_page))


def wp_page_copy(k, mm, vma, address, orig_pte, old_page):
    """Part of do_wp_page, its copy; the pte is emptied and flushed before the new one is set.

    Source: mm/memory.c do_wp_page, 2.6.19. Without the lock another thread can see the gap.
    """
    new_page = yield from k.cow_new_page(mm, vma, address, old_page)
    if new_page is None:
        if old_page is not None:
            yield from k.page_cache_release(old_page)
        return VM_FAULT_OOM

    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield read_pte(mm, address)
    if not pte_same(pte, orig_pte):
        yield from k.page_cache_release(new_page)
        if old_page is not None:
            yield from k.page_cache_release(old_page)
        yield spin_unlock(ptl)
        return VM_FAULT_MINOR

    if old_page is not None:
        yield from k.page_remove_rmap(old_page)
        anon = yield read_page_anon(old_page)
        if not anon:
            yield add_mm_counter(mm, "file", -1)
            yield add_mm_counter(mm, "anon", 1)
    else:
        yield add_mm_counter(mm, "anon", 1)
    entry = maybe_mkwrite(pte_mkdirty(k.pfn_pte(new_page, vma.prot)), vma)
    yield ptep_clear_flush(mm, address)
    if k.arch.two_stores:
        yield pte_clear_high(mm, address)
    yield flush_tlb_page(mm, address)
    yield from k.set_pte_at(mm, address, entry)
    yield update_mmu_cache(mm, address)
    yield lru_cache_add_active(new_page)
    yield page_add_new_anon_rmap(new_page, vma.id, address)
    if old_page is not None:
        yield from k.page_cache_release(old_page)
        yield from k.page_cache_release(old_page)
    yield spin_unlock(ptl)
    return VM_FAULT_MINOR | VM_FAULT_WRITE


def do_no_page(k, mm, vma, address, write_access):
    """Ask the file for the page and map it (mm/memory.c do_no_page, 2.6.19).

    New here: NOPAGE_REFAULT, and a shared write marks the page dirty itself.
    """
    yield pte_unmap(address)
    yield BUG_ON(bool(vma.flags & VM_PFNMAP), "VM_PFNMAP set (do_no_page)")
    sequence = 0
    anon = False
    dirty_page = None
    while True:
        if vma.file:
            sequence = yield read_truncate_count(vma.file)
        page, ret = yield from k.nopage(vma, address & PAGE_MASK)
        if page == NOPAGE_SIGBUS:
            return VM_FAULT_SIGBUS
        if page == NOPAGE_OOM:
            return VM_FAULT_OOM
        if page == NOPAGE_REFAULT:
            return VM_FAULT_MINOR

        if write_access and not vma.flags & VM_SHARED:
            page = yield from k.early_cow(mm, vma, address, page)
            if page is None:
                return VM_FAULT_OOM
            anon = True
        elif write_access and vma.vm_ops.page_mkwrite:
            answer = yield from k.page_mkwrite(vma, page)
            if answer < 0:
                yield from k.page_cache_release(page)
                return VM_FAULT_SIGBUS

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
            if write_access:
                dirty_page = page
                yield get_page(dirty_page)
    else:
        yield from k.page_cache_release(page)
        yield spin_unlock(ptl)
        return ret
    yield update_mmu_cache(mm, address)
    yield spin_unlock(ptl)
    if dirty_page is not None:
        yield set_page_dirty_balance(dirty_page)
        yield from k.page_cache_release(dirty_page)
    return ret


def copy_one_pte(k, dst, src, vma, address, pte):
    """Copy one pte; answers which rss it counts in, or None (mm/memory.c copy_one_pte, 2.6.19).

    New here: the child's pte is made from the value read before the parent's was write-protected.
    """
    if not pte_present(pte):
        if not pte_file(pte):
            yield swap_duplicate(k.swp_slot(pte))
            yield spin_lock(MMLIST_LOCK)
            yield spin_unlock(MMLIST_LOCK)
        yield from k.set_pte_at(dst, address, pte)
        return None

    if is_cow_mapping(vma.flags):
        yield ptep_set_wrprotect(src, address)
        pte = pte_wrprotect(pte)
    if vma.flags & VM_SHARED:
        pte = pte_mkclean(pte)
    pte = pte_mkold(pte)
    kind = None
    page = yield from k.vm_normal_page(src, vma, address, pte)
    if page is not None:
        yield get_page(page)
        yield page_dup_rmap(page)
        anon = yield read_page_anon(page)
        kind = "anon" if anon else "file"
    yield from k.set_pte_at(dst, address, pte)
    return kind


def sys_mprotect(k, mm, vma_id, rights):
    """Change a whole vma's rights (mm/mprotect.c sys_mprotect, mprotect_fixup, 2.6.19).

    A shared mapping of a file whose dirty pages are counted stays write-protected, so that the
    first write to each clean page is noticed.
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
    notify = yield from k.vma_wants_writenotify(vma, flags)
    if notify:
        yield set_vma_prot(mm, vma_id, flags)
    vma = yield read_vma(mm, vma_id)
    yield from k.change_protection(mm, vma, notify)
    yield up_write(mm)
    return 0


def vma_wants_writenotify(k, vma, flags):
    """Whether first writes must fault (include/linux/mm.h vma_wants_writenotify, 2.6.19)."""
    if flags & (VM_WRITE | VM_SHARED) != VM_WRITE | VM_SHARED:
        return False
    if vma.vm_ops and vma.vm_ops.page_mkwrite:
        return True
    if flags & (VM_PFNMAP | VM_INSERTPAGE) or not vma.file:
        return False
    counted = yield mapping_cap_account_dirty(vma.file)
    return counted


def change_protection(k, mm, vma, dirty_accountable):
    """All of the vma's ptes, then one flush (mm/mprotect.c change_protection, 2.6.19)."""
    address = vma.start
    while address < vma.end:
        end = min(vma.end, k.next_table(address))
        page = yield read_pmd(mm, address)
        if page:
            yield from k.change_pte_range(mm, vma, address, end, dirty_accountable)
        address = end
    yield flush_tlb_range(mm, vma.start, vma.end)


def change_pte_range(k, mm, vma, address, end, dirty_accountable):
    """Present ptes get the new rights; a page known dirty need not fault again (2.6.19)."""
    ptl = yield from k.pte_offset_map_lock(mm, address)
    while address < end:
        pte = yield read_pte(mm, address)
        if pte_present(pte):
            pte = yield from k.ptep_get_and_clear(mm, address)
            pte = k.pte_modify(pte, vma.prot)
            if dirty_accountable and pte_dirty(pte):
                pte = pte_mkwrite(pte)
            yield from k.set_pte_at(mm, address, pte)
        address += PAGE_SIZE
    yield spin_unlock(ptl)


KERNEL = linux_2_6_18.KERNEL.revise(
    "2.6.19",
    "2006-11-29",
    "Linux 2.6.19: merged",
    nopfn_v3.handle_pte_fault,
    nopfn_v5.do_no_pfn,
    do_page_fault,
    do_wp_page,
    wp_page_copy,
    do_no_page,
    copy_one_pte,
    sys_mprotect,
    vma_wants_writenotify,
    change_protection,
    change_pte_range,
)
