"""A state as one int: the places of all threads, then a few bits for each cell that ever changes.

A cell's values are numbered in the order in which they turn up, the initial one being 0. A cell
gets its bits when it first changes, and more at the top when it outgrows them: in every state known
until then the new bits are rightly 0.

Locks are stored as free, held or so many readers: who holds them is known from the places. Only
where the two disagree, as under a kernel that releases what it does not hold, is the value kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.explore.automaton import Place
from engine.explore.system import System
from engine.model.cells import Value
from engine.verbs.locks import FREE_SEM

PLACE_BITS = 12
SEM = "lock/mmap_sem/"
"""Only of these locks does it matter whether they were there from the start: a new mm has none."""

FREE = ""
"""A lock that nobody holds."""

FIRST_BITS, MORE_BITS = 3, 5
"""How wide a cell's bits are at first, and each time they are outgrown."""


class Table:
    """The numbers of a cell's values; cells that threads may exchange share one."""

    __slots__ = ("codes", "values")

    def __init__(self, initial: Any) -> None:
        self.values: list[Any] = [initial]
        self.codes: dict[Any, int] = {initial: 0}

    def code(self, value: Any) -> int:
        """The number of a value."""
        code = self.codes.get(value)
        if code is None:
            code = self.codes[value] = len(self.values)
            self.values.append(value)
        return code


class Field:
    """Where one cell is in a state. parts: (shift, bits, how many lower bits are elsewhere)."""

    __slots__ = ("cell", "mask", "parts", "room", "table")

    def __init__(self, cell: str, table: Table) -> None:
        self.cell, self.table = cell, table
        self.parts: list[tuple[int, int, int]] = []
        self.mask = self.room = 0

    def widen(self, shift: int, bits: int) -> None:
        """Give the cell more bits, at `shift`."""
        self.parts.append((shift, bits, self.room))
        self.mask |= (1 << bits) - 1 << shift
        self.room += bits

    def place(self, code: int) -> int:
        """A value's number, put where it belongs."""
        if len(self.parts) == 1:
            return code << self.parts[0][0]
        return sum((code >> low & (1 << bits) - 1) << shift for shift, bits, low in self.parts)

    def read(self, state: int) -> int:
        """The number of the value that the cell has in a state."""
        code = 0
        for shift, bits, low in self.parts:
            code |= (state >> shift & (1 << bits) - 1) << low
        return code


class Packing:
    """The layout of a system's states. twins: thread -> the threads it may change places with."""

    def __init__(self, system: System, twins: Mapping[str, tuple[str, ...]]) -> None:
        self.system, self.twins = system, twins
        self.place_mask = (1 << PLACE_BITS) - 1
        self.shifts = [n * PLACE_BITS for n in range(len(system.threads))]
        self.all_places = (1 << PLACE_BITS * len(system.threads)) - 1
        self.top = PLACE_BITS * len(system.threads)
        self.fields: dict[str, Field] = {}
        self.strange = False  # a lock was seen whose holder the places do not tell

    def initial(self) -> int:
        """The state before the first step."""
        programs = (self.system.programs[t].root.number for t in self.system.threads)
        return sum(number << shift for number, shift in zip(programs, self.shifts, strict=True))

    def places(self, state: int) -> dict[str, Place]:
        """Where each thread stands."""
        return {
            t: self.system.programs[t].places[state >> shift & self.place_mask]
            for t, shift in zip(self.system.threads, self.shifts, strict=True)
        }

    def cells(self, state: int, places: Mapping[str, Place]) -> dict[str, Value]:
        """Every cell of the machine in a state, ghosts included."""
        cells = dict(self.system.cells)
        for field in self.fields.values():
            code = field.read(state)
            value = field.table.values[code]
            if isinstance(value, Held):
                value = value.by(field.cell, places)
            elif value == FREE and field.cell.startswith(SEM):
                value = FREE_SEM
            if value is None:
                cells.pop(field.cell, None)
            else:
                cells[field.cell] = value
        return cells

    def coded(self, cell: str, value: Value, places: Mapping[str, Place]) -> Any:
        """A value as its table knows it."""
        if not cell.startswith("lock/"):
            return value
        if not any(value or ()):
            return value if value is None and cell.startswith(SEM) else FREE
        short = Held.of(value)
        if short.by(cell, places) in (value, _sorted(value)):
            return short
        self.strange = True
        return value

    def field(self, cell: str) -> tuple[Field, list[Field]]:
        """The cell's field, and those that had to be made for it (its twins' among them)."""
        known = self.fields.get(cell)
        if known:
            return known, []
        table, made = None, []
        for name in self._with_twins(cell):
            table = table or Table(self.coded(name, self.system.cells.get(name), {}))
            field = self.fields[name] = Field(name, table)
            self.widen(field, FIRST_BITS)
            made.append(field)
        return self.fields[cell], made

    def widen(self, field: Field, bits: int) -> None:
        """More bits for a cell, above all others."""
        field.widen(self.top, bits)
        self.top += bits

    def make_room(self, field: Field) -> list[Field]:
        """More bits for a cell that has outgrown its own, and for its twins'; answers for which."""
        widened = []
        while len(field.table.values) - 1 >> field.room:
            for one in self.fields.values():
                if one.table is field.table:
                    self.widen(one, MORE_BITS)
                    widened.append(one)
        return widened

    def _with_twins(self, cell: str) -> Iterable[str]:
        role = self.system.role(cell)
        if role is None:
            return (cell,)
        own, name = role
        return (self.system.cell_of(twin, name) for twin in self.twins.get(own, (own,)))


class Held(tuple[str, int]):
    """A lock that is held, by whoever the places say: ("spin", 1), ("read", 2), ("write", 1)."""

    @classmethod
    def of(cls, value: Value) -> Held:
        """The short form of the value of a lock that somebody holds."""
        if isinstance(value, str):
            return cls(("spin", 1))
        writer, *readers = value
        return cls(("write", 1)) if writer else cls(("read", len(readers)))

    def by(self, cell: str, places: Mapping[str, Place]) -> Value:
        """The value in full; None if the places do not tell who holds it."""
        holders = sorted(t for t, place in places.items() if any(c == cell for c, _ in place.held))
        if len(holders) != self[1]:
            return None
        if self[0] == "spin":
            return holders[0]
        return (holders[0],) if self[0] == "write" else ("", *holders)


def _sorted(value: Value) -> Value:
    return (value[0], *sorted(value[1:])) if isinstance(value, tuple) else value
