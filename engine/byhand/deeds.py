"""What each move does: ops of the engine, or the revision's own small functions around them.

Generators, like the handlers. What a move is about comes with it as plain numbers and frozen
values, so that the student's handler stays a function of its answers; the moves are answers too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import ops
from engine.kernel import Handler
from engine.kernels.linux_2_6_17.codes import (
    VM_FAULT_MAJOR,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
)
from engine.ops import Op

ASK = Op("ask", ())
"""The student is to move. No op of the machine: the answer is a move, and no step is made of it."""

COUNTED = {VM_FAULT_MINOR: "min_flt", VM_FAULT_MAJOR: "maj_flt"}


def by_hand(k: Any, mm: str, address: int) -> Handler:
    """The student in the place of do_page_fault: asks for a move and makes it, until one leaves."""
    while True:
        name, args = yield ASK
        if name in LEAVES:
            return (yield from LEAVES[name](k, *args))
        yield from DEEDS[name](k, mm, address, *args)


def down_read(_: Any, mm: str, address: int) -> Handler:
    """Take mmap_sem."""
    yield ops.down_read(mm)


def up_read(_: Any, mm: str, address: int) -> Handler:
    """Give it back."""
    yield ops.up_read(mm)


def find_vma(_: Any, mm: str, address: int) -> Handler:
    """Look for the mapping."""
    yield ops.find_vma(mm, address)


def walk(k: Any, mm: str, address: int, write: bool) -> Handler:
    """As __handle_mm_fault begins: count, and make sure that there is a pte to look at."""
    yield ops.count_pgfault(mm, write)
    yield from k.pte_alloc_map(mm, address)


def spin_lock(k: Any, mm: str, address: int) -> Handler:
    """Take ptl."""
    yield from k.pte_offset_map_lock(mm, address)


def spin_unlock(k: Any, mm: str, address: int) -> Handler:
    """Drop ptl."""
    yield ops.spin_unlock(ops.ptl_of(k.arch, mm, address))


def read_pte(_: Any, mm: str, address: int) -> Handler:
    """Look at the pte."""
    yield ops.read_pte(mm, address)


def read_truncate_count(_: Any, mm: str, address: int, file: str) -> Handler:
    """Look how often the file was truncated."""
    yield ops.read_truncate_count(file)


def can_share(k: Any, mm: str, address: int, page: int) -> Handler:
    """Ask whether the page is anonymous and ours alone."""
    yield from k.can_reuse_anon(page)


def check(_: Any, mm: str, address: int, holds: bool, text: str) -> Handler:
    """An assertion about the mapping."""
    yield ops.BUG_ON(holds, text)


def nopage(k: Any, mm: str, address: int, vma: Any) -> Handler:
    """Ask for a page."""
    yield from k.nopage(vma, address & ~0xFFF)


def nopfn(k: Any, mm: str, address: int, vma: Any) -> Handler:
    """Ask for a frame."""
    yield from k.nopfn(vma, address & ~0xFFF)


def anon_vma_prepare(_: Any, mm: str, address: int, vma: str) -> Handler:
    """Give the mapping its anon_vma."""
    yield ops.anon_vma_prepare(mm, vma)


def alloc_page(_: Any, mm: str, address: int) -> Handler:
    """A page as it comes."""
    yield ops.alloc_page_vma(mm, address)


def alloc_zeroed(_: Any, mm: str, address: int) -> Handler:
    """A page of zeroes."""
    yield ops.alloc_zeroed_user_highpage(mm, address)


def copy(_: Any, mm: str, address: int, to: int, source: int) -> Handler:
    """Copy a page, kernel to kernel."""
    yield ops.copy_user_highpage(to, source, address)


def get(_: Any, mm: str, address: int, page: int) -> Handler:
    """Take a reference."""
    yield ops.get_page(page)


def put(k: Any, mm: str, address: int, page: int) -> Handler:
    """Drop a reference; the last one frees the page."""
    yield from k.page_cache_release(page)


def add_anon(_: Any, mm: str, address: int, page: int, vma: str) -> Handler:
    """Enter a new anonymous page in the books."""
    yield ops.add_mm_counter(mm, "anon", 1)
    yield ops.lru_cache_add_active(page)
    yield ops.page_add_new_anon_rmap(page, vma, address)


def add_file(_: Any, mm: str, address: int, page: int) -> Handler:
    """Enter one more mapping of a page that others have."""
    yield ops.add_mm_counter(mm, "file", 1)
    yield ops.page_add_file_rmap(page)


def remove_rmap(k: Any, mm: str, address: int, page: int) -> Handler:
    """Take a mapping of a page out of the books."""
    yield from k.page_remove_rmap(page)
    anon = yield ops.read_page_anon(page)
    yield ops.add_mm_counter(mm, "anon" if anon else "file", -1)


def set_pte(k: Any, mm: str, address: int, pte: int) -> Handler:
    """Store a pte."""
    yield from k.set_pte_at(mm, address, pte)


def establish(k: Any, mm: str, address: int, pte: int) -> Handler:
    """Replace a pte that is present, and flush."""
    yield from k.ptep_establish(mm, address, pte)


def access_flags(k: Any, mm: str, address: int, pte: int) -> Handler:
    """Give a pte more rights where it is, and flush."""
    yield from k.ptep_set_access_flags(mm, address, pte, True)


def clear(_: Any, mm: str, address: int) -> Handler:
    """Empty a pte that is present, and flush."""
    yield ops.ptep_clear_flush(mm, address)
    yield ops.flush_tlb_page(mm, address)


def flush(_: Any, mm: str, address: int) -> Handler:
    """Have every CPU forget the page."""
    yield ops.flush_tlb_page(mm, address)


def ret(_: Any, mm: str, address: int, code: int) -> Handler:
    """handle_mm_fault has its answer."""
    yield ops.vm_fault(code)


Deed = Callable[..., Handler]

DEEDS: dict[str, Deed] = {
    deed.__name__: deed
    for deed in (
        down_read, up_read, find_vma, walk, spin_lock, spin_unlock, read_pte, read_truncate_count,
        can_share, check, nopage, nopfn, anon_vma_prepare, alloc_page, alloc_zeroed, copy,
        get, put, add_anon, add_file, remove_rmap, set_pte, establish, access_flags,
        clear, flush, ret,
    )
}  # fmt: skip
"""Every move that stays in the kernel."""


def iret(_: Any, code: int) -> Handler:
    """Back to user mode as do_page_fault ends: count, or the signal that the code stands for."""
    if code == VM_FAULT_SIGBUS:
        yield ops.force_sig("SIGBUS", "ADRERR")
    elif code == VM_FAULT_OOM:
        yield ops.do_exit("SIGKILL")
    else:
        yield ops.count_fault(COUNTED[code])
    return code in COUNTED


def bad_area(_: Any, code: str) -> Handler:
    """Back to user mode with SIGSEGV."""
    yield ops.force_sig("SIGSEGV", code)
    return False


LEAVES: dict[str, Deed] = {"iret": iret, "bad_area": bad_area}
"""The moves that end the fault."""
