"""Ways through the states that a search has found: the best one to a goal, and how many there are.

A pass backwards marks which states lie on shortest paths to which goal; a pass forwards takes the
way through them that changes threads least.
"""

from __future__ import annotations

from typing import Any, TypeVar

from engine.explore.search import Goal, Search

S = TypeVar("S")

Path = list[int]
"""Who moved, by number, step by step."""

Marks = list[dict[Any, int]]
"""For each level: state -> the goals, as bits, to which a shortest path leads through it."""

Layer = dict[Any, dict[int, tuple[int, Any]]]
"""state -> the last thread -> (fewest changes of thread, (the state before, its last thread))."""


def best_paths(search: Search[S], goals: list[Goal[S]]) -> list[Path]:
    """For each goal a shortest path, and of the shortest one that changes threads least."""
    marks = _marks(search, goals)
    return [_fewest_switches(search, goal, 1 << n, marks) for n, goal in enumerate(goals)]


def _marks(search: Search[S], goals: list[Goal[S]]) -> Marks:
    deepest = max((goal.steps for goal in goals), default=0)
    marks: Marks = [{} for _ in range(deepest + 1)]
    for n, (steps, edges) in enumerate(goals):
        for state, thread in edges:
            level = marks[steps if thread < 0 else steps - 1]
            level[state] = level.get(state, 0) | 1 << n
    for depth in range(deepest - 1, -1, -1):
        here, below = marks[depth], marks[depth + 1]
        for state in search.levels[depth] if below else ():
            found = 0
            for _, reached in search.after(state):
                found |= below.get(reached, 0)
            if found:
                here[state] = here.get(state, 0) | found
    return marks


def _fewest_switches(search: Search[S], goal: Goal[S], bit: int, marks: Marks) -> Path:
    layers: list[Layer] = [{search.levels[0][0]: {-1: (0, None)}}]
    before_last = goal.steps - (goal.edges[0][1] >= 0)
    for depth in range(before_last):
        layers.append(_layer(search, layers[-1], marks[depth + 1], bit))
    ways = [
        (switches + (-1 not in (thread, last) and last != thread), n, last)
        for n, (state, thread) in enumerate(goal.edges)
        for last, (switches, _) in layers[-1].get(state, {}).items()
    ]
    _, n, last = min(ways)
    state: Any
    state, thread = goal.edges[n]
    path = [thread] if thread >= 0 else []
    for layer in reversed(layers[1:]):
        path.append(last)
        state, last = layer[state][last][1]
    return path[::-1]


def _layer(search: Search[S], before: Layer, marks: dict[Any, int], bit: int) -> Layer:
    layer: Layer = {}
    for state, lasts in before.items():
        for thread, reached in search.after(state):
            if not marks.get(reached, 0) & bit:
                continue
            cost, last = min((c + (one not in (-1, thread)), one) for one, (c, _) in lasts.items())
            ways = layer.setdefault(reached, {})
            if thread not in ways or cost < ways[thread][0]:
                ways[thread] = cost, (state, last)
    return layer


def ways_to_ends(search: Search[S]) -> dict[S, int] | None:
    """For each end state, how many schedules lead to it; None if some run need never end."""
    waiting = dict.fromkeys(search.seen, 0)
    for state in search.seen:
        for _, reached in search.after(state):
            waiting[reached] += 1
    start = search.levels[0][0]
    ways, ends, ready, done = {start: 1}, {}, [start], 0
    while ready:
        state = ready.pop()
        many, done, could = ways.pop(state), done + 1, False
        for _, reached in search.after(state):
            could = True
            ways[reached] = ways.get(reached, 0) + many
            waiting[reached] -= 1
            if not waiting[reached]:
                ready.append(reached)
        if not could:
            ends[state] = many
    return ends if done == len(search.seen) else None
