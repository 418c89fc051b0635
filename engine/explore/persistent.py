"""Which threads are enough to move in a state, so that no order that matters is missed.

A set of threads is persistent if nothing that the others can do, as long as the set stands still,
touches what its next steps depend on (Godefroid, LNCS 1032). What the others can do is read from
their programs as learned so far: every place ahead, with what its step was ever seen to use, up to
a lock that the set holds, for nobody passes that.

Learned so far is enough, because a search is repeated until it learns nothing new. Take the
shortest run that does something never seen. Where its first step is outside the set chosen there,
a step of the set can be put before it and changes nothing that the run reads, up to and including
the step never seen: for that one reads, cell by cell, as a step that was seen, until it does what
was never seen. So the unseen is as near behind a step that the search did take, and in the end the
search itself meets it. `tests/` hold this against a search without reduction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.explore.automaton import Automaton, Held, Place
from engine.explore.moves import NOTHING, OWN, Moves, Names
from engine.explore.packing import PLACE_BITS
from engine.invariants.account import TAKES

Threads = tuple[int, ...]

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


class Kind:
    """Threads of one program that stand at one place: they can do the same and meet the same."""

    __slots__ = ("family", "id", "place")

    def __init__(self, id: int, family: Threads, place: Place) -> None:
        self.id, self.family, self.place = id, family, place


Whole = tuple[tuple[Kind, bool], ...]
"""The kinds in a set, and whether all threads of the kind are in it, or just one."""


class Persistent:
    """Chooses persistent sets. families[t]: the threads that run what t runs, t among them."""

    def __init__(self, moves: Moves, families: list[Threads]) -> None:
        self.moves, self.families = moves, families
        self.system, self.packing = moves.system, moves.packing
        self.programs = [self.system.programs[name] for name in self.system.threads]
        self.bits: dict[str, int] = {}
        self.locks: dict[Held, int] = {}
        self.kinds: dict[tuple[int, int], Kind] = {}
        self.circling: list[tuple[int, frozenset[int]]] = [(0, frozenset())] * len(self.programs)
        self.forget()

    def forget(self) -> None:
        """Something new was learned: what was worked out from the old is void."""
        self.chosen: dict[int, list[Threads]] = {}
        self.prints: dict[int, Print] = {}
        self.futures: dict[tuple[int, int, Held], Print] = {}
        self.clashes: dict[int, bool] = {}
        self.closures: dict[tuple[int, ...], list[tuple[Kind, Whole]]] = {}

    def sets(self, state: int) -> list[Threads]:
        """Persistent sets in this state, small ones first; the last has every thread."""
        where = state & self.packing.all_places
        found = self.chosen.get(where)
        if found is None:
            for thread in range(len(self.programs)):
                self.moves.add(state, thread)  # so that every next step was looked at here
            found = self.chosen[where] = self._choose(where)
        return found

    def turns(self, state: int, thread: int) -> bool:
        """Whether the thread stands where its program goes in a circle."""
        edges, circling = self.circling[thread]
        if edges != self.programs[thread].edges:
            circling = circles(self.programs[thread])
            self.circling[thread] = self.programs[thread].edges, circling
        number = state >> self.packing.shifts[thread] & self.packing.place_mask
        return bool(circling) and number in circling

    def still(self, where: int, threads: Threads) -> bool:
        """Whether a set that was chosen is persistent by what has been learned since."""
        standing = self._standing(where)
        alive = sum(len(those) for those in standing.values())
        if any(self.turns(where, thread) for thread in threads):
            return len(threads) == alive
        inside = [kind for kind, those in standing.items() if set(those) & set(threads)]
        outside = [kind for kind, those in standing.items() if set(those) - set(threads)]
        return any(
            not any(self._clash(one, other, kind.place.held) for one in inside for other in outside)
            for kind in inside
        )

    def _choose(self, where: int) -> list[Threads]:
        standing = self._standing(where)
        everyone = tuple(sorted(t for those in standing.values() for t in those))
        found: set[Threads] = set()
        for kind, whole in self._closed(standing):
            grown = [t for k, every in whole for t in (standing[k] if every else standing[k][:1])]
            if len(grown) == len(everyone) or any(self.turns(where, t) for t in grown):
                continue
            if len(grown) == 1 and kind.place.op.name not in WAITS:  # type: ignore[union-attr]
                return [(grown[0],)]
            found.add(tuple(sorted(grown)))
        smallest = sorted(found, key=lambda threads: (len(threads), threads))
        return [*smallest, everyone]

    def _closed(self, standing: dict[Kind, list[int]]) -> list[tuple[Kind, Whole]]:
        """For each kind the least closed set with one thread of it. It is the same however many
        threads of a kind there are, if there are two or more."""
        key = tuple(sorted(kind.id << 1 | (len(those) > 1) for kind, those in standing.items()))
        closed = self.closures.get(key)
        if closed is None:
            closed = [(kind, self._grown(kind, standing)) for kind in standing]
            self.closures[key] = closed
        return closed

    def _standing(self, where: int) -> dict[Kind, list[int]]:
        """The living threads by kind."""
        standing: dict[Kind, list[int]] = {}
        mask = self.packing.place_mask
        for thread, shift in enumerate(self.packing.shifts):
            number = where >> shift & mask
            key = self.families[thread][0], number
            kind = self.kinds.get(key)
            if kind is None:
                place = self.programs[thread].places[number]
                kind = self.kinds[key] = Kind(len(self.kinds), self.families[thread], place)
            if kind.place.op is not None:
                standing.setdefault(kind, []).append(thread)
        return standing

    def _grown(self, first: Kind, standing: dict[Kind, list[int]]) -> Whole:
        """The least set with one thread of this kind to which nobody outside can do anything."""
        held = first.place.held
        whole = {first: len(standing[first]) == 1}
        todo = [first]
        while todo:
            kind = todo.pop()
            for other in standing:
                if not whole.get(other) and self._clash(kind, other, held):
                    if other not in whole:
                        todo.append(other)
                    whole[other] = True
        return tuple(whole.items())

    def _clash(self, one: Kind, other: Kind, held: Held) -> bool:
        """Whether a thread of the other kind may touch what one's next step depends on."""
        lock = self.locks.setdefault(held, len(self.locks))
        key = (lock << 32) + (one.id << 16) + other.id
        clash = self.clashes.get(key)
        if clash is None:
            thread = one.family[0]
            rival = next(t for t in other.family if t != thread)  # any two will do
            clash = self._print(thread, one.place).clashes(self._future(rival, other.place, held))
            self.clashes[key] = clash
        return clash

    def _future(self, thread: int, place: Place, held: Held) -> Print:
        """All that a thread may do from a place on, while these locks are held against it."""
        key = thread, place.number, held
        known = self.futures.get(key)
        if known is None:
            known, todo, seen = EMPTY, [place], {place.number}
            while todo:
                here = todo.pop()
                if here.op is None or (not self.packing.strange and _kept_out(here, held)):
                    continue
                known = known.and_also(self._print(thread, here))
                for after in here.follow.values():
                    if after.number not in seen:
                        seen.add(after.number)
                        todo.append(after)
            self.futures[key] = known
        return known

    def _print(self, thread: int, place: Place) -> Print:
        """What the step at a place uses, whichever of its twins was seen to make it."""
        key = thread << PLACE_BITS | place.number
        known = self.prints.get(key)
        if known is None:
            use = self.moves.uses.get((self.system.kin[self.system.threads[thread]], place.number))
            known = Print(*(self._bits(cells, thread) for cells in use or NOTHING))
            self.prints[key] = known
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


def circles(program: Automaton) -> frozenset[int]:
    """Places from which an edge leads back to one on the way: at least one in every circle."""
    found, state = set(), {program.root.number: 1}
    stack = [(program.root, iter(list(program.root.follow.values())))]
    while stack:
        place, rest = stack[-1]
        after = next(rest, None)
        if after is None:
            state[place.number] = 2
            stack.pop()
        elif state.get(after.number) == 1:
            found.add(place.number)
        elif after.number not in state:
            state[after.number] = 1
            stack.append((after, iter(list(after.follow.values()))))
    return frozenset(found)
