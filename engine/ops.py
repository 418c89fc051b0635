"""The vocabulary: what a handler may ask of the machine, one micro-operation each.

A handler yields an op; the machine performs it (engine.verbs) and sends back the answer. The name
of an op is permanent: schedules, links and golden traces refer to it. Addresses are in bytes, a
page is named by its pfn, an mm by its process. Each op is as fine as another CPU could tell.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec

P = ParamSpec("P")


class Op(NamedTuple):
    """What a thread is about to do."""

    name: str
    args: tuple[Any, ...]


class OpSpec(NamedTuple):
    """The name, the kind (which lane and colour), the parameters and the meaning of an op."""

    name: str
    kind: str
    params: tuple[str, ...]
    doc: str


OPS: dict[str, OpSpec] = {}


def op(kind: str) -> Callable[[Callable[P, None]], Callable[P, Op]]:
    """Register an op of this kind; the function below gives its name, parameters and meaning."""

    def register(stub: Callable[P, None]) -> Callable[P, Op]:
        name = stub.__name__
        params = tuple(inspect.signature(stub).parameters)
        OPS[name] = OpSpec(name, kind, params, inspect.getdoc(stub) or "")

        def make(*args: P.args, **_: P.kwargs) -> Op:
            return Op(name, args)

        make.__name__ = make.__qualname__ = name
        make.__doc__ = stub.__doc__
        return make

    return register


def ptl_of(arch: Any, mm: str, address: int) -> str:
    """The split page-table lock of the pte page that maps the address (pte_lockptr, 2.6.17)."""
    return f"lock/ptl/{mm}/{arch.pte_page(address):#x}"


def page_table_lock(mm: str) -> str:
    """mm->page_table_lock, which guards the upper levels (include/linux/sched.h, 2.6.17)."""
    return f"lock/page_table_lock/{mm}"


MMLIST_LOCK = "lock/mmlist"
"""mmlist_lock, which guards the list swapoff walks (kernel/fork.c, 2.6.17)."""


# --- the thread itself, and the hardware it runs on


@op("access")
def access(mm: str, address: int, write: bool) -> None:
    """One load or store by the CPU: TLB, else walk, else a fault. Walk and data access are one.

    Answers ("ok", pfn, contents), ("fault", error_code), or ("killed",): a SIGKILL was pending, and
    the thread died on its way back to user mode (get_signal_to_deliver, 2.6.17). The walk sets A,
    and D on a write; a write through an entry filled by a read walks again (Intel SDM vol. 3, 4.8).
    """


@op("return")
def livelock(address: int) -> None:
    """The access has faulted too often without getting anywhere; the simulation gives it up."""


@op("return")
def send_sig(victim: str) -> None:
    """SIGKILL to a thread: pending from here on for every thread of its process.

    kernel/signal.c, 2.6.17: __group_complete_signal, for a signal that is fatal.
    """


@op("mm")
def bad_mmap(vma: str, error: int) -> None:
    """mmap() has failed with this errno: the mapping does not exist, the program ends here."""


@op("mm")
def bad_fork(child: str, error: int) -> None:
    """fork() has failed with this errno: there is no child, and the program goes on."""


@op("mm")
def bad_mprotect(vma: str, error: int) -> None:
    """mprotect() has failed with this errno: nothing has changed, and the program goes on."""


# --- entering a fault


@op("lock")
def down_read(mm: str) -> None:
    """Take mmap_sem for reading: many faulters at once, no change of vmas."""


@op("lock")
def up_read(mm: str) -> None:
    """Give mmap_sem back."""


@op("lock")
def down_write(mm: str) -> None:
    """Take mmap_sem for writing: nobody else may fault or change vmas."""


@op("lock")
def up_write(mm: str) -> None:
    """Give mmap_sem back."""


@op("fault")
def find_vma(mm: str, address: int) -> None:
    """The vma that covers the address, as a frozen snapshot, or None (mm/mmap.c, 2.6.17)."""


@op("fault")
def count_pgfault(mm: str, write_access: bool) -> None:
    """inc_page_state(pgfault): counted before a handler is chosen (__handle_mm_fault, 2.6.17)."""


@op("return")
def vm_fault(ret: int) -> None:
    """handle_mm_fault has its answer, VM_FAULT_WRITE included (include/linux/mm.h, 2.6.17)."""


@op("return")
def count_fault(kind: str) -> None:
    """tsk->min_flt++ or tsk->maj_flt++ (do_page_fault, arch/i386/mm/fault.c, 2.6.17)."""


@op("return")
def force_sig(signal: str, code: str) -> None:
    """Send the faulting thread a signal it cannot ignore or block (force_sig_info, 2.6.17)."""


@op("return")
def do_exit(signal: str) -> None:
    """Out of memory: the task ends here and now, no choice of victim (do_page_fault, 2.6.17)."""


# --- locks


@op("lock")
def spin_lock(lock: str) -> None:
    """Take a spinlock; waits while another thread holds it."""


@op("lock")
def spin_unlock(lock: str) -> None:
    """Release a spinlock."""


@op("lock")
def lock_page(page: int) -> None:
    """Take the page lock; may sleep (include/linux/pagemap.h, 2.6.17)."""


@op("lock")
def trylock_page(page: int) -> None:
    """Take the page lock if nobody has it; answers whether it was taken (!TestSetPageLocked)."""


@op("lock")
def unlock_page(page: int) -> None:
    """Release the page lock and wake who waits for it."""


# --- page tables


@op("pte")
def read_pmd(mm: str, address: int) -> None:
    """Whether a page-table page is in place for the address: its number, or 0."""


@op("pte")
def pte_alloc_one(mm: str, address: int) -> None:
    """Allocate a page-table page; answers its number or None (arch/i386/mm/pgtable.c, 2.6.17)."""


@op("pte")
def pmd_populate(mm: str, address: int, page: int) -> None:
    """Hang a page-table page into the tree."""


@op("pte")
def pte_free(page: int) -> None:
    """Free a page-table page that lost the race to be used."""


@op("pte")
def pte_offset_map(mm: str, address: int) -> None:
    """Map the page-table page, so that the pte can be read; no lock is taken."""


@op("pte")
def pte_unmap(address: int) -> None:
    """Let go of the mapped page-table page."""


@op("pte")
def read_pte(mm: str, address: int) -> None:
    """Load the pte. Without ptl the value may be old by the next step."""


@op("pte")
def set_pte_high(mm: str, address: int, pte: int) -> None:
    """PAE: store the high half of the pte, then smp_wmb() (asm-i386/pgtable-3level.h set_pte)."""


@op("pte")
def set_pte_at(mm: str, address: int, pte: int) -> None:
    """Store a pte (on PAE: its low half, which makes it valid). Flushes nothing on x86."""


@op("pte")
def ptep_establish(mm: str, address: int, pte: int) -> None:
    """Replace a present pte in one store, with PAE too; the flush follows (set_pte_atomic)."""


@op("pte")
def ptep_set_access_flags(mm: str, address: int, pte: int) -> None:
    """Give a present pte more rights or younger bits: a store of its low half on i386."""


@op("pte")
def ptep_set_wrprotect(mm: str, address: int) -> None:
    """Clear the RW bit in place, atomically; answers the pte as it is then."""


@op("pte")
def ptep_get_and_clear(mm: str, address: int) -> None:
    """Take the pte out atomically; answers what it was. On PAE only the low half is gone yet."""


@op("pte")
def pte_clear_high(mm: str, address: int) -> None:
    """PAE: clear the high half too (native ptep_get_and_clear, asm-i386/pgtable-3level.h)."""


@op("pte")
def ptep_clear_flush(mm: str, address: int) -> None:
    """Take a present pte out, with PAE its low half; the flush follows (asm-generic/pgtable.h)."""


@op("pte")
def print_bad_pte(mm: str, address: int, pte: int) -> None:
    """Log that this pte makes no sense here, and go on (mm/memory.c, 2.6.17)."""


# --- TLB


@op("tlb")
def flush_tlb_page(mm: str, address: int) -> None:
    """Drop every CPU's TLB entry for this page; returns when all have."""


