"""Kernels that are wrong on purpose, to prove that each check can fail.

Each breaks one function of a sound kernel and names the scene in which that shows, and the
invariants that must catch it. The sound kernel keeps these invariants in the same scene.
"""

# Handlers keep the signature of the kernel function they mirror, used or not.
# ruff: noqa: ARG001

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from scenes import anonymous, device, fickle, private_file, read, shared_file, swapped, write

from engine import ops
from engine.kernel import Handler, Kernel
from engine.kernels import find_kernel
from engine.kernels.linux_2_6_17 import cow
from engine.kernels.linux_2_6_17.codes import VM_FAULT_MINOR
from engine.model.pte import PAGE_MASK, PAGE_SIZE, pte_mkclean, pte_none, pte_present
from engine.scenario import Scenario

SOUND_COPY: Any = cow.wp_page_copy


def no_recheck(k: Any, mm: str, vma: Any, address: int, write_access: bool) -> Handler:
    """v3 without its second look."""
    pfn, _ = yield from k.nopfn(vma, address & PAGE_MASK)
    ptl = yield from k.pte_offset_map_lock(mm, address)
    yield from k.set_pte_at(mm, address, k.pfn_pte(pfn, vma.prot))
    yield ops.spin_unlock(ptl)
    return VM_FAULT_MINOR


def early_unlock(k: Any, mm: str, vma: Any, address: int, write_access: bool) -> Handler:
    """v3 that lets ptl go between its second look and the store."""
    pfn, _ = yield from k.nopfn(vma, address & PAGE_MASK)
    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield ops.read_pte(mm, address)
    yield ops.spin_unlock(ptl)
    if pte_none(pte):
        yield from k.set_pte_at(mm, address, k.pfn_pte(pfn, vma.prot))
    return VM_FAULT_MINOR


def unlock_forgotten(k: Any, mm: str, vma: Any, address: int, write_access: bool) -> Handler:
    """v3 whose loser returns without unlocking."""
    pfn, _ = yield from k.nopfn(vma, address & PAGE_MASK)
    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield ops.read_pte(mm, address)
    if not pte_none(pte):
        return VM_FAULT_MINOR
    yield from k.set_pte_at(mm, address, k.pfn_pte(pfn, vma.prot))
    yield ops.spin_unlock(ptl)
    return VM_FAULT_MINOR


def unlocked_twice(k: Any, mm: str, vma: Any, address: int, write_access: bool) -> Handler:
    """v3 that unlocks once too often."""
    pfn, _ = yield from k.nopfn(vma, address & PAGE_MASK)
    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield ops.read_pte(mm, address)
    if pte_none(pte):
        yield from k.set_pte_at(mm, address, k.pfn_pte(pfn, vma.prot))
    yield ops.spin_unlock(ptl)
    yield ops.spin_unlock(ptl)
    return VM_FAULT_MINOR


def asked_under_lock(k: Any, mm: str, vma: Any, address: int, write_access: bool) -> Handler:
    """v3 that asks the driver with ptl held."""
    ptl = yield from k.pte_offset_map_lock(mm, address)
    pfn, _ = yield from k.nopfn(vma, address & PAGE_MASK)
    pte = yield ops.read_pte(mm, address)
    if pte_none(pte):
        yield from k.set_pte_at(mm, address, k.pfn_pte(pfn, vma.prot))
    yield ops.spin_unlock(ptl)
    return VM_FAULT_MINOR


def asserts_too_much(k: Any, mm: str, vma: Any, address: int, write_access: bool) -> Handler:
    """v3 that takes a filled pte for a bug."""
    pfn, _ = yield from k.nopfn(vma, address & PAGE_MASK)
    ptl = yield from k.pte_offset_map_lock(mm, address)
    pte = yield ops.read_pte(mm, address)
    yield ops.BUG_ON(not pte_none(pte), "somebody was faster")
    yield from k.set_pte_at(mm, address, k.pfn_pte(pfn, vma.prot))
    yield ops.spin_unlock(ptl)
    return VM_FAULT_MINOR


