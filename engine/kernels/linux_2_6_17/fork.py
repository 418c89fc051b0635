"""fork: copying an address space, ptes write-protected where a write must copy later."""

from engine.kernels.linux_2_6_17.codes import ENOMEM
from engine.model.pte import (
    PAGE_SIZE,
    pte_file,
    pte_mkclean,
    pte_mkold,
    pte_none,
    pte_present,
)
from engine.model.vma import (
    VM_DONTCOPY,
    VM_HUGETLB,
    VM_INSERTPAGE,
    VM_NONLINEAR,
    VM_PFNMAP,
    VM_SHARED,
    is_cow_mapping,
)
from engine.ops import (
    MMLIST_LOCK,
    add_mm_counter,
    begin_fork,
    copy_vma,
    down_write,
    flush_tlb_mm,
    get_page,
    new_mm,
    page_dup_rmap,
    ptep_set_wrprotect,
    ptl_of,
    read_anon_vma,
    read_page_anon,
    read_pmd,
    read_pte,
    read_vmas,
    spin_lock,
    spin_unlock,
    swap_duplicate,
    up_write,
)


def dup_mmap(k, mm, child):
    """Copy every vma and its page tables (kernel/fork.c dup_mmap, 2.6.17).

    The parent's TLBs are flushed once, at the end, still under mmap_sem: until then another thread
    of the parent may write through an entry that is older than the write-protection.
    """
    yield begin_fork(mm, child)
    yield down_write(mm)
    yield new_mm(mm, child)
    vmas = yield read_vmas(mm)
    error = 0
    while vmas and not error:
        vma, vmas = vmas[0], vmas[1:]
        if not vma.flags & VM_DONTCOPY:
            yield copy_vma(mm, child, vma.id)
            error = yield from k.copy_page_range(child, mm, vma)
    yield flush_tlb_mm(mm)
    yield up_write(mm)
    return error


def copy_page_range(k, dst, src, vma):
    """Copy the ptes, unless a fault can find them again (mm/memory.c copy_page_range, 2.6.17)."""
    if not vma.flags & (VM_HUGETLB | VM_NONLINEAR | VM_PFNMAP | VM_INSERTPAGE):
        anon_vma = yield read_anon_vma(src, vma.id)
        if not anon_vma:
            return 0
    address = vma.start
    while address < vma.end:
        end = min(vma.end, k.next_table(address))
        page = yield read_pmd(src, address)
        if page:
            error = yield from k.copy_pte_range(dst, src, vma, address, end)
            if error:
                return error
        address = end
    return 0


def copy_pte_range(k, dst, src, vma, address, end):
    """Copy one page-table page under both locks (mm/memory.c copy_pte_range, 2.6.17).

    Breaking the locks now and then is not modelled. rss moves once, at the end.
    """
    page = yield read_pmd(dst, address)
    if not page:
        error = yield from k.__pte_alloc(dst, address)
        if error:
            return -ENOMEM
    dst_ptl = yield from k.pte_offset_map_lock(dst, address)
    src_ptl = ptl_of(k.arch, src, address)
    yield spin_lock(src_ptl)
    anon = file = 0
    while address < end:
        pte = yield read_pte(src, address)
        if not pte_none(pte):
            kind = yield from k.copy_one_pte(dst, src, vma, address, pte)
            anon += kind == "anon"
            file += kind == "file"
        address += PAGE_SIZE
    yield spin_unlock(src_ptl)
    if file:
        yield add_mm_counter(dst, "file", file)
    if anon:
        yield add_mm_counter(dst, "anon", anon)
    yield spin_unlock(dst_ptl)
    return 0


def copy_one_pte(k, dst, src, vma, address, pte):
    """Copy one pte; answers which rss it counts in, or None (mm/memory.c copy_one_pte, 2.6.17)."""
    if not pte_present(pte):
        if not pte_file(pte):
            yield swap_duplicate(k.swp_slot(pte))
            yield spin_lock(MMLIST_LOCK)
            yield spin_unlock(MMLIST_LOCK)
        yield from k.set_pte_at(dst, address, pte)
        return None

    if is_cow_mapping(vma.flags):
        yield ptep_set_wrprotect(src, address)
        pte = yield read_pte(src, address)
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
