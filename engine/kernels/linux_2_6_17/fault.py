"""From the CPU's exception to the right handler: do_page_fault down to handle_pte_fault."""

from engine.kernels.linux_2_6_17.codes import (
    VM_FAULT_MAJOR,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
    VM_FAULT_WRITE,
)
from engine.model.pte import (
    pte_file,
    pte_mkdirty,
    pte_mkyoung,
    pte_none,
    pte_present,
    pte_same,
    pte_write,
)
from engine.model.vma import VM_EXEC, VM_READ, VM_WRITE
from engine.ops import (
    BUG,
    count_fault,
    count_pgfault,
    do_exit,
    down_read,
    find_vma,
    flush_tlb_page,
    force_sig,
    page_table_lock,
    pmd_populate,
    pte_alloc_one,
    pte_free,
    pte_offset_map,
    read_pmd,
    read_pte,
    spin_lock,
    spin_unlock,
    up_read,
    update_mmu_cache,
    vm_fault,
)


def do_page_fault(k, mm, address, error_code):
    """Enter from the exception, find the vma, check the access, count or signal.

    Source: arch/i386/mm/fault.c do_page_fault, 2.6.17. Answers whether the access may be retried.
    error_code: bit 0 the pte was present, bit 1 a write. Stacks that grow are not modelled; that
    arch/x86_64 takes an unknown code for VM_FAULT_OOM, where i386 has BUG(), neither.
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
        allowed = vma.flags & (VM_READ | VM_EXEC)
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


def handle_mm_fault(k, mm, vma, address, write_access):
    """Hide VM_FAULT_WRITE from the arch (include/linux/mm.h handle_mm_fault, 2.6.17)."""
    ret = yield from k.__handle_mm_fault(mm, vma, address, write_access)
    yield vm_fault(ret)
    return ret & ~VM_FAULT_WRITE


def __handle_mm_fault(k, mm, vma, address, write_access):
    """Make sure there is a pte to look at (mm/memory.c __handle_mm_fault, 2.6.17)."""
    yield count_pgfault(mm, write_access)
    missing = yield from k.pte_alloc_map(mm, address)
    if missing:
        return VM_FAULT_OOM
    return (yield from k.handle_pte_fault(mm, vma, address, write_access))


def pte_alloc_map(k, mm, address):
    """Allocate the page-table page if it is missing, and map it (include/linux/mm.h, 2.6.17)."""
    page = yield read_pmd(mm, address)
    if not page:
        error = yield from k.__pte_alloc(mm, address)
        if error:
            return error
    yield pte_offset_map(mm, address)
    return 0


def __pte_alloc(k, mm, address):
    """Allocate first, then look again under the lock (mm/memory.c __pte_alloc, 2.6.17)."""
    new = yield pte_alloc_one(mm, address)
    if new is None:
        return -1
    yield spin_lock(page_table_lock(mm))
    page = yield read_pmd(mm, address)
    if page:
        yield pte_free(new)
    else:
        yield pmd_populate(mm, address, new)
    yield spin_unlock(page_table_lock(mm))
    return 0


def handle_pte_fault(k, mm, vma, address, write_access):
    """Read the pte once, without the lock, and dispatch (mm/memory.c handle_pte_fault, 2.6.17)."""
    entry = yield read_pte(mm, address)
    if not pte_present(entry):
        if pte_none(entry):
            if not vma.vm_ops or not vma.vm_ops.nopage:
                return (yield from k.do_anonymous_page(mm, vma, address, write_access))
            return (yield from k.do_no_page(mm, vma, address, write_access))
        if pte_file(entry):
            return (yield from k.do_file_page(mm, vma, address, write_access, entry))
        return (yield from k.do_swap_page(mm, vma, address, write_access, entry))
    return (yield from k.handle_present_pte(mm, vma, address, write_access, entry))


def handle_present_pte(k, mm, vma, address, write_access, old_entry):
    """Part of handle_pte_fault: the pte is there, so it is a matter of rights or age.

    Source: mm/memory.c handle_pte_fault, 2.6.17. Losing a race means: nothing to do, try again.
    """
    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield read_pte(mm, address)
    if not pte_same(pte, old_entry):
        yield spin_unlock(ptl)
        return VM_FAULT_MINOR
    entry = old_entry
    if write_access:
        if not pte_write(entry):
            return (yield from k.do_wp_page(mm, vma, address, ptl, entry))
        entry = pte_mkdirty(entry)
    entry = pte_mkyoung(entry)
    if not pte_same(old_entry, entry):
        yield from k.ptep_set_access_flags(mm, address, entry, write_access)
        yield update_mmu_cache(mm, address)
    elif write_access:
        yield flush_tlb_page(mm, address)
    yield spin_unlock(ptl)
    return VM_FAULT_MINOR
