"""What can still come of a state: the ends that are reachable from it, and where they part."""

from __future__ import annotations

from typing import NamedTuple

from engine.explore.search import Exact

Fates = dict[int, int]
"""state -> the outcomes that can still come, each a bit."""


class Branch(NamedTuple):
    """Where another thread could have run. at: steps made before. outcomes: what can come of it."""

    at: int
    thread: int
    outcomes: int


class Course(NamedTuple):
    """A run among all runs. open: the outcomes that can still come, before and after each step."""

    open: list[int]
    branches: list[Branch]


def fates(search: Exact, outcome_of: dict[int, int]) -> Fates:
    """For every state the outcomes that can come of it. outcome_of: end state -> its number."""
    found: Fates = {state: 1 << number for state, number in outcome_of.items()}
    stack = [search.levels[0][0]]
    waiting: set[int] = set()
    while stack:
        state = stack[-1]
        if state in found:
            stack.pop()
            continue
        reached = [after for _, after in search.after(state)]
        unknown = [after for after in reached if after not in found]
        if unknown and state not in waiting:
            waiting.add(state)  # a state that waits for itself is in a circle, and then does not
            stack += unknown
            continue
        fate = 0
        for after in reached:
            fate |= found.get(after, 0)
        found[state] = fate
        stack.pop()
    return found


def course(search: Exact, found: Fates, path: list[int]) -> Course:
    """What was open along a run, and where it could have gone otherwise."""
    state = search.levels[0][0]
    open_, branches = [found[state]], []
    for at, thread in enumerate(path):
        ways = dict(search.after(state))
        branches += [
            Branch(at, other, found[reached]) for other, reached in ways.items() if other != thread
        ]
        state = ways[thread]
        open_.append(found[state])
    return Course(open_, branches)