@op("tlb")
def flush_tlb_range(mm: str, start: int, end: int) -> None:
    """Drop every CPU's TLB entries for this range; on x86 that is all of the mm's."""


@op("tlb")
def flush_tlb_mm(mm: str) -> None:
    """Drop every CPU's TLB entries of this mm."""


@op("tlb")
def tlb_remove_tlb_entry(mm: str, address: int) -> None:
    """Remember that this page must be flushed when the zap ends (asm-generic/tlb.h, 2.6.17)."""


@op("tlb")
def tlb_finish_mmu(mm: str) -> None:
    """The zap ends: flush, so that the gathered pages can be freed (asm-generic/tlb.h, 2.6.17)."""


@op("tlb")
def update_mmu_cache(mm: str, address: int) -> None:
    """Preload the new translation where the hardware has software tables; nothing on x86."""


# --- struct page


@op("page")
def alloc_page_vma(mm: str, address: int) -> None:
    """Allocate a page for user data; answers its pfn or None."""


@op("page")
def alloc_zeroed_user_highpage(mm: str, address: int) -> None:
    """Allocate a page of zeroes for user data; answers its pfn or None."""


@op("page")
def get_page(page: int) -> None:
    """Take a reference; answers the new count."""


@op("page")
def put_page(page: int) -> None:
    """Drop a reference; answers the new count. The last one frees the page."""


