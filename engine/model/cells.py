"""The machine: flat named cells, and a journal of every change.

A slice of the journal is at once the delta of a step, its undo, and what a reader sees change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Value = Any
"""What a cell holds: an int, a str, a tuple of these, or None (the cell is not there)."""

Change = tuple[str, Value, Value]
"""(cell, was, now)"""

TLB = "tlb/"

Which = Callable[[str], bool]
"""A choice among cells, by name."""


def every(_: str) -> bool:
    """All of them."""
    return True


class Machine(dict[str, Value]):
    """Named cells. Writes go through `put`, which journals them; reads of a step through `look`.

    tlb: the cells of the TLBs once more, for they are asked for all together, and often.
    """

    def __init__(self, cells: Mapping[str, Value] = {}) -> None:
        super().__init__(cells)
        self.journal: list[Change] = []
        self.seen: list[str] = []
        self.tlb = {cell: value for cell, value in cells.items() if cell.startswith(TLB)}

    def look(self, cell: str) -> Value:
        """The value of `cell`, noted as read by the step under way."""
        self.seen.append(cell)
        return self.get(cell)

    def put(self, cell: str, now: Value) -> None:
        """Write `now` into `cell`; None removes it. Writing what is there already is no change."""
        was = self.get(cell)
        if was == now:
            return
        self.journal.append((cell, was, now))
        self._set(cell, now)

    def add(self, cell: str, amount: int) -> int:
        """Add `amount` to the counter `cell` and answer its new value."""
        now: int = (self.look(cell) or 0) + amount
        self.put(cell, now)
        return now

    def under(self, prefix: str, which: Which = every) -> Iterator[tuple[str, Value]]:
        """The cells whose names begin with `prefix` and satisfy `which`; none is noted as read."""
        cells = self.tlb if prefix == TLB else self
        for cell, value in cells.items():
            if cell.startswith(prefix) and which(cell):
                yield cell, value

    def mark(self) -> int:
        """A point in the journal to come back to."""
        return len(self.journal)

    def undo(self, mark: int) -> None:
        """Take back every change made since `mark`."""
        while len(self.journal) > mark:
            cell, was, _ = self.journal.pop()
            self._set(cell, was)

    def freeze(self) -> frozenset[tuple[str, Value]]:
        """All cells as one hashable value."""
        return frozenset(self.items())

    def _set(self, cell: str, value: Value) -> None:
        if value is None:
            self.pop(cell, None)
        else:
            self[cell] = value
        if cell.startswith(TLB):
            if value is None:
                self.tlb.pop(cell, None)
            else:
                self.tlb[cell] = value
