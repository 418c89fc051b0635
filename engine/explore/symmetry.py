"""Threads that differ in nothing but their names: of all states that differ so, one is enough.

Two threads are twins if they have one program, one process and a CPU each to themselves. A state
is turned into its representative by putting the twins in order of what is theirs: places and own
cells change hands, and values that say who wrote them are renamed.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.explore.moves import Moves
from engine.explore.system import System

Threads = tuple[int, ...]


class Turn(NamedTuple):
    """How to bring a state in order: what to add; who becomes whom, if anybody."""

    add: int
    names: tuple[tuple[int, int], ...]


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
        self.top = -1
        self._learn_layout()

    def ordered(self, state: int) -> tuple[int, tuple[tuple[int, int], ...]]:
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
        self.renames: dict[tuple[int, tuple[tuple[int, int], ...]], int] = {}
        self.roles: dict[int, list[str]] = {}
        self.own = 0
        names = {name: n for n, name in enumerate(system.threads)}
        for group in self.groups:
            for thread in group:
                self.own |= packing.place_mask << packing.shifts[thread]
            self.roles[group[0]] = []
        for field in packing.fields.values():
            role = system.role(field.cell)
            for group in self.groups:
                if role and names[role[0]] in group:
                    self.own |= field.mask
                    if names[role[0]] == group[0]:
                        self.roles[group[0]].append(role[1])
        self.signers = [f for f in packing.fields.values() if system.names_threads(f.cell)]
        self.signed = 0
        for field in self.signers:
            self.signed |= field.mask

    def _turn(self, own: int) -> Turn:
        add, names = 0, []
        for group in self.groups:
            belongings = {thread: self._belongings(own, thread, group) for thread in group}
            order = sorted(group, key=lambda thread: belongings[thread])
            for now, was in zip(group, order, strict=True):
                if now != was:
                    names.append((was, now))
                    add += self._put(now, group, belongings[was]) - self._put(
                        now, group, belongings[now]
                    )
        return Turn(add, tuple(names))

    def _belongings(self, own: int, thread: int, group: Threads) -> tuple[int, ...]:
        packing, name = self.packing, self.system.threads[thread]
        place = own >> packing.shifts[thread] & packing.place_mask
        cells = (self.system.cell_of(name, role) for role in self.roles[group[0]])
        return (place, *(packing.fields[cell].read(own) for cell in cells))

    def _put(self, thread: int, group: Threads, belongings: tuple[int, ...]) -> int:
        packing, name = self.packing, self.system.threads[thread]
        cells = (self.system.cell_of(name, role) for role in self.roles[group[0]])
        fields = (packing.fields[cell] for cell in cells)
        codes = zip(fields, belongings[1:], strict=True)
        return (belongings[0] << packing.shifts[thread]) + sum(f.place(code) for f, code in codes)

    def _rename(self, signed: int, names: tuple[tuple[int, int], ...]) -> int:
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
