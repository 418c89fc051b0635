"""Rules about order: locks, sleeping, bugs, deadlock, and what a driver promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.invariants.base import End, Found, View, found
from engine.messages import Listed, Message
from engine.ops import page_table_lock, ptl_of
from engine.verbs.locks import page_lock, sem_cell

HARDWARE = frozenset({"access", "copy_from_user_inatomic"})
"""Ops in which the CPU itself sets accessed and dirty bits, without any lock."""

UNLOCKS: dict[str, tuple[Callable[[Any], str], str]] = {
    "spin_unlock": (str, "spin"),
    "unlock_page": (page_lock, "page"),
    "up_read": (sem_cell, "read"),
    "up_write": (sem_cell, "write"),
}
"""Each op that releases a lock: how its argument names the lock, and how it must be held."""

SLEEPS = frozenset({
    "down_read", "down_write", "lock_page", "alloc_page_vma", "alloc_zeroed_user_highpage",
    "pte_alloc_one", "anon_vma_prepare", "read_swap_cache_async", "swapin_readahead",
    "nopfn_call", "nopfn_ret", "nopage_call", "nopage_ret", "page_mkwrite_call",
    "page_mkwrite_ret", "set_page_dirty_balance", "install_nonlinear", "new_mm", "copy_vma",
})  # fmt: skip
"""Ops that may sleep: semaphores, allocations, drivers and files, write-back."""


def locks(view: View) -> Iterator[Found]:
    """Every change is made under its lock; its holder releases a lock before it is in user mode.

    A task that oopses takes its locks along: `no_bug` and `no_deadlock` tell of that.

    Source: the lock order at the head of mm/rmap.c and Documentation/vm/locking, 2.6.17. ptes need
    the ptl of their page-table page, upper levels page_table_lock, vmas mmap_sem for writing.
    """
    yield from _unlocked_by_stranger(view)
    if view.op.name not in HARDWARE:
        yield from _written_without(view)
    if view.returns:
        for lock in view.account(view.thread).held:
            yield found("locks.kept", (lock,), who=view.thread, lock=lock)


def _unlocked_by_stranger(view: View) -> Iterator[Found]:
    if view.op.name in UNLOCKS:
        name, mode = UNLOCKS[view.op.name]
        lock = name(view.op.args[0])
        if view.before.held.get(lock) != mode:
            yield found("locks.not_held", (lock,), who=view.thread, lock=lock)


def _written_without(view: View) -> Iterator[Found]:
    for change in view.ptes:
        ptl = ptl_of(view.world.arch, change.mm, change.page << 12)
        if ptl not in view.before.held:
            address = f"{change.page << 12:#x}"
            yield found("locks.pte", (change.cell, ptl), who=view.thread, address=address)
    for cell, _, _ in view.step.delta:
        kind, _, rest = cell.partition("/")
        mm = rest.partition("/")[0]
        if kind == "pmd" and page_table_lock(mm) not in view.before.held:
            yield found("locks.pmd", (cell,), who=view.thread, cell=cell)
        if kind == "vma":
            yield from _vma_written(view, cell, mm)


def _vma_written(view: View, cell: str, mm: str) -> Iterator[Found]:
    """A vma changes under mmap_sem; anon_vma under a read hold too. A new mm is nobody's yet."""
    enough = ("read", "write") if cell.endswith("/anon_vma") else ("write",)
    if sem_cell(mm) in view.machine and view.before.held.get(sem_cell(mm)) not in enough:
        yield found("locks.vma", (cell, sem_cell(mm)), who=view.thread, cell=cell)


def no_sleep(view: View) -> Iterator[Found]:
    """Nobody sleeps while it holds a spinlock.

    Source: might_sleep(), include/linux/kernel.h, and Documentation/spinlocks.txt, 2.6.17.
    """
    for lock in view.before.spinlocks():
        yield found("no_sleep.may", (lock,), who=view.thread, op=view.op.name, lock=lock)


BUGS = {
    "VM_PFNMAP missing (do_no_pfn)": "bugs.pfnmap_missing",
    "COW mapping (do_no_pfn)": "bugs.cow_mapping",
    "VM_PFNMAP set (do_no_page)": "bugs.pfnmap_set",
    "negative mapcount (page_remove_rmap)": "bugs.negative_mapcount",
    "remap_pfn_range over a pte that is not none": "bugs.remap",
    "unknown fault code (arch do_page_fault)": "bugs.unknown_code",
}
"""Assertion -> the message that names it; cells, links and expectations keep the assertion."""

REFUSALS = (
    "VM_PFNMAP missing (do_no_pfn)",
    "COW mapping (do_no_pfn)",
    "VM_PFNMAP set (do_no_page)",
)
"""Assertions about the mapping: its driver should not have made it so. They fail at a fault."""


def bug_message(text: str) -> Message | str:
    """A task's bug, "BUG_ON COW mapping ...", with the assertion in words; itself if unknown."""
    macro, _, what = text.partition(" ")
    if what not in BUGS:
        return text
    return Message("bugs.hit", {"macro": macro, "what": Message(BUGS[what], {})})


def no_bug(view: View) -> Iterator[Found]:
    """No BUG is hit: no assertion of the kernel fails.

    Source: BUG_ON, include/asm-generic/bug.h, 2.6.17.
    """
    for cell, _, now in view.step.delta:
        if cell.endswith("/bug"):
            yield found("no_bug.hit", (cell,), who=view.thread, bug=bug_message(now))


def no_deadlock(end: End) -> Iterator[Found]:
    """At the end every thread has reached its end: nobody waits for ever.

    Source: Coffman's circular wait; a lock that a dead task holds counts too.
    """
    if end.sim.runnable():
        return
    for thread in end.sim.threads:
        wait = None if end.sim.finished(thread) else end.sim.blocked(thread)
        if wait:
            lock, holders = wait
            by = Listed(holders)
            yield found("no_deadlock.waits", (lock,), who=thread, lock=lock, holders=by)


def one_pfn(view: View) -> Iterator[Found]:
    """A driver's ->nopfn answers the same frame for the same address, whoever asks.

    Source: the comment above do_no_pfn, in every posting since 3 April 2006; drivers/char/mspec.c
    mspec_nopfn, 2.6.20, which frees the loser's page and returns the winner's. Errors do not count.
    """
    driver, _, address = view.op.args
    pfn = view.step.answer[0]
    if pfn < 0:
        return
    for thread in view.sim.threads:
        account = view.before if thread == view.thread else view.account(thread)
        first = account.pfns.get(view.op.args)
        if first is not None and first != pfn:
            fields = {
                "driver": driver, "address": f"{address:#x}",
                "first": f"{first:#x}", "other": thread,
                "second": f"{pfn:#x}", "thread": view.thread,
            }  # fmt: skip
            yield found("one_pfn.named", (f"driver/{driver}/calls",), **fields)