def up_twice(k: Any, mm: str, address: int, error_code: int) -> Handler:
    """do_page_fault that gives mmap_sem back although handle_mm_fault's caller still has it."""
    yield ops.down_read(mm)
    vma = yield ops.find_vma(mm, address)
    yield from k.handle_mm_fault(mm, vma, address, bool(error_code & 2))
    yield ops.up_read(mm)
    yield ops.up_read(mm)
    return True


def flush_forgotten(k: Any, mm: str, address: int, pte: int) -> Handler:
    """ptep_establish that tells no TLB."""
    yield ops.ptep_establish(mm, address, pte)


def put_too_often(
    k: Any, mm: str, vma: Any, address: int, orig_pte: int, old_page: int | None
) -> Handler:
    """A copy that drops three references to the old page."""
    ret = yield from SOUND_COPY(k, mm, vma, address, orig_pte, old_page)
    if old_page is not None:
        yield from k.page_cache_release(old_page)
    return ret


def reuse_always(k: Any, page: int) -> Handler:
    """do_wp_page that copies nothing anonymous."""
    anon = yield ops.read_page_anon(page)
    return anon


def zeroes_reused(k: Any, mm: str, vma: Any, address: int, ptl: str, orig_pte: int) -> Handler:
    """do_wp_page that makes whatever is there writable."""
    ret = yield from k.wp_page_reuse(mm, vma, address, ptl, orig_pte)
    return ret


def lock_order(k: Any, page: int) -> Handler:
    """do_wp_page that waits for the page lock under ptl; do_swap_page takes them the other way."""
    anon = yield ops.read_page_anon(page)
    if not anon:
        return False
    yield ops.lock_page(page)
    reuse = yield ops.can_share_swap_page(page)
    yield ops.unlock_page(page)
    return reuse


def mapcount_forgotten(k: Any, dst: str, src: str, vma: Any, address: int, pte: int) -> Handler:
    """fork that takes the reference but does not count the mapping."""
    pte = yield ops.ptep_set_wrprotect(src, address)
    page = yield from k.vm_normal_page(src, vma, address, pte)
    yield ops.get_page(page)
    yield from k.set_pte_at(dst, address, pte)
    return "anon"


def unmapped_twice(k: Any, page: int) -> Handler:
    """page_remove_rmap that counts down twice and does not look."""
    yield ops.dec_mapcount(page)
    yield ops.dec_mapcount(page)


def made_clean(k: Any, mm: str, vma: Any, address: int, end: int) -> Handler:
    """mprotect that forgets who wrote."""
    ptl = yield from k.pte_offset_map_lock(mm, address)
    while address < end:
        pte = yield ops.read_pte(mm, address)
        if pte_present(pte):
            pte = yield from k.ptep_get_and_clear(mm, address)
            yield from k.set_pte_at(mm, address, k.pte_modify(pte_mkclean(pte), vma.prot))
        address += PAGE_SIZE
    yield ops.spin_unlock(ptl)


def protected_unflushed(k: Any, mm: str, vma: Any) -> Handler:
    """mprotect that never flushes."""
    yield from k.change_pte_range(mm, vma, vma.start, vma.end)


def fork_unflushed(k: Any, mm: str, child: str) -> Handler:
    """fork that write-protects the parent behind its TLBs' back."""
    yield ops.down_write(mm)
    yield ops.new_mm(mm, child)
    vmas = yield ops.read_vmas(mm)
    yield ops.copy_vma(mm, child, vmas[0].id)
    error = yield from k.copy_page_range(child, mm, vmas[0])
    yield ops.up_write(mm)
    return error


