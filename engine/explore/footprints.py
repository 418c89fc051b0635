"""What a thread's next step uses, and all that it may still use, as learned so far."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.explore.automaton import Held, Place
from engine.explore.moves import NOTHING, OWN, Moves, Names
from engine.explore.packing import PLACE_BITS
from engine.explore.symmetry import Threads
from engine.invariants.account import TAKES

WAITS = frozenset(TAKES) - {"trylock_page"}
"""Ops that may have to wait."""


class Print(NamedTuple):
    """A footprint: cells read, written, added to, each cell a bit."""

    reads: int
    writes: int
    adds: int

    def clashes(self, other: Print) -> bool:
        """Whether the order of two steps can matter."""
        touched = other.reads | other.writes | other.adds
        return bool(
            self.writes & touched
            or self.reads & (other.writes | other.adds)
            or self.adds & (other.reads | other.writes)
        )

    def and_also(self, other: Print) -> Print:
        """Both together."""
        return Print(
            self.reads | other.reads, self.writes | other.writes, self.adds | other.adds
        )  # fmt: skip


EMPTY = Print(0, 0, 0)


class Footprints:
    """The footprints of steps. families[t]: the threads that run what t runs, t among them."""

    def __init__(self, moves: Moves, families: list[Threads]) -> None:
        self.moves, self.families = moves, families
        self.system, self.packing = moves.system, moves.packing
        self.bits: dict[str, int] = {}
        self.forget()

    def forget(self) -> None:
        """Something new was learned: what was worked out from the old is void."""
        self.prints: dict[int, Print] = {}
        self.futures: dict[tuple[int, int, Held], Print] = {}

    def step(self, thread: int, place: Place) -> Print:
        """What the step at a place uses, whichever of its twins was seen to make it."""
        key = thread << PLACE_BITS | place.number
        known = self.prints.get(key)
        if known is None:
            use = self.moves.uses.get((self.system.kin[self.system.threads[thread]], place.number))
            known = Print(*(self._bits(cells, thread) for cells in use or NOTHING))
            self.prints[key] = known
        return known

    def future(self, thread: int, place: Place, held: Held) -> Print:
        """All that a thread may do from a place on, while these locks are held against it."""
        key = thread, place.number, held
        known = self.futures.get(key)
        if known is None:
            known, todo, seen = EMPTY, [place], {place.number}
            while todo:
                here = todo.pop()
                if here.op is None or (not self.packing.strange and _kept_out(here, held)):
                    continue
                known = known.and_also(self.step(thread, here))
                for after in here.follow.values():
                    if after.number not in seen:
                        seen.add(after.number)
                        todo.append(after)
            self.futures[key] = known
        return known

    def _bits(self, cells: Names, thread: int) -> int:
        bits = 0
        for cell in cells:
            for name in self._told_of(cell, thread):
                bits |= self.bits.setdefault(name, 1 << len(self.bits))
        return bits

    def _told_of(self, cell: Any, thread: int) -> Iterator[str]:
        """The cell or cells that a name in a use stands for, when this thread makes the step."""
        if isinstance(cell, str):
            yield cell
            return
        whose, role = cell
        for twin in self.families[thread]:
            if (twin == thread) == (whose == OWN):
                yield self.system.cell_of(self.system.threads[twin], role)


def _kept_out(place: Place, held: Held) -> bool:
    """Whether the op at a place must wait as long as these locks are held."""
    assert place.op is not None
    if place.op.name not in WAITS:
        return False
    name, mode = TAKES[place.op.name]
    lock = name(place.op.args[0])
    return any(one == lock and (how != "read" or mode != "read") for one, how in held)
