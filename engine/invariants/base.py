"""What a check sees, and what it says when something is wrong.

Every check is a function of the state before a step and the step, never of what a watcher
remembers. A thread's past is part of the state, because its node is (see `account`); so two runs
that meet in one state are judged alike from there on, and the explorer may merge them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.invariants.account import Account
from engine.messages import Message
from engine.model.cells import TLB, Machine, Which, every
from engine.model.vma import VM_PFNMAP, is_cow_mapping
from engine.ops import Op
from engine.simulation import Simulation, Step
from engine.verbs.world import has_page


class Violation(NamedTuple):
    """An invariant that does not hold: which, what to say, and the cells to look at."""

    invariant: str
    text: Message
    cells: tuple[str, ...]


class Found(NamedTuple):
    """What a check found: what to say and the cells; the watcher adds the invariant's name."""

    text: Message
    cells: tuple[str, ...]


def found(key: str, cells: tuple[str, ...], /, **fields: Any) -> Found:
    """What a check found: the message invariants.`key`, and the cells. who: a thread's name."""
    return Found(Message("invariants." + key, fields), cells)


@dataclass(frozen=True)
class Invariant:
    """A rule by its permanent id.

    after: checks it after a step, of these `ops` (of all if None). finish: checks it at the end.
    """

    id: str
    after: Callable[[View], Iterator[Found]] | None = None
    ops: frozenset[str] | None = None
    finish: Callable[[End], Iterator[Found]] | None = None

    @property
    def title(self) -> str:
        """The key of a sentence that is true when the rule holds."""
        return f"invariants.{self.id}"

    @property
    def source(self) -> str:
        """Where the rule comes from: the docstrings of its checks."""
        checks = [check for check in (self.after, self.finish) if check]
        return "\n\n".join(check.__doc__ or "" for check in checks)


class PteChange(NamedTuple):
    """One pte that a step has changed. page: the number of the virtual page."""

    cell: str
    mm: str
    page: int
    was: int
    now: int


class End:
    """The state when nothing moves any more. `accounts` holds what each thread has done so far."""

    def __init__(self, sim: Simulation, accounts: Callable[[str], Account]) -> None:
        self.sim, self.machine, self.world = sim, sim.machine, sim.world
        self.account = accounts

    def owed(self, mm: str, page: int) -> bool:
        """Whether some thread inside the kernel has still to flush this page."""
        position = self.sim.position
        return any(
            (mm, page) in self.account(t).debts for t in self.sim.threads if position[t].stack
        )


class View(End):
    """A step that has just happened, and the state after it. before: the thread's account then."""

    def __init__(
        self, sim: Simulation, accounts: Callable[[str], Account], step: Step, op: Op,
        before: Account,
    ) -> None:  # fmt: skip
        super().__init__(sim, accounts)
        self.step, self.op, self.before = step, op, before
        self.thread = step.thread
        self.ptes = [pte_change(*c) for c in step.delta if c[0].startswith("pte/")]

    @property
    def returns(self) -> bool:
        """Whether this step took the thread out of the kernel, alive."""
        inside = self.step.node.stack and not self.sim.position[self.thread].stack
        return bool(inside) and f"task/{self.thread}/bug" not in self.machine


def pte_change(cell: str, was: Any, now: Any) -> PteChange:
    """A change of a pte cell, taken apart."""
    mm, page = pte_place(cell)
    return PteChange(cell, mm, page, was or 0, now or 0)


def pte_place(cell: str) -> tuple[str, int]:
    """(mm, page) of a pte cell."""
    _, mm, page = cell.split("/")
    return mm, int(page, 16)


def tlb_entries(m: Machine, which: Which = every) -> Iterator[tuple[str, str, int, int, int]]:
    """(cell, mm, page, pfn, writable) of every TLB entry of every CPU, or of some by name."""
    for cell, entry in m.under(TLB, which):
        yield cell, entry[0], tlb_page(cell), entry[1], entry[2]


def tlb_page(cell: str) -> int:
    """The number of the virtual page that a TLB cell is about."""
    return int(cell.rpartition("/")[2], 16)


def vma_of(m: Machine, mm: str, page: int) -> str | None:
    """The name of the vma that covers a virtual page."""
    for vma in m.get(f"mm/{mm}/vmas", ()):
        if m[f"vma/{mm}/{vma}/start"] <= page << 12 < m[f"vma/{mm}/{vma}/end"]:
            return str(vma)
    return None


def normal_page(end: End, mm: str, page: int, pte: int) -> int | None:
    """The page whose mapcount a present pte counts in (vm_normal_page's rule, 2.6.17), or None."""
    m, pfn = end.machine, end.world.arch.pte_pfn(pte)
    vma = vma_of(m, mm, page)
    if vma is None:
        return None
    flags: int = m[f"vma/{mm}/{vma}/flags"]
    if flags & VM_PFNMAP:
        linear = m[f"vma/{mm}/{vma}/pgoff"] + page - (m[f"vma/{mm}/{vma}/start"] >> 12)
        if pfn == linear or not is_cow_mapping(flags):
            return None
    return pfn if has_page(end.world, pfn) else None
