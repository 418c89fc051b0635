"""What can still come of a state: the ends that are reachable from it, and where they part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.explore.search import Exact

Fates = dict[int, int]
"""state -> the outcomes that can still come, each a bit; above them the rules that can break."""


class Branch(NamedTuple):
    """Where another thread could have run. at: steps made before. fate: what can come of it."""

    at: int
    thread: int
    fate: int


class Course(NamedTuple):
    """A run among all runs. open: what can still come, before and after each step.

    outcomes: how many there are, and so where in a fate the rules begin, of which `rules` has the
    names.
    """

    outcomes: int
    rules: list[str]
    open: list[int]
    branches: list[Branch]


class Horizon:
    """The fates of all states of a search. outcome_of: end state -> the number of its outcome."""

    def __init__(self, search: Exact, outcome_of: dict[int, int]) -> None:
        self.search, self.rules = search, list(search.broken)
        self.outcomes = max(outcome_of.values(), default=-1) + 1
        self.bit = {rule: 1 << (self.outcomes + n) for n, rule in enumerate(self.rules)}
        ends = ((state, 1 << n | self._end(state)) for state, n in outcome_of.items())
        self.fates: Fates = dict(ends)
        self._look_ahead()

    def _end(self, state: int) -> int:
        m, places = self.search.atlas.at(state)
        return self._bits(v.invariant for v in self.search.system.judge_end(m, places))

    def _bits(self, rules: Iterable[str]) -> int:
        bits = 0
        for rule in rules:
            bits |= self.bit[rule]
        return bits

    def step(self, state: int, thread: int, reached: int) -> int:
        """What can come of a step: what it breaks itself, and what can come afterwards."""
        broken = self.search.moves.breaks(state, thread) if self.rules else ()
        return self.fates.get(reached, 0) | self._bits(v.invariant for v in broken)

    def _look_ahead(self) -> None:
        found, search = self.fates, self.search
        stack = [search.levels[0][0]]
        waiting: set[int] = set()
        while stack:
            state = stack[-1]
            if state in found:
                stack.pop()
                continue
            ways = list(search.after(state))
            unknown = [after for _, after in ways if after not in found]
            if unknown and state not in waiting:
                waiting.add(state)  # one that waits for itself is in a circle, and then does not
                stack += unknown
                continue
            fate = 0
            for thread, after in ways:
                fate |= self.step(state, thread, after)
            found[state] = fate
            stack.pop()

    def course(self, path: list[int]) -> Course:
        """What was open along a run, and where it could have gone otherwise."""
        state = self.search.levels[0][0]
        open_, branches = [self.fates[state]], []
        for at, thread in enumerate(path):
            ways = dict(self.search.after(state))
            for other, reached in ways.items():
                if other != thread:
                    branches.append(Branch(at, other, self.step(state, other, reached)))
            state = ways[thread]
            open_.append(self.fates[state])
        return Course(self.outcomes, self.rules, open_, branches)
