"""Walks at random before a search, always the same ones: most of what there is to learn is learned.

What a search learns too late, it has to be repeated for; a walk costs next to nothing. In every
second walk threads gather at a lock until nobody else can move, for who is first there, and what it
knew by then, is what walks without a plan seldom vary.
"""

from __future__ import annotations

from random import Random
from time import perf_counter

from engine.explore.atlas import Atlas

SEED = 1
PATIENCE, MOST = 1_000, 7_000
"""For each thread: steps without news after which to stop, and steps in all."""


class Scout:
    """Walks. gates: the ops at which a thread has had to wait so far."""

    def __init__(self, atlas: Atlas, chance: Random) -> None:
        self.atlas, self.packing, self.chance = atlas, atlas.packing, chance
        self.programs = [atlas.system.programs[name] for name in atlas.names]
        self.gates: set[str] = set()

    def gate(self) -> str | None:
        """One of the gates, if there are any."""
        return self.chance.choice(sorted(self.gates)) if self.gates else None

    def walk(self, gate: str | None, most: int) -> int:
        """One run, up to so many steps; answers how many it made or tried."""
        everyone = range(len(self.programs))
        state, movers, gathered = self.packing.initial(), list(everyone), set[int]()
        for steps in range(most):
            if not movers:
                if not gathered:
                    return steps
                movers, gathered, gate = sorted(gathered), set(), None
            thread = self.chance.choice(movers)
            op = self._op(state, thread)
            if gate and op == gate:
                movers.remove(thread)
                gathered.add(thread)
                continue
            step = self.atlas.moves.add(state, thread)
            state += step
            if step:
                movers = [one for one in everyone if one not in gathered]
                continue
            movers.remove(thread)
            if op:
                self.gates.add(op)
        return most

    def _op(self, state: int, thread: int) -> str | None:
        number = state >> self.packing.shifts[thread] & self.packing.place_mask
        op = self.programs[thread].places[number].op
        return op.name if op else None


def scout(atlas: Atlas, until: float) -> None:
    """Walk until nothing new has come for a while; not beyond a time of perf_counter."""
    walks = Scout(atlas, Random(SEED))
    many = len(atlas.names)
    left, patience, gather = many * MOST, many * PATIENCE, False
    while left > 0 and patience > 0 and perf_counter() < until:
        news = atlas.moves.news
        steps = walks.walk(walks.gate() if gather else None, min(left, patience))
        left, gather = left - steps, not gather
        patience = patience - steps if atlas.moves.news == news else many * PATIENCE
