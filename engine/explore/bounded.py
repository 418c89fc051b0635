"""The exact search with a bound on pre-emptions: how often a thread that could go on may lose its
turn (Musuvathi and Qadeer, PLDI 2007). Two runs that meet with different turns left stay apart.
"""

from __future__ import annotations

from engine.explore.atlas import Atlas
from engine.explore.search import Search

State = tuple[int, int, int]
"""(the state, who made the last step or -1, pre-emptions so far)"""


class Bounded(Search[State]):
    """All states that so many pre-emptions reach."""

    def __init__(self, atlas: Atlas, most: int) -> None:
        super().__init__(atlas)
        self.most = most
        self.cut = False
        self.start((self.packing.initial(), -1, 0))

    def plain(self, state: State) -> int:
        return state[0]

    def after(self, state: State) -> list[tuple[int, State]]:
        now, running, preemptions = state
        steps = {t: step for t in range(len(self.atlas.names)) if (step := self.moves.add(now, t))}
        found = []
        for thread, step in steps.items():
            taken = running in steps and running != thread
            if taken and preemptions == self.most:
                self.cut = True
            else:
                found.append((thread, (now + step, thread, preemptions + taken)))
        return found

    def _expand(self, level: list[State], most: int) -> list[State]:
        found: list[State] = []
        for state in level:
            if not any(self.moves.add(state[0], t) for t in range(len(self.atlas.names))):
                self._end(state)
            for thread, reached in self.after(state):
                self.edges += 1
                if reached not in self.seen:
                    if len(self.seen) >= most:
                        self.limit = "max_states"
                        return found
                    self.seen.add(reached)
                    found.append(reached)
                for violation in self.moves.broken(state[0], thread):
                    self._note(violation, len(self.levels), (state, thread))
        return found