@op("page")
def free_page(page: int) -> None:
    """The count has reached zero: the frame goes back to the allocator."""


@op("page")
def tlb_remove_page(page: int) -> None:
    """The gather takes the page and drops its reference after the flush (asm-generic/tlb.h)."""


@op("page")
def read_page_anon(page: int) -> None:
    """PageAnon: whether the page belongs to an anon_vma."""


@op("page")
def set_page_dirty(page: int) -> None:
    """The page must be written back before it is forgotten."""


@op("page")
def set_page_dirty_balance(page: int) -> None:
    """set_page_dirty, then maybe wait for write-back (mm/page-writeback.c, 2.6.19)."""


@op("page")
def lru_cache_add_active(page: int) -> None:
    """Put a new page on the active list (mm/swap.c, 2.6.17)."""


@op("page")
def anon_vma_prepare(mm: str, vma: str) -> None:
    """Make sure the vma has an anon_vma; answers "new", "have" or None when out of memory."""


@op("page")
def read_anon_vma(mm: str, vma: str) -> None:
    """Whether the vma has an anon_vma: whether it ever held an anonymous page."""


@op("page")
def page_add_new_anon_rmap(page: int, vma: str, address: int) -> None:
    """First mapping of a new anonymous page: mapcount 1 (mm/rmap.c, 2.6.17)."""


@op("page")
def page_add_anon_rmap(page: int, vma: str, address: int) -> None:
    """One more mapping of an anonymous page; answers the mapcount (mm/rmap.c, 2.6.17)."""


@op("page")
def page_add_file_rmap(page: int) -> None:
    """One more mapping of a file page; answers the mapcount (mm/rmap.c, 2.6.17)."""


@op("page")
def page_dup_rmap(page: int) -> None:
    """fork: one more mapping of the same page; answers the mapcount (include/linux/rmap.h)."""


@op("page")
def dec_mapcount(page: int) -> None:
    """page_remove_rmap's decrement; answers the mapcount (mm/rmap.c, 2.6.17)."""


@op("page")
def copy_user_highpage(to: int, source: int, address: int) -> None:
    """Copy a whole page, kernel to kernel."""


@op("page")
def copy_from_user_inatomic(to: int, mm: str, address: int) -> None:
    """Copy a page by reading the *user* address; answers whether that worked (cow_user_page)."""


@op("page")
def clear_user_highpage(page: int, address: int) -> None:
    """Fill a page with zeroes."""


@op("page")
def pfn_valid(pfn: int) -> None:
    """Whether the frame has a struct page."""


@op("rss")
def add_mm_counter(mm: str, counter: str, amount: int) -> None:
    """Add to mm->_anon_rss or mm->_file_rss (include/linux/sched.h, 2.6.17)."""


# --- drivers and files


@op("driver")
def nopfn_call(vma: str, address: int) -> None:
    """Enter the driver's ->nopfn. No pte lock is held, only mmap_sem for reading."""


