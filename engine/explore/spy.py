"""A machine that notes what a step depends on: every cell it reads, writes or adds to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.model.cells import TLB, Machine, Value, Which, every


class Spy(Machine):
    """Notes the cells used since `begin`, absent ones too, by any door of the mapping.

    reads, writes: names. adds: cell -> the smallest amount added, where nothing else was done to
    it. scans: (prefix, choice) of names that were looked at whether they are there or not.
    """

    def __init__(self, cells: Mapping[str, Value]) -> None:
        super().__init__(cells)
        self.begin()

    def begin(self) -> None:
        """Forget what was noted, and the journal."""
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.adds: dict[str, int] = {}
        self.scans: list[tuple[str, Which]] = []
        self.journal.clear()
        self.seen.clear()

    def get(self, cell: str, default: Value = None) -> Value:
        self.reads.add(cell)
        return dict.get(self, cell, default)

    def __getitem__(self, cell: str) -> Value:
        self.reads.add(cell)
        return dict.__getitem__(self, cell)

    def __contains__(self, cell: object) -> bool:
        self.reads.add(str(cell))
        return dict.__contains__(self, cell)

    def items(self) -> Any:
        raise TypeError("a step may not look at all cells; use under(prefix)")

    def put(self, cell: str, now: Value) -> None:
        self.writes.add(cell)
        self._change(cell, now)

    def add(self, cell: str, amount: int) -> int:
        now: int = (dict.get(self, cell) or 0) + amount
        self.adds[cell] = min(amount, self.adds.get(cell, amount))
        self._change(cell, now)
        return now

    def under(self, prefix: str, which: Which = every) -> Iterator[tuple[str, Value]]:
        self.scans.append((prefix, which))
        cells = self.tlb if prefix == TLB else self
        for cell in list(cells):
            if cell.startswith(prefix) and which(cell):
                yield cell, dict.__getitem__(self, cell)

    def _change(self, cell: str, now: Value) -> None:
        was = dict.get(self, cell)
        if was != now:
            self.journal.append((cell, was, now))
            self._set(cell, now)
