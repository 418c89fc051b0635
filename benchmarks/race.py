"""Model F: N threads fault on a page of a device whose driver names another frame at each call.

The smallest model of the thread's argument, in the engine's own style: v1 stores what it was told,
v3 looks again under the lock. SPIN and TLC have counted its states (see `race.pml`, the twin).
"""

# Methods keep the signatures of System.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from engine.explore.system import Move, System
from engine.invariants.base import Violation
from engine.kernel import Handler
from engine.messages import Message
from engine.model.cells import Machine
from engine.ops import (
    BUG_ON,
    Op,
    down_read,
    nopfn_ret,
    pte_unmap,
    read_pte,
    set_pte_at,
    spin_lock,
    spin_unlock,
    up_read,
)
from engine.verbs import locks

MM = "P"
VERBS: dict[str, Callable[..., Any]] = {
    name: getattr(locks, name) for name in ("down_read", "up_read", "spin_lock", "spin_unlock")
}


def do_no_pfn(address: int, ptl: str, looks_again: bool) -> Handler:
    """The handler of 3 April 2006, or that of 5 April, which looks again."""
    yield pte_unmap(address)
    yield BUG_ON(False, "VM_PFNMAP missing (do_no_pfn)")
    pfn = yield nopfn_ret("d", "v", address)
    yield spin_lock(ptl)
    pte = 0
    if looks_again:
        pte = yield read_pte(MM, address)
    if not pte:
        yield Op("pfn_pte", ())
        yield Op("maybe_mkwrite", ())
        yield set_pte_at(MM, address, pfn)
    yield spin_unlock(ptl)


def fault(address: int, ptl: str, looks_again: bool) -> Handler:
    """One fault, and the walk that follows it."""
    yield down_read(MM)
    pte = yield read_pte(MM, address)
    if not pte:
        yield from do_no_pfn(address, ptl, looks_again)
    yield up_read(MM)
    yield Op("walk", (address,))


class Race(System):
    """Model F for so many threads and pages; thread n faults on page n % pages."""

    def __init__(self, threads: int, looks_again: bool, pages: int = 1) -> None:
        cells: dict[str, Any] = {f"lock/mmap_sem/{MM}": locks.FREE_SEM, "driver/d/calls": 0}
        starts = {}
        for n in range(threads):
            page = n % pages
            ptl = f"lock/ptl/{MM}/{page:#x}"
            cells[ptl], cells[f"pte/{MM}/{page:#x}"] = "", 0
            starts[f"t{n}"] = partial(fault, page << 12, ptl, looks_again)
        super().__init__(cells, starts, {f"t{n}": n % pages for n in range(threads)})

    def blocked(self, m: Machine, thread: str, op: Op) -> bool:
        return locks.blockers(m, thread, op) is not None

    def act(self, m: Machine, thread: str, op: Op) -> Any:
        name, args = op
        if name in VERBS:
            return VERBS[name](m, None, thread, *args)
        if name == "read_pte":
            return m.look(f"pte/{MM}/{args[1] >> 12:#x}")
        if name == "nopfn_ret":
            return m.add("driver/d/calls", 1)
        if name == "set_pte_at":
            m.put(f"pte/{MM}/{args[1] >> 12:#x}", args[2])
        if name == "walk":
            m.put(f"tlb/{thread}", m.look(f"pte/{MM}/{args[0] >> 12:#x}"))
        return None

    def judge(self, m: Machine, move: Move) -> list[Violation]:
        return [
            Violation("overwrite", Message("invariants.overwrite.present", {}), (cell,))
            for cell, was, _ in move.delta
            if cell.startswith("pte/") and was
        ]

    def outcome(self, m: Machine, places: Any) -> dict[str, Any]:
        return {cell: m.get(cell) for prefix in ("pte/", "tlb/") for cell, _ in m.under(prefix)}

    def role(self, cell: str) -> tuple[str, str] | None:
        kind, _, thread = cell.partition("/")
        return (thread, kind) if kind == "tlb" else None

    def cell_of(self, thread: str, role: str) -> str:
        return f"{role}/{thread}"
