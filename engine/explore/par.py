"""The fewest changes of thread that a goal takes: par for who plays the scheduler.

A way that changes threads least need not be a shortest one, so this is a search of its own: by
changes first, by steps among equals (Dijkstra, over states and who made the last step).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from engine.explore.atlas import Atlas
from engine.explore.explorer import Way, look
from engine.explore.questions import Question

MOST = 400_000
"""States at most, each with who moved last."""

OFTEN = 512
"""After so many states it is asked whether to go on."""


class Par(NamedTuple):
    """way: the best way to the goal, None if none was found. complete: whether none was missed."""

    way: Way | None
    complete: bool
    states: int


Where = tuple[int, int]
"""(state, who made the last step; -1 before the first)"""


def par(
    atlas: Atlas,
    goal: Question,
    before: Sequence[int] = (),
    most: int = MOST,
    stop: Callable[[int], bool] = lambda _: False,
) -> Par:
    """The way to an end of which the goal holds that changes threads least.

    before: who has moved already; the way begins with that, and its changes count. stop: asked now
    and then with the states so far.
    """
    threads = range(len(atlas.names))
    state = atlas.packing.initial()
    for thread in before:
        state += atlas.moves.add(state, thread)
    start = state, before[-1] if before else -1
    came: dict[Where, Where] = {}
    queue: list[tuple[int, int, Where, Where]] = [(0, 0, start, start)]
    while queue:
        changes, steps, where, back = heappop(queue)
        if where in came:
            continue
        came[where] = back
        if len(came) > most or (len(came) % OFTEN == 0 and stop(len(came))):
            return Par(None, False, len(came))
        state, last = where
        moves = [(thread, step) for thread in threads if (step := atlas.moves.add(state, thread))]
        if not moves and look(atlas, state, goal)[1]:
            return Par(Way([*before, *_path(came, where)], False), True, len(came))
        for thread, step in moves:
            after = state + step, thread
            if after not in came:
                changed = changes + (last not in (-1, thread))
                heappush(queue, (changed, steps + 1, after, where))
    return Par(None, True, len(came))


def _path(came: dict[Where, Where], where: Where) -> list[int]:
    path = []
    while came[where] != where:
        path.append(where[1])
        where = came[where]
    return path[::-1]