@op("driver")
def nopfn_ret(driver: str, vma: str, address: int) -> None:
    """The driver decides; answers (pfn, type), type being what it leaves in *type or None."""


@op("driver")
def nopage_call(vma: str, address: int) -> None:
    """Enter ->nopage. No pte lock is held, only mmap_sem for reading."""


@op("driver")
def nopage_ret(source: str, vma: str, address: int) -> None:
    """Find the page and take a reference; answers (page, type). A negative page is an error."""


@op("driver")
def page_mkwrite_call(vma: str, page: int) -> None:
    """Tell the file that a page of it is about to become writable."""


@op("driver")
def page_mkwrite_ret(source: str, page: int) -> None:
    """The file agrees (1) or refuses (negative)."""


@op("driver")
def read_truncate_count(file: str) -> None:
    """mapping->truncate_count: how often the file was truncated."""


@op("driver")
def bump_truncate_count(file: str) -> None:
    """mapping->truncate_count++, before the zap (unmap_mapping_range, mm/memory.c, 2.6.17)."""


@op("driver")
def mapping_cap_account_dirty(file: str) -> None:
    """Whether the file's dirty pages are counted (include/linux/backing-dev.h, 2.6.19)."""


# --- swap


@op("page")
def lookup_swap_cache(slot: int) -> None:
    """The page that holds this swap slot already, with a reference taken, or None."""


@op("page")
def swapin_readahead(slot: int) -> None:
    """Start reading neighbours of the slot; a hint (mm/memory.c, 2.6.17)."""


@op("page")
def read_swap_cache_async(slot: int, mm: str, address: int) -> None:
    """Allocate a page and read the slot into it; answers its pfn, with a reference, or None."""


@op("page")
def grab_swap_token(mm: str) -> None:
    """Ask to be spared from reclaim for a while (mm/thrash.c, 2.6.17)."""


@op("page")
def read_page_uptodate(page: int) -> None:
    """PageUptodate: whether the read from swap worked."""


@op("page")
def can_share_swap_page(page: int) -> None:
    """Whether nobody but this mapping needs the page or its slot (mm/swapfile.c, 2.6.17)."""


@op("page")
def swap_free(slot: int) -> None:
    """Drop a reference to a swap slot; answers what is left."""


@op("page")
def swap_duplicate(slot: int) -> None:
    """Take a reference to a swap slot; answers the new number."""


# --- mm changes


@op("mm")
def begin_fork(mm: str, child: str) -> None:
    """The thread has entered fork; nothing is locked yet (kernel/fork.c, 2.6.17)."""


@op("mm")
def read_vma(mm: str, vma: str) -> None:
    """One vma by its name, as a frozen snapshot."""


@op("mm")
def copy_vma(mm: str, child: str, vma: str) -> None:
    """dup_mmap: the child gets a copy of the vma (kernel/fork.c, 2.6.17)."""


@op("mm")
def read_vmas(mm: str) -> None:
    """All vmas of the mm, in order of address, as frozen snapshots."""


@op("mm")
def new_mm(mm: str, child: str) -> None:
    """mm_init: the child starts with an empty address space (kernel/fork.c, 2.6.17)."""


@op("mm")
def set_vma_flags(mm: str, vma: str, flags: int) -> None:
    """Store vm_flags, and the vm_page_prot that follows from them (mprotect_fixup, 2.6.17)."""


@op("mm")
def set_vma_prot(mm: str, vma: str, flags: int) -> None:
    """vm_page_prot as if private, so that the first write faults (mm/mprotect.c, 2.6.18)."""


@op("mm")
def set_vma_pgoff(mm: str, vma: str, pgoff: int) -> None:
    """Store vm_pgoff."""


# --- assertions


@op("check")
def BUG_ON(condition: bool, text: str) -> None:
    """If the condition holds the thread oopses here, with its locks held."""


@op("check")
def BUG(text: str) -> None:
    """The thread oopses here, with its locks held."""


@op("driver")
def install_nonlinear(mm: str, vma: str, address: int) -> None:
    """->populate of one page; answers 0 or -errno. Scenarios with VM_NONLINEAR are refused."""
