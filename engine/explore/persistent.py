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
from typing import NamedTuple

from engine.explore.automaton import Automaton, Held, Place
from engine.explore.footprints import WAITS, Footprints
from engine.explore.moves import Moves
from engine.explore.symmetry import Threads


class Kind:
    """Threads of one program that stand at one place: they can do the same and meet the same.

    bit: stands for the kind in a set of kinds, which is an int. guard: equal for kinds that hold
    the same locks.
    """

    __slots__ = ("bit", "family", "guard", "place")

    def __init__(self, bit: int, family: Threads, place: Place, guard: int) -> None:
        self.bit, self.family, self.place, self.guard = bit, family, place, guard


class Standing(NamedTuple):
    """The living threads with their kinds; the kinds; those of which there are two or more."""

    threads: list[tuple[int, Kind]]
    kinds: int
    many: int


class Grown(NamedTuple):
    """The kinds in a set; those of which all threads are in it, not just one."""

    kinds: int
    whole: int


class Persistent:
    """Chooses persistent sets. families[t]: the threads that run what t runs, t among them."""

    def __init__(self, moves: Moves, families: list[Threads]) -> None:
        self.moves, self.families = moves, families
        self.system, self.packing = moves.system, moves.packing
        self.programs = [self.system.programs[name] for name in self.system.threads]
        self.footprints = Footprints(moves, families)
        self.kinds: list[Kind] = []
        self.guards: dict[Held, int] = {}
        by_place: dict[Threads, dict[int, Kind]] = {family: {} for family in families}
        self.rows = [(t, self.packing.shifts[t], by_place[f]) for t, f in enumerate(families)]
        self.news = -1
        self.edges = [-1] * len(families)
        self.circling: list[frozenset[int]] = [frozenset()] * len(families)
        self.forget()

    def forget(self) -> None:
        """Something new was learned: what was worked out from the old is void."""
        self.footprints.forget()
        self.chosen: dict[int, list[Threads]] = {}
        self.rivals: dict[tuple[int, int], tuple[int, int]] = {}
        self.alone: dict[tuple[int, int], int] = {}
        self.closed: dict[tuple[int, int], set[Grown]] = {}

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
        if self.news != self.moves.news:
            self._learn_circles()
        number = state >> self.packing.shifts[thread] & self.packing.place_mask
        return number in self.circling[thread]

    def still(self, where: int, threads: Threads) -> bool:
        """Whether a set that was chosen is persistent by what has been learned since."""
        standing = self._standing(where).threads
        if any(self.turns(where, thread) for thread in threads):
            return len(threads) == len(standing)
        inside = {kind.bit: kind for thread, kind in standing if thread in threads}
        outside = 0
        for thread, kind in standing:
            if thread not in threads:
                outside |= kind.bit
        return any(
            not any(self._clashing(one, outside, first) for one in inside.values())
            for first in inside.values()
        )

    def _choose(self, where: int) -> list[Threads]:
        standing = self._standing(where)
        everyone = tuple(thread for thread, _ in standing.threads)
        if len(everyone) > 1:
            alone = self._alone(standing)
            for thread, kind in standing.threads:
                if kind.bit & alone and not self.turns(where, thread):
                    return [(thread,)]
        found = {_threads(closed, standing) for closed in self._closed(standing)}
        straight = [each for each in found if not any(self.turns(where, t) for t in each)]
        return [*sorted(straight, key=lambda each: (len(each), each)), everyone]

    def _alone(self, standing: Standing) -> int:
        """The kinds of which one thread is enough, and need not wait."""
        key = standing.kinds, standing.many
        alone = self.alone.get(key)
        if alone is None:
            alone = 0
            for kind in self._of(standing.kinds):
                assert kind.place.op is not None
                others = standing.kinds & ~(kind.bit & ~standing.many)
                if kind.place.op.name not in WAITS and not self._clashing(kind, others, kind):
                    alone |= kind.bit
            self.alone[key] = alone
        return alone

    def _closed(self, standing: Standing) -> set[Grown]:
        """For each kind the least closed set with one thread of it, if that is not everyone. It is
        the same however many threads of a kind there are, if there are two or more."""
        key = standing.kinds, standing.many
        closed = self.closed.get(key)
        if closed is None:
            grown = (self._grown(kind, standing) for kind in self._of(standing.kinds))
            closed = self.closed[key] = {one for one in grown if one.whole != standing.kinds}
        return closed

    def _grown(self, first: Kind, standing: Standing) -> Grown:
        """The least set with one thread of this kind to which nobody outside can do anything."""
        kinds, whole = first.bit, first.bit & ~standing.many
        todo = [first]
        while todo:
            met = self._clashing(todo.pop(), standing.kinds & ~whole, first)
            todo += self._of(met & ~kinds)
            kinds, whole = kinds | met, whole | met
        return Grown(kinds, whole)

    def _clashing(self, one: Kind, others: int, first: Kind) -> int:
        """Which of the other kinds may touch what one's next step depends on, as long as the locks
        of the first are held."""
        key = first.guard, one.bit
        asked, clashing = self.rivals.get(key, (0, 0))
        unasked = others & ~asked
        if unasked:
            for other in self._of(unasked):
                if self._clash(one, other, first.place.held):
                    clashing |= other.bit
            self.rivals[key] = asked | unasked, clashing
        return clashing & others

    def _clash(self, one: Kind, other: Kind, held: Held) -> bool:
        thread = one.family[0]
        rival = next(t for t in other.family if t != thread)  # any two will do
        step = self.footprints.step(thread, one.place)
        return step.clashes(self.footprints.future(rival, other.place, held))

    def _of(self, kinds: int) -> Iterator[Kind]:
        """The kinds in a set."""
        while kinds:
            bit = kinds & -kinds
            yield self.kinds[bit.bit_length() - 1]
            kinds ^= bit

    def _standing(self, where: int) -> Standing:
        threads, kinds, many = [], 0, 0
        mask = self.packing.place_mask
        for thread, shift, by_place in self.rows:
            number = where >> shift & mask
            kind = by_place.get(number) or self._kind(thread, number)
            if kind.place.op is not None:
                threads.append((thread, kind))
                many |= kinds & kind.bit
                kinds |= kind.bit
        return Standing(threads, kinds, many)

    def _kind(self, thread: int, number: int) -> Kind:
        """The kind of a thread at a place, made when first asked for."""
        place = self.programs[thread].places[number]
        guard = self.guards.setdefault(place.held, len(self.guards))
        kind = Kind(1 << len(self.kinds), self.families[thread], place, guard)
        self.kinds.append(kind)
        self.rows[thread][2][number] = kind
        return kind

    def _learn_circles(self) -> None:
        self.news = self.moves.news
        for thread, program in enumerate(self.programs):
            if self.edges[thread] != program.edges:
                self.edges[thread] = program.edges
                self.circling[thread] = circles(program)


def _threads(closed: Grown, standing: Standing) -> Threads:
    """The threads of a closed set: of the kind that is not whole, the first."""
    one, threads = closed.kinds & ~closed.whole, []
    for thread, kind in standing.threads:
        if kind.bit & closed.whole or kind.bit & one:
            threads.append(thread)
            one &= ~kind.bit
    return tuple(threads)


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
