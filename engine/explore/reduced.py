"""The reduced search: as few states as prove the same.

Of each state only a persistent set of threads moves on (`persistent`), states that differ in the
names of twins are one (`symmetry`), and where a single thread is enough, it runs on and nothing is
stored on the way. It finds every end state, every deadlock and every broken invariant that there
is, up to the names of twins, but not the shortest way there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.explore.atlas import Atlas
from engine.explore.paths import Path
from engine.explore.persistent import Persistent
from engine.explore.scout import scout
from engine.explore.search import Budget
from engine.explore.symmetry import Symmetry, Threads
from engine.invariants.base import Violation

NOTHING: list[Violation] = []


class Reductions(NamedTuple):
    """Which of the reductions are in use."""

    order: bool = True
    symmetry: bool = True
    chains: bool = True


ALL = Reductions()


class Hit(NamedTuple):
    """A broken invariant: the stored state, and the threads that moved from there."""

    state: int
    moved: Path
    violation: Violation


class Reduced:
    """A search that stores few states. came: state -> (the one before, the threads moved).

    What was moved is kept, for a search that learns as it goes would not choose so again.
    """

    def __init__(self, atlas: Atlas, how: Reductions = ALL) -> None:
        self.atlas, self.system, self.how = atlas, atlas.system, how
        self.packing, self.moves = atlas.packing, atlas.moves
        groups = [group for group in dict.fromkeys(atlas.alike) if len(group) > 1]
        self.symmetry = Symmetry(self.moves, groups) if groups and how.symmetry else None
        self.persistent = Persistent(self.moves, atlas.alike)
        self.everyone = [tuple(range(len(atlas.names)))]
        self.limit: str | None = None
        self.rounds = 0
        self.breaks: list[Violation] = []

    def run(self, budget: Budget) -> None:
        """Search until a search learns nothing new, or stop at the budget."""
        if self.how.order:
            scout(self.atlas, budget.until)
        sound = False
        while not sound and not self.limit:
            self.rounds += 1
            news = self.moves.news
            self._search(budget)
            sound = self.moves.news == news or self._sound()
            if self.packing.strange and self.symmetry:
                self.symmetry, sound = None, False  # such a lock names its thread

    def _sound(self) -> bool:
        """Whether every choice was right, by what is known now. Forgets what rests on less."""
        self.persistent.forget()
        return all(self.persistent.still(*choice) for choice in self.choices)

    def _search(self, budget: Budget) -> None:
        start = self.packing.initial()
        self.came: dict[int, tuple[int, bytes] | None] = {start: None}
        self.edges = 0
        self.ends: list[int] = []
        self.broken: dict[str, Hit] = {}
        self.choices: set[tuple[int, Threads]] = set()
        frontier = [start]
        while frontier and not self.limit:
            frontier = self._expand(frontier, budget)
            self.limit = self.limit or budget.spent(len(self.came), self.edges)

    def _expand(self, frontier: list[int], budget: Budget) -> list[int]:
        came, found = self.came, []
        for state in frontier:
            moved = self._moved(state)
            if not moved:
                self._end(state)
            for thread, reached in moved:
                path = [thread]
                if self.how.chains and self.how.order:
                    reached = self._run_on(reached, state, path)
                if self.symmetry:
                    reached = self.symmetry.ordered(reached)[0]
                if reached not in came:
                    if len(came) >= budget.states:
                        self.limit = "max_states"
                        return []
                    came[reached] = state, bytes(path)
                    found.append(reached)
        return found

    def _moved(self, state: int) -> list[tuple[int, int]]:
        """(thread, state reached) for the threads of the smallest persistent set that can move."""
        for threads in self.persistent.sets(state) if self.how.order else self.everyone:
            moved = []
            for thread in threads:
                step = self._step(state, thread)
                if step:
                    moved.append((thread, state + step))
                    if self.breaks:
                        self._note(state, [thread])
            if moved:
                self.edges += len(moved)
                self.choices.add((state & self.packing.all_places, threads))
                return moved
        return []

    def _step(self, state: int, thread: int) -> int:
        """What to add to the state when the thread moves; notes if that may break something."""
        number = state >> self.packing.shifts[thread] & self.packing.place_mask
        entry = self.moves.rows[thread].get(number) or self.moves.entry(thread, number)
        step = entry.moves.get(state & entry.mask)
        if step is None:
            step = self.moves.learn(state, thread, entry)
        self.breaks = entry.broken.get(state & entry.mask, []) if entry.broken else NOTHING
        return step

    def _note(self, stored: int, path: Path) -> None:
        for violation in self.breaks:
            if violation.invariant not in self.broken:
                self.broken[violation.invariant] = Hit(stored, [*path], violation)

    def _run_on(self, state: int, stored: int, path: Path) -> int:
        """Follow steps that one thread can make alone, storing nothing; lengthens `path`."""
        sets, edges = self.persistent.sets, 0
        while True:
            step = 0
            for threads in sets(state):
                if len(threads) != 1 or self.persistent.turns(state, threads[0]):
                    break
                step = self._step(state, threads[0])
                if step:
                    self.choices.add((state & self.packing.all_places, threads))
                    path.append(threads[0])
                    if self.breaks:
                        self._note(stored, path)
                    state += step
                    edges += 1
                    break
            if not step:
                self.edges += edges
                return state

    def _end(self, state: int) -> None:
        self.ends.append(state)
        m, places = self.atlas.at(state)
        for violation in self.system.judge_end(m, places):
            self.broken.setdefault(violation.invariant, Hit(state, [], violation))

    def path(self, state: int, then: Sequence[int] = ()) -> Path:
        """The threads that lead to a stored state and on, by their names at the start."""
        stored = [state]
        while (came := self.came[stored[-1]]) is not None:
            stored.append(came[0])
        stored.reverse()
        called = list(range(len(self.system.threads)))  # called[n]: who n was at the start
        path: Path = []
        for before, after in pairwise(stored):
            edge = self.came[after]
            assert edge is not None
            path += [called[thread] for thread in edge[1]]
            if self.symmetry:
                here = before
                for thread in edge[1]:
                    here += self._step(here, thread)
                names = dict(self.symmetry.ordered(here)[1])
                called = [called[n] for n in _inverse(names, len(called))]
        return path + [called[n] for n in then]


def _inverse(names: dict[int, int], many: int) -> list[int]:
    """Who each one was before the change of names."""
    was = list(range(many))
    for old, new in names.items():
        was[new] = old
    return was
