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

Layer = dict[Any, dict[int, tuple[int, Any]]]
"""state -> the last thread -> (fewest changes of thread, (the state before, its last thread))."""


def best_paths(search: Search[S], goals: list[Goal[S]]) -> list[Path]:
    """For each goal a shortest path, and of the shortest one that changes threads least.

    Every way to a state that the search found in so many steps is a shortest one, whatever comes
    later. So one pass forwards serves all goals.
    """
    marks = _marks(search, goals)
    layers: list[Layer] = [{search.levels[0][0]: {-1: (0, None)}}]
    for marked in marks[1:]:
        layers.append(_layer(search, layers[-1], marked))
    return [_fewest_switches(goal, layers) for goal in goals]


def _marks(search: Search[S], goals: list[Goal[S]]) -> list[set[S]]:
    """For each level the states through which a shortest path leads to some goal."""
    deepest = max((goal.steps for goal in goals), default=0)
    marks: list[set[S]] = [set() for _ in range(deepest + 1)]
    for steps, edges in goals:
        for state, thread in edges:
            marks[steps if thread < 0 else steps - 1].add(state)
    for depth in range(deepest - 1, -1, -1):
        here, below = marks[depth], marks[depth + 1]
        for state in search.levels[depth] if below else ():
            if state not in here and any(to in below for _, to in search.after(state)):
                here.add(state)
    return marks


def _fewest_switches(goal: Goal[S], layers: list[Layer]) -> Path:
    depth = goal.steps - (goal.edges[0][1] >= 0)
    ways = [
        (switches + (-1 not in (thread, last) and last != thread), n, last)
        for n, (state, thread) in enumerate(goal.edges)
        for last, (switches, _) in layers[depth].get(state, {}).items()
    ]
    _, n, last = min(ways)
    state: Any
    state, thread = goal.edges[n]
    path = [thread] if thread >= 0 else []
    for layer in reversed(layers[1 : depth + 1]):
        path.append(last)
        state, last = layer[state][last][1]
    return path[::-1]


def _layer(search: Search[S], before: Layer, marked: set[S]) -> Layer:
    layer: Layer = {}
    for state, lasts in before.items():
        for thread, reached in search.after(state):
            if reached not in marked:
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