def freed_early(k: Any, mm: str, vma: Any, start: int, end: int, details: bool) -> Handler:
    """A zap that frees the pages first and flushes afterwards."""
    pages = yield from k.zap_pte_range(mm, vma, start, end, details)
    while pages:
        page, pages = pages[0], pages[1:]
        yield from k.page_cache_release(page)
    yield ops.tlb_finish_mmu(mm)


class Case(NamedTuple):
    """A broken function in place of a sound one, where it shows, and what must catch it."""

    broken: Callable[..., Handler]
    replaces: str
    sound: str
    scene: Scenario
    caught_by: set[str]

    @property
    def kernel(self) -> Kernel:
        """The sound kernel with the one function broken."""
        return renamed(find_kernel(self.sound), self.broken, self.replaces)


def renamed(sound: Kernel, broken: Callable[..., Handler], name: str) -> Kernel:
    """A child of `sound` in which `broken` stands where `name` stood."""
    child = sound.revise(broken.__name__, "2006-04-01", "broken on purpose", broken)
    function = child.functions.pop(broken.__name__)
    return Kernel(child.id, child.date, child.title, {**child.functions, name: function}, sound.id)


FORK = {"fork": "K"}
PRIVATE_COPY = private_file([read(), write()], [read(), read()])

CASES = (
    Case(no_recheck, "do_no_pfn", "nopfn-v3", fickle([read()], [write()]), {"overwrite"}),
    Case(no_recheck, "do_no_pfn", "nopfn-v3", device([read()], [write()]), {"lost_dirty"}),
    Case(early_unlock, "do_no_pfn", "nopfn-v3", fickle([read()], [write()]), {"locks"}),
    Case(unlock_forgotten, "do_no_pfn", "nopfn-v3", device([read()], [read(), read(1)]),
         {"locks", "no_deadlock"}),
    Case(unlocked_twice, "do_no_pfn", "nopfn-v3", device([read()], [write()]), {"locks"}),
    Case(asked_under_lock, "do_no_pfn", "nopfn-v3", device([read()]), {"no_sleep"}),
    Case(asserts_too_much, "do_no_pfn", "nopfn-v3", device([read()], [write()]), {"no_bug"}),
    Case(up_twice, "do_page_fault", "nopfn-v3", device([read()]), {"locks"}),
    Case(flush_forgotten, "ptep_establish", "2.6.17", PRIVATE_COPY, {"overwrite", "tlb_agrees"}),
    Case(put_too_often, "wp_page_copy", "2.6.17", PRIVATE_COPY, {"freed_page"}),
    Case(reuse_always, "can_reuse_anon", "2.6.17",
         anonymous([write(), FORK, write()]), {"cow_isolation"}),
    Case(zeroes_reused, "do_wp_page", "2.6.17",
         anonymous([read(), write()]), {"zero_page", "cow_isolation"}),
    Case(lock_order, "can_reuse_anon", "2.6.17",
         swapped([read(), write()], [read()], refs=2), {"no_sleep", "no_deadlock"}),
    Case(mapcount_forgotten, "copy_one_pte", "2.6.17",
         anonymous([write(), FORK, write()]), {"counts", "cow_isolation"}),
    Case(unmapped_twice, "page_remove_rmap", "2.6.17",
         anonymous([write(), {"munmap": "v"}]), {"mapcount", "counts"}),
    Case(made_clean, "change_pte_range", "2.6.17",
         shared_file([write(), {"mprotect": "v", "rights": "r"}]), {"lost_dirty"}),
    Case(protected_unflushed, "change_protection", "2.6.17",
         anonymous([write(), {"mprotect": "v", "rights": "r"}]), {"tlb_agrees"}),
    Case(fork_unflushed, "dup_mmap", "2.6.17",
         anonymous([write(), FORK, write()]), {"tlb_agrees", "cow_isolation"}),
    Case(freed_early, "zap_page_range", "2.6.17",
         anonymous([write(), {"munmap": "v"}], [read()]), {"freed_page"}),
)  # fmt: skip
"""Every broken kernel, with the scene in which it shows."""
