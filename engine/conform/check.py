"""Holding the engine against rows: one sequential run, or all schedules of the rows' shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.conform import events, outcome
from engine.conform.rows import to_scenario
from engine.layout import simulate
from engine.simulation import Simulation, Step

MOST = 41
"""How many events T1 runs at most before it is interrupted (the rows' FORMAT)."""

Difference = tuple[str, Any, Any]
"""(field, expected by the row, got from the engine)"""


def canonical(value: dict[str, Any]) -> str:
    """An outcome as a string that is equal exactly when the outcomes are."""
    return json.dumps(value, sort_keys=True)


def check_sequential(row: dict[str, Any]) -> list[Difference]:
    """What differs between a sequential row and the engine's run of it, outcome and events."""
    sim = simulate(to_scenario(row))
    steps = list(_to_the_end(sim, ("T0", "T1")))
    expected, got = outcome.of_row(row["final"]), outcome.of_run(sim, steps)
    expected, got = json.loads(canonical(expected)), json.loads(canonical(got))
    found = [
        (field, expected[field], got[field]) for field in expected if expected[field] != got[field]
    ]
    theirs, ours = events.of_row(row), events.of_run(sim, steps)
    if theirs != ours:
        at = next((i for i, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b),
                  min(len(theirs), len(ours)))  # fmt: skip
        found.append((f"events[{at}]", theirs[at : at + 3], ours[at : at + 3]))
    return found


def reachable(row: dict[str, Any]) -> dict[str, int]:
    """Every outcome that a schedule of the rows' shape reaches, with the number of schedules."""
    scenario = to_scenario(row)
    sim = simulate(scenario)
    found: dict[str, int] = {}
    first: list[Step] = []
    for _ in scenario.schedule:
        _set_up(sim, first)
    while True:
        _rival_parts(sim, first, found)
        if not _to_next_event(sim, "T0", first):
            return found


def _set_up(sim: Simulation, steps: list[Step]) -> None:
    """T0's mmap, which the harness ran before it let threads race."""
    while sim.can_move("T0"):
        steps.append(sim.step("T0"))
        op = steps[-1].node.op
        if op is not None and op.name == "up_write":
            return


def _rival_parts(sim: Simulation, before: list[Step], found: dict[str, int]) -> None:
    """T1 runs in part, for every part; then T0 to its end, then T1 to its end."""
    steps = list(before)
    for _ in range(MOST):
        if not _to_next_event(sim, "T1", steps):
            break
        _finish(sim, steps, found)
    steps += _to_the_end(sim, ("T1",))
    _finish(sim, steps, found)
    for step in reversed(steps[len(before) :]):
        sim.back(step)


def _finish(sim: Simulation, steps: list[Step], found: dict[str, int]) -> None:
    rest = list(_to_the_end(sim, ("T0", "T1")))
    key = canonical(outcome.of_run(sim, steps + rest))
    found[key] = found.get(key, 0) + 1
    for step in reversed(rest):
        sim.back(step)


def _to_next_event(sim: Simulation, thread: str, steps: list[Step]) -> bool:
    """Move until the harness would have recorded an event; False if the thread cannot get there."""
    moved = False
    while sim.can_move(thread):
        steps.append(sim.step(thread))
        moved = True
        if events.recorded(steps[-1]):
            return True
    return moved


def _to_the_end(sim: Simulation, order: tuple[str, ...]) -> Iterator[Step]:
    """Each thread in turn as far as it gets, over and over until nobody can move."""
    moved = True
    while moved:
        moved = False
        for thread in order:
            while sim.can_move(thread):
                moved = True
                yield sim.step(thread)
