"""Threads that differ in nothing but their names: of all states that differ so, one is enough.

Two threads are twins if they have one program, one process and a CPU each to themselves. A state
is turned into its representative by putting the twins in order of what is theirs: places and own
cells change hands, and values that say who wrote them are renamed.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.explore.moves import Moves
from engine.explore.packing import Field
from engine.explore.system import System

Threads = tuple[int, ...]

Names = tuple[tuple[int, int], ...]
"""Who becomes whom; who is not in it keeps the name."""

Belongings = tuple[int, ...]
"""Where a thread stands, and the codes of its own cells: what tells it from its twins."""


class Turn(NamedTuple):
    """How to bring a state in order: what to add; who becomes whom, if anybody."""

    add: int
    names: Names


def twins(system: System) -> list[Threads]:
    """For each thread the threads that are like it, itself among them."""
    return [
        tuple(n for n, other in enumerate(system.threads) if system.kin[other] == system.kin[name])
        for name in system.threads
    ]


class Symmetry:
    """Brings states in order. groups: threads that are twins, two or more."""

    def __init__(self, moves: Moves, groups: list[Threads]) -> None:
        self.moves, self.packing, self.system = moves, moves.packing, moves.system
        self.groups = groups
        self.twins = [thread for group in groups for thread in group]
        self.top = -1
        self._learn_layout()

    def ordered(self, state: int) -> tuple[int, Names]:
        """The representative of a state, and who became whom."""
        if self.packing.top != self.top:
            self._learn_layout()
        own = state & self.own
        turn = self.turns.get(own)
        if turn is None:
            turn = self.turns[own] = self._turn(own)
        if not turn.names:
            return state, ()
        state += turn.add
        signed = state & self.signed
        if signed:
            key = signed, turn.names
            add = self.renames.get(key)
            if add is None:
                add = self._rename(signed, turn.names)
                if self.packing.top != self.top:
                    self._learn_layout()
                self.renames[key] = add
            state += add
        return state, turn.names

    def _learn_layout(self) -> None:
        packing, system = self.packing, self.system
        self.top = packing.top
        self.turns: dict[int, Turn] = {}
        self.renames: dict[tuple[int, Names], int] = {}
        self.belongings: dict[int, dict[int, Belongings]] = {t: {} for t in self.twins}
        self.puts: dict[int, dict[Belongings, int]] = {t: {} for t in self.twins}
        self.mine = {t: packing.place_mask << packing.shifts[t] for t in self.twins}
        self.fields = self._own_fields()
        for thread, fields in self.fields.items():
            for field in fields:
                self.mine[thread] |= field.mask
        self.own = sum(self.mine.values())
        self.signers = [f for f in packing.fields.values() if system.names_threads(f.cell)]
        self.signed = 0
        for field in self.signers:
            self.signed |= field.mask

    def _own_fields(self) -> dict[int, list[Field]]:
        """The own cells of each thread, those of twins in one order."""
        system, fields = self.system, self.packing.fields
        found: dict[int, list[Field]] = {thread: [] for thread in self.twins}
        for cell in fields:
            role = system.role(cell)
            for group in self.groups:
                if role and role[0] == system.threads[group[0]]:
                    for thread in group:
                        twin = system.cell_of(system.threads[thread], role[1])
                        found[thread].append(fields[twin])
        return found

    def _turn(self, own: int) -> Turn:
        add, names = 0, []
        for group in self.groups:
            belongings = {t: self._belongings(own & self.mine[t], t) for t in group}
            order = sorted(group, key=belongings.__getitem__)
            for now, was in zip(group, order, strict=True):
                if now != was:
                    names.append((was, now))
                    add += self._put(now, belongings[was]) - (own & self.mine[now])
        return Turn(add, tuple(names))

    def _belongings(self, mine: int, thread: int) -> Belongings:
        """The place of a thread and the codes of its own cells, from its bits in a state."""
        known = self.belongings[thread]
        found = known.get(mine)
        if found is None:
            place = mine >> self.packing.shifts[thread] & self.packing.place_mask
            found = known[mine] = (place, *(field.read(mine) for field in self.fields[thread]))
        return found

    def _put(self, thread: int, belongings: Belongings) -> int:
        """The bits of a thread to which this belongs."""
        known = self.puts[thread]
        mine = known.get(belongings)
        if mine is None:
            place, *codes = belongings
            cells = zip(self.fields[thread], codes, strict=True)
            mine = place << self.packing.shifts[thread]
            mine = known[belongings] = mine + sum(field.place(code) for field, code in cells)
        return mine

    def _rename(self, signed: int, names: Names) -> int:
        threads = self.system.threads
        called = {threads[was]: threads[now] for was, now in names}
        add = 0
        for field in self.signers:
            was = field.read(signed)
            value = field.table.values[was]
            renamed = self.system.renamed(field.cell, value, called)
            if renamed != value:
                code = field.table.code(renamed)
                for one in self.packing.make_room(field):
                    self.moves.depend(one)
                add += field.place(code) - field.place(was)
        return add
