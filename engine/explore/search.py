"""The exact search: every state, breadth first, so that the first way found is a shortest one.

States of one length of path make a level. Paths are not kept; `paths` finds them where wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Generic, NamedTuple, TypeVar

from engine.explore.atlas import Atlas
from engine.invariants.base import Violation

S = TypeVar("S")
"""A state: an int, or with a bound on pre-emptions a tuple."""


class Goal(NamedTuple, Generic[S]):
    """Something to find the best way to, all of it at the same depth.

    edges: (state, thread that moves there; -1: the state itself).
    """

    steps: int
    edges: list[tuple[S, int]]


class Broken(NamedTuple, Generic[S]):
    """The shortest ways to break an invariant, and what one of them breaks."""

    goal: Goal[S]
    violation: Violation


def never(_states: int, _edges: int) -> bool:
    """Nobody asks the search to stop."""
    return False


class Budget(NamedTuple):
    """How far a search may go. until: on the clock of perf_counter. stop: asked now and then."""

    states: int
    until: float = float("inf")
    stop: Callable[[int, int], bool] = never

    def spent(self, states: int, edges: int) -> str | None:
        """What has run out besides the states, if anything."""
        if perf_counter() > self.until:
            return "seconds"
        return "cancelled" if self.stop(states, edges) else None


class Search(Generic[S]):
    """All states of a system, by level; `limit` says what cut the search, if anything did.

    ends: (state, depth) where nothing moves. broken: invariant -> the shortest ways there.
    """

    def __init__(self, atlas: Atlas) -> None:
        self.atlas, self.system = atlas, atlas.system
        self.packing, self.moves = atlas.packing, atlas.moves
        self.edges = 0
        self.ends: list[tuple[S, int]] = []
        self.broken: dict[str, Broken[S]] = {}
        self.limit: str | None = None

    def start(self, state: S) -> None:
        """Begin at this state."""
        self.levels: list[list[S]] = [[state]]
        self.seen: set[S] = {state}

    def run(self, budget: Budget) -> None:
        """Find every state, or stop at the budget."""
        while self.levels[-1] and not self.limit:
            self.levels.append(self._expand(self.levels[-1], budget.states))
            self.limit = self.limit or budget.spent(len(self.seen), self.edges)

    def plain(self, state: S) -> int:
        """The state of machine and threads in a state of the search."""
        raise NotImplementedError

    def after(self, state: S) -> list[tuple[int, S]]:
        """(thread, state reached) of every step that is possible in a state."""
        raise NotImplementedError

    def _expand(self, level: list[S], most: int) -> list[S]:
        """The states of the next level; notes ends and what breaks on the way."""
        raise NotImplementedError

    def _end(self, state: S) -> None:
        depth = len(self.levels) - 1
        self.ends.append((state, depth))
        m, places = self.atlas.at(self.plain(state))
        for violation in self.system.judge_end(m, places):
            self._note(violation, depth, (state, -1))

    def _note(self, violation: Violation, steps: int, edge: tuple[S, int]) -> None:
        known = self.broken.get(violation.invariant)
        if known is None or steps < known.goal.steps:
            self.broken[violation.invariant] = Broken(Goal(steps, [edge]), violation)
        elif steps == known.goal.steps:
            known.goal.edges.append(edge)


class Exact(Search[int]):
    """All states, whoever is running."""

    def __init__(self, atlas: Atlas) -> None:
        super().__init__(atlas)
        rows = enumerate(self.moves.rows)
        self.rows = [(t, self.packing.shifts[t], row) for t, row in rows]
        self.start(self.packing.initial())

    def plain(self, state: int) -> int:
        return state

    def after(self, state: int) -> list[tuple[int, int]]:
        mask, found = self.packing.place_mask, []
        for thread, shift, row in self.rows:
            entry = row.get(state >> shift & mask)
            step = entry.moves.get(state & entry.mask) if entry else None
            if step is None:
                step = self.moves.add(state, thread)
            if step:
                found.append((thread, state + step))
        return found

    def _expand(self, level: list[int], most: int) -> list[int]:
        """One long function, for its loop is where all the time goes."""
        seen, moves, mask = self.seen, self.moves, self.packing.place_mask
        rows = self.rows
        edges = 0
        found: list[int] = []
        for state in level:
            could = 0
            for thread, shift, row in rows:
                number = state >> shift & mask
                entry = row.get(number) or moves.entry(thread, number)
                step = entry.moves.get(state & entry.mask)
                if step is None:
                    step = moves.learn(state, thread, entry)
                if not step:
                    continue
                could += 1
                reached = state + step
                if reached not in seen:
                    if len(seen) >= most:
                        self.limit = "max_states"
                        self.edges += edges + could
                        return found
                    seen.add(reached)
                    found.append(reached)
                if entry.broken:
                    for violation in entry.broken.get(state & entry.mask, ()):
                        self._note(violation, len(self.levels), (state, thread))
            edges += could
            if not could:
                self._end(state)
        self.edges += edges
        return found
