"""An explorer that is slow and obviously right: it replays every schedule from the start.

No states, no merging, no undo: each prefix of each schedule gets a simulation of its own. What it
finds is what the fast explorer must find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from engine.invariants import watch
from engine.layout import simulate
from engine.outcomes import Heard, Outcomes, hear
from engine.scenario import Scenario
from engine.simulation import Step
from engine.verbs.hardware import SIGNED


class Findings(NamedTuple):
    """What there is to find. shortest: invariant -> (steps, switches) of the best schedule."""

    ends: set[frozenset[tuple[str, Any]]]
    outcomes: set[str]
    shortest: dict[str, tuple[int, int]]


def every_schedule(scenario: Scenario, kernel: str, bound: int | None = None) -> Findings:
    """Follow every schedule, with at most `bound` pre-emptions, to its end."""
    found = Findings(set(), set(), {})
    for path in _paths(scenario, kernel, (), bound):
        sim = simulate(scenario, kernel)
        watcher = watch(sim)
        outcomes = Outcomes(sim.world, sim.threads, sim.machine["memory/next_free"])
        heard: dict[str, Heard] = dict.fromkeys(sim.threads, ((), ()))
        for number, thread in enumerate(path, 1):
            step = sim.step(thread)
            _listen(heard, step, SIGNED + sim.world.cpu_of[thread])
            for violation in watcher.after(step):
                _note(found.shortest, violation.invariant, path[:number])
        for violation in watcher.finish():
            _note(found.shortest, violation.invariant, path)
        found.ends.add(settled(sim.machine))
        found.outcomes.add(repr(outcomes.of(sim, heard, watcher.finish())))
    return found


def settled(cells: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
    """All cells as one value. That a lock was once taken does not matter, nor who read first."""
    return frozenset(
        (cell, tuple(sorted(value)) if cell.startswith("lock/mmap_sem") else value)
        for cell, value in cells.items()
        if not cell.startswith(("ghost/", "broken/"))
        and (value or not cell.startswith(("lock/ptl", "lock/page", "lock/mmlist")))
    )


def _listen(heard: dict[str, Heard], step: Step, own: int) -> None:
    news = hear(step.node.op, step.answer, own)
    if news:
        codes, seen = heard[step.thread]
        heard[step.thread] = codes + news[0], seen + news[1]


def _paths(
    scenario: Scenario, kernel: str, prefix: tuple[str, ...], bound: int | None
) -> Iterator[tuple[str, ...]]:
    """Every complete schedule that begins with `prefix`, by depth-first recursion."""
    sim = simulate(scenario, kernel)
    for thread in prefix:
        sim.step(thread)
    ready = sim.runnable()
    if not ready:
        yield prefix
    for thread in ready:
        taken = bool(prefix) and prefix[-1] in ready and prefix[-1] != thread
        if bound is None or not taken:
            yield from _paths(scenario, kernel, (*prefix, thread), bound)
        elif bound:
            yield from _paths(scenario, kernel, (*prefix, thread), bound - 1)


def _note(shortest: dict[str, tuple[int, int]], invariant: str, path: tuple[str, ...]) -> None:
    switches = sum(one != two for one, two in pairwise(path))
    best = shortest.get(invariant, (len(path), switches))
    shortest[invariant] = min(best, (len(path), switches))
