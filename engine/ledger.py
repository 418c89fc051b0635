"""What has happened so far in a run: who wrote which cell last, who read it, who holds what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from engine.messages import Messages
from engine.ops import OPS
from engine.simulation import Simulation, Step

BOOKKEEPING = ("vmstat/", "memory/", "log/", "inject/")
"""Cells that only count; who counted before is no cause of anything."""

Waiting = dict[str, tuple[str, tuple[str, ...]]]
"""thread -> (lock, holders)"""


STARTS = ("begin_fork", "down_write")
"""Ops that begin a system call, as an access begins a fault."""


class Moment:
    """A step with its place in the run. `seen`: this thread's newest step of each op, this fault.

    number: from 1. nth: of this op in this thread. held, holds: locks of the thread before and
    after the step.
    written: cell -> newest earlier step that wrote it, for the cells the step touched.
    """

    __slots__ = ("args", "delta", "held",
        "holds", "nth", "number", "op", "runnable", "seen", "stack",
                 "step", "thread", "waiting", "written")  # fmt: skip

    def __init__(self, number: int, nth: int, step: Step, runnable: tuple[str, ...]) -> None:
        assert step.node.op is not None
        self.number, self.nth, self.step, self.runnable = number, nth, step, runnable
        self.thread, self.op, self.stack = step.thread, step.node.op.name, step.node.stack
        self.args: dict[str, Any] = dict(zip(OPS[self.op].params, step.node.op.args, strict=False))
        self.delta = {cell: (was, now) for cell, was, now in reversed(step.delta)}
        self.waiting: Waiting = {}
        self.held: tuple[str, ...] = ()
        self.holds: tuple[str, ...] = ()
        self.written: dict[str, int] = {}
        self.seen: Mapping[str, Moment] = {}

    @property
    def answer(self) -> Any:
        """What the machine answered."""
        return self.step.answer

    @property
    def where(self) -> str:
        """The innermost function, or "" in user mode."""
        return self.stack[-1][0].partition("@")[0] if self.stack else ""

    def inside(self, function: str) -> bool:
        """Whether the thread is in this function, directly or not."""
        return any(id.partition("@")[0] == function for id, _ in self.stack)


class Ledger:
    """Turns steps into moments, in order. spaces: the address spaces there are now.

    words: what the steps are told in.
    """

    def __init__(self, sim: Simulation, words: Messages) -> None:
        self.sim, self.words = sim, words
        self.moments: list[Moment] = []
        self.writer: dict[str, int] = {}
        self.writes: dict[str, list[int]] = {}
        self.done: Counter[tuple[str, str]] = Counter()
        self.reader: dict[tuple[str, str], int] = {}
        self.seen: dict[str, dict[str, Moment]] = {t: {} for t in sim.threads}
        self.held: dict[str, list[str]] = {t: [] for t in sim.threads}
        self.spaces = {cell for cell in sim.machine if _is_space(cell)}
        self.runnable = sim.runnable()

    def add(self, step: Step) -> Moment:
        """The step that was just taken, as a moment."""
        assert step.node.op is not None
        thread, op = step.thread, step.node.op.name
        self.done[thread, op] += 1
        moment = Moment(len(self.moments) + 1, self.done[thread, op], step, self.runnable)
        if not moment.stack or op in STARTS:
            self.seen[thread] = {}
        moment.held = tuple(self.held[thread])
        moment.seen = dict(self.seen[thread])
        touched = {*step.reads, *moment.delta}
        moment.written = {c: self.writer[c] for c in touched if c in self.writer}
        self._note(moment)
        moment.holds = tuple(self.held[thread])
        self.runnable = self.sim.runnable()
        moment.waiting = self._waiting()
        self.moments.append(moment)
        return moment

    def __getitem__(self, number: int) -> Moment:
        return self.moments[number - 1]

    def last_read(self, thread: str, cell: str) -> Moment | None:
        """The thread's newest read_pte of this cell."""
        number = self.reader.get((thread, cell))
        return None if number is None else self[number]

    def _note(self, moment: Moment) -> None:
        for cell, (was, now) in moment.delta.items():
            self.writer[cell] = moment.number
            if cell.startswith("pte/"):
                self.writes.setdefault(cell, []).append(moment.number)
            if cell.startswith("lock/"):
                self._lock(cell, was, now)
            if _is_space(cell):
                self.spaces = {*self.spaces, cell} if now else self.spaces - {cell}
        self.seen[moment.thread][moment.op] = moment
        if moment.op == "read_pte":
            self.reader[moment.thread, moment.step.reads[0]] = moment.number

    def _lock(self, cell: str, was: Any, now: Any) -> None:
        for thread, held in self.held.items():
            had, has = (thread in _holders(value) for value in (was, now))
            if has and not had:
                held.append(cell)
            if had and not has:
                held.remove(cell)

    def _waiting(self) -> Waiting:
        found = {}
        for thread in self.sim.threads:
            blocked = None if self.sim.finished(thread) else self.sim.blocked(thread)
            if blocked:
                found[thread] = blocked
        return found


def _is_space(cell: str) -> bool:
    return cell.startswith("mm/") and cell.endswith("/vmas")


def _holders(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def causes(moment: Moment, ledger: Ledger) -> list[int]:
    """The newest earlier steps that wrote what this step read or overwrote, and what decided it."""
    found = {n for cell, n in moment.written.items() if _telling(cell, moment, ledger[n])}
    for op in DECIDED_BY.get(moment.op, ()):
        if op in moment.seen:
            found.add(moment.seen[op].number)
    return sorted(found - {moment.number})


def _telling(cell: str, moment: Moment, writer: Moment) -> bool:
    if cell.startswith(BOOKKEEPING):
        return False
    if cell.startswith("lock/"):
        return writer.thread != moment.thread and writer.op.startswith(("spin_un", "unlock", "up_"))
    return True


_FRAME = ("read_pte", "nopfn_ret", "nopage_ret", "alloc_page_vma", "alloc_zeroed_user_highpage",
          "read_swap_cache_async", "lookup_swap_cache")  # fmt: skip
DECIDED_BY: dict[str, tuple[str, ...]] = {
    "set_pte_at": _FRAME,
    "set_pte_high": _FRAME,
    "ptep_establish": ("read_pte", "alloc_page_vma", "alloc_zeroed_user_highpage"),
    "ptep_set_access_flags": ("read_pte", "can_share_swap_page"),
    "ptep_get_and_clear": ("read_pte",),
    "ptep_clear_flush": ("read_pte",),
    "flush_tlb_page": ("ptep_establish", "ptep_set_access_flags", "ptep_clear_flush"),
    "print_bad_pte": ("read_pte", "pfn_valid"),
    "nopfn_call": ("read_pte",),
    "nopage_call": ("read_pte",),
    "BUG_ON": ("find_vma", "read_pte"),
    "BUG": ("vm_fault",),
    "vm_fault": ("nopfn_ret", "read_pte"),
    "count_fault": ("vm_fault",),
    "force_sig": ("find_vma", "vm_fault"),
    "do_exit": ("vm_fault",),
    "livelock": ("access",),
    "put_page": ("read_pte",),
    "free_page": ("put_page",),
    "pte_free": ("read_pmd",),
    "pmd_populate": ("read_pmd", "pte_alloc_one"),
    "copy_user_highpage": ("alloc_page_vma",),
}
"""Which of the thread's own earlier ops, in the same fault, decide an op or feed it."""
