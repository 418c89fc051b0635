"""Writing to a page that is mapped read-only: reuse or copy, and what counts as a page."""

from engine.kernels.linux_2_6_17.codes import (
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_WRITE,
    ZERO_PAGE,
)
from engine.kernels.linux_2_6_17.nopage import maybe_mkwrite
from engine.model.pte import PAGE_MASK, PAGE_SHIFT, pte_mkdirty, pte_mkyoung, pte_same
from engine.model.vma import VM_PFNMAP, is_cow_mapping
from engine.ops import (
    add_mm_counter,
    alloc_page_vma,
    alloc_zeroed_user_highpage,
    anon_vma_prepare,
    can_share_swap_page,
    clear_user_highpage,
    copy_from_user_inatomic,
    copy_user_highpage,
    get_page,
    lru_cache_add_active,
    page_add_new_anon_rmap,
    pfn_valid,
    print_bad_pte,
    read_page_anon,
    read_pte,
    spin_unlock,
    trylock_page,
    unlock_page,
    update_mmu_cache,
)


def vm_normal_page(k, mm, vma, address, pte):
    """The struct page behind a pte, or None for a raw pfn (mm/memory.c vm_normal_page, 2.6.17).

    In a VM_PFNMAP vma a pfn is raw if it follows vm_pgoff linearly or if the vma can never COW; any
    other is taken for a page that COW put there.
    """
    pfn = k.pte_pfn(pte)
    if vma.flags & VM_PFNMAP:
        linear = vma.pgoff + ((address - vma.start) >> PAGE_SHIFT)
        if pfn == linear:
            return None
        if not is_cow_mapping(vma.flags):
            return None
    valid = yield pfn_valid(pfn)
    if not valid:
        yield print_bad_pte(mm, address, pte)
        return None
    return pfn


def do_wp_page(k, mm, vma, address, ptl, orig_pte):
    """A write to a present, read-only pte; ptl is held (mm/memory.c do_wp_page, 2.6.17).

    An anonymous page that nobody shares is reused in place. All else is copied, raw pfns included.
    """
    old_page = yield from k.vm_normal_page(mm, vma, address, orig_pte)
    if old_page is not None:
        reuse = yield from k.can_reuse_anon(old_page)
        if reuse:
            return (yield from k.wp_page_reuse(mm, vma, address, ptl, orig_pte))
        yield get_page(old_page)
    yield spin_unlock(ptl)
    return (yield from k.wp_page_copy(mm, vma, address, orig_pte, old_page))


def can_reuse_anon(k, page):
    """Part of do_wp_page: anonymous, lockable at once, and ours alone? (mm/memory.c, 2.6.17)."""
    anon = yield read_page_anon(page)
    if not anon:
        return False
    return (yield from k.lock_and_count(page))


def lock_and_count(k, page):
    """Part of do_wp_page: lockable at once, and ours alone? (mm/memory.c, 2.6.17)."""
    locked = yield trylock_page(page)
    if not locked:
        return False
    reuse = yield can_share_swap_page(page)
    yield unlock_page(page)
    return reuse


def wp_page_reuse(k, mm, vma, address, ptl, orig_pte):
    """Part of do_wp_page, its way out by making the pte writable (mm/memory.c, 2.6.17)."""
    entry = maybe_mkwrite(pte_mkdirty(pte_mkyoung(orig_pte)), vma)
    yield from k.ptep_set_access_flags(mm, address, entry, True)
    yield update_mmu_cache(mm, address)
    yield spin_unlock(ptl)
    return VM_FAULT_MINOR | VM_FAULT_WRITE


def wp_page_copy(k, mm, vma, address, orig_pte, old_page):
    """Part of do_wp_page, its second way out: a copy takes the page's place (memory.c, 2.6.17).

    The lock is not held while allocating and copying, so the pte is compared again. The old page's
    mapcount drops before the pte is switched.
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
    yield from k.ptep_establish(mm, address, entry)
    yield update_mmu_cache(mm, address)
    yield lru_cache_add_active(new_page)
    yield page_add_new_anon_rmap(new_page, vma.id, address)
    if old_page is not None:
        yield from k.page_cache_release(old_page)
        yield from k.page_cache_release(old_page)
    yield spin_unlock(ptl)
    return VM_FAULT_MINOR | VM_FAULT_WRITE


def cow_new_page(k, mm, vma, address, old_page):
    """Part of do_wp_page: a page of zeroes, a copy, or None (mm/memory.c, 2.6.17)."""
    prepared = yield anon_vma_prepare(mm, vma.id)
    if prepared is None:
        return None
    if old_page == ZERO_PAGE:
        page = yield alloc_zeroed_user_highpage(mm, address)
        return page
    page = yield alloc_page_vma(mm, address)
    if page is not None:
        yield from k.cow_user_page(page, old_page, mm, address)
    return page


def cow_user_page(k, to, source, mm, address):
    """Copy; without a struct page, through the user's own mapping (mm/memory.c, 2.6.17)."""
    if source is None:
        copied = yield copy_from_user_inatomic(to, mm, address & PAGE_MASK)
        if not copied:
            yield clear_user_highpage(to, address)
        return
    yield copy_user_highpage(to, source, address)
