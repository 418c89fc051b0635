"""What schedules of any shape reach: counted and listed, not judged (the rows tried one shape)."""

from __future__ import annotations

from typing import Any

from engine.conform import outcome
from engine.conform.check import canonical
from engine.layout import simulate
from engine.scenario import Scenario
from engine.simulation import Simulation, Step
from engine.unfold import Node

MOST_STATES = 20_000
"""Where the search gives up, and says so."""


def every_outcome(scenario: Scenario) -> tuple[set[str], bool]:
    """All outcomes of all schedules, and whether the search came to its end."""
    sim = simulate(scenario)
    for switch in scenario.schedule:
        while sim.can_move(switch.run) and not _reached(sim, switch.until):
            sim.step(switch.run)
    seen: set[Any] = set()
    found: set[str] = set()
    path: list[tuple[Step | None, list[str]]] = [(None, list(sim.runnable()))]
    while path:
        step, todo = path[-1]
        if not todo:
            path.pop()
            if step is not None:
                sim.back(step)
            continue
        step = sim.step(todo.pop())
        key = (tuple(sim.position[t].number for t in sim.threads), sim.machine.freeze())
        if key in seen or len(seen) >= MOST_STATES:
            sim.back(step)
            continue
        seen.add(key)
        ready = list(sim.runnable())
        if not ready:
            found.add(canonical(outcome.of_run(sim, _history(sim))))
        path.append((step, ready))
    return found, len(seen) < MOST_STATES


def _reached(sim: Simulation, until: str) -> bool:
    """T0's mmap is over: the next thing it does is an access."""
    op = sim.position["T0"].op
    return until.startswith("up_write") and op is not None and op.name == "access"


def _history(sim: Simulation) -> list[Step]:
    """What each thread did, read off the nodes it stands at: they know every answer."""
    steps = []
    for thread in sim.threads:
        node: Node | None = sim.position[thread]
        mine = []
        while node is not None and node.parent is not None:
            mine.append(Step(thread, node.parent, node.answer, (), ()))
            node = node.parent
        steps += mine[::-1]
    return steps
