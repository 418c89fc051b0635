"""Linux 2.6.18, 20 September 2006: page_mkwrite arrives. Still no ->nopfn."""

from engine.kernels import linux_2_6_17
from engine.kernels.linux_2_6_17.codes import (
    EACCES,
    NOPAGE_OOM,
    NOPAGE_SIGBUS,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
)
from engine.kernels.linux_2_6_17.nopage import maybe_mkwrite
from engine.model.pte import PAGE_MASK, pte_mkdirty, pte_none, pte_same
from engine.model.vma import VM_EXEC, VM_PFNMAP, VM_READ, VM_SHARED, VM_WRITE
from engine.ops import (
    BUG_ON,
    add_mm_counter,
    down_write,
    get_page,
    lru_cache_add_active,
    page_add_file_rmap,
    page_add_new_anon_rmap,
    pte_unmap,
    read_pte,
    read_truncate_count,
    read_vma,
    set_vma_flags,
    set_vma_prot,
    spin_unlock,
    up_write,
    update_mmu_cache,
)


def do_wp_page(k, mm, vma, address, ptl, orig_pte):
    """A write to a present, read-only pte; ptl is held (mm/memory.c do_wp_page, 2.6.18).

    A page of a shared writable mapping is announced to its file and then reused, never copied.
    """
    old_page = yield from k.vm_normal_page(mm, vma, address, orig_pte)
    if old_page is not None:
        if vma.flags & (VM_SHARED | VM_WRITE) == (VM_SHARED | VM_WRITE):
            if vma.vm_ops and vma.vm_ops.page_mkwrite:
                ret = yield from k.wp_page_mkwrite(mm, vma, address, ptl, orig_pte, old_page)
                if ret is not None:
                    return ret
            return (yield from k.wp_page_reuse(mm, vma, address, ptl, orig_pte))
        reuse = yield from k.can_reuse_anon(old_page)
        if reuse:
            return (yield from k.wp_page_reuse(mm, vma, address, ptl, orig_pte))
        yield get_page(old_page)
    yield spin_unlock(ptl)
    return (yield from k.wp_page_copy(mm, vma, address, orig_pte, old_page))


def wp_page_mkwrite(k, mm, vma, address, ptl, orig_pte, page):
    """Part of do_wp_page: ask the file, without the lock; answers a code, or None to go on.

    Source: mm/memory.c do_wp_page, 2.6.18. Going on means that ptl is held again.
    """
    yield get_page(page)
    yield spin_unlock(ptl)
    answer = yield from k.page_mkwrite(vma, page)
    if answer < 0:
        yield from k.page_cache_release(page)
        return VM_FAULT_SIGBUS
    yield from k.page_cache_release(page)
    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield read_pte(mm, address)
    if not pte_same(pte, orig_pte):
        yield spin_unlock(ptl)
        return VM_FAULT_MINOR
    return None


def do_no_page(k, mm, vma, address, write_access):
    """Ask the file for the page and map it (mm/memory.c do_no_page, 2.6.18).

    New here: a shared write asks ->page_mkwrite before the page is mapped.
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
    else:
        yield from k.page_cache_release(page)
        yield spin_unlock(ptl)
        return ret
    yield update_mmu_cache(mm, address)
    yield spin_unlock(ptl)
    return ret


def sys_mprotect(k, mm, vma_id, rights):
    """Change a whole vma's rights (mm/mprotect.c sys_mprotect, mprotect_fixup, 2.6.18).

    A shared mapping whose file has ->page_mkwrite stays write-protected.
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
    shared_write = flags & (VM_WRITE | VM_SHARED) == VM_WRITE | VM_SHARED
    if shared_write and vma.vm_ops and vma.vm_ops.page_mkwrite:
        yield set_vma_prot(mm, vma_id, flags)
    vma = yield read_vma(mm, vma_id)
    yield from k.change_protection(mm, vma)
    yield up_write(mm)
    return 0


KERNEL = linux_2_6_17.KERNEL.revise(
    "2.6.18",
    "2006-09-20",
    "Linux 2.6.18: page_mkwrite",
    do_wp_page,
    wp_page_mkwrite,
    do_no_page,
    sys_mprotect,
)
