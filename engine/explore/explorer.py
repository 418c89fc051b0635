"""The two searches together: the exact one as far as it goes, the reduced one where it does not.

The exact search finds shortest ways and counts schedules. Where it stops at its budget, the reduced
one goes on: it needs far fewer states to prove that something cannot be, or to list all outcomes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from time import perf_counter
from typing import Any, NamedTuple

from engine.explore.atlas import Atlas
from engine.explore.bounded import Bounded
from engine.explore.decisive import MANY_OUTCOMES, TOLD_STATES, Decisions, Order
from engine.explore.fates import Course, Horizon
from engine.explore.paths import Path, best_paths, ways_to_ends
from engine.explore.questions import End, Question
from engine.explore.reduced import Reduced, Reductions
from engine.explore.scene import BROKEN, Scene
from engine.explore.search import Budget, Exact, Goal, Search, never
from engine.invariants.base import Violation

EXACT_STATES = 300_000
"""How far the exact search goes before the reduced one takes over."""

COUNTED_STATES = 300_000
"""Up to how many states schedules are counted: it takes two more passes over them."""


class Way(NamedTuple):
    """A way to something. shortest: no other is shorter, and none as short changes threads less."""

    path: Path
    shortest: bool

    @property
    def switches(self) -> int:
        """How often the running thread changes."""
        return sum(one != two for one, two in pairwise(self.path))


class Ending(NamedTuple):
    """One outcome: how many end states come to it, how many schedules lead there, if counted."""

    outcome: dict[str, Any]
    states: int
    schedules: int | None
    way: Way


class Break(NamedTuple):
    """A rule that some schedule breaks."""

    violation: Violation
    way: Way


class Finding(NamedTuple):
    """What a search found. stored: states kept. limit: what cut the search, if anything did.

    twins: threads that may change names in what was found, by a search that used it. answer: the
    way to an end of which the question holds, if one was asked and there is one. course: what was
    open along the run that was given, if the exact search came to its end. orders: what decides
    each outcome, where that could be found out.
    """

    method: str
    limit: str | None
    stored: int
    edges: int
    endings: list[Ending]
    breaks: list[Break]
    twins: list[list[str]]
    answer: Way | None
    seconds: float
    course: Course | None = None
    orders: list[list[Order]] | None = None


class Limits(NamedTuple):
    """states: the most to store. until: on the clock of perf_counter. stop: asked now and then.

    orders: whether to find out what decides each outcome.
    """

    states: int = 200_000
    preemptions: int | None = None
    until: float = float("inf")
    stop: Callable[[int, int], bool] = never
    orders: bool = False


def search(
    scene: Scene,
    limits: Limits,
    how: Reductions,
    question: Question | None = None,
    along: Path | None = None,
) -> Finding:
    """Look at every schedule, or at enough of them. along: a run to look at among all runs."""
    began = perf_counter()
    atlas = Atlas(scene)
    reduces = (how.order or how.symmetry) and limits.preemptions is None
    first = min(limits.states, EXACT_STATES) if reduces else limits.states
    full: Search[Any] = (
        Exact(atlas) if limits.preemptions is None else Bounded(atlas, limits.preemptions)
    )
    full.run(Budget(first, limits.until, limits.stop))
    if isinstance(full, Bounded) and full.cut and not full.limit:
        full.limit = "max_preemptions"
    if full.limit != "max_states" or not reduces:
        return _of_full(full, question, began, along, limits.orders)
    reduced = Reduced(atlas, how)
    before, edges = len(full.seen), full.edges  # who watches sees one search going on

    def stop(states: int, steps: int) -> bool:
        return limits.stop(before + states, edges + steps)

    reduced.run(Budget(limits.states, limits.until, stop))
    return _of_reduced(reduced, full, question, began)


class _Group:
    """The end states of one outcome. best: those that the shortest ways lead to."""

    def __init__(self, outcome: dict[str, Any], number: int = 0) -> None:
        self.outcome, self.number = outcome, number
        self.states = 0
        self.schedules = 0
        self.best: Goal[Any] | None = None

    def add(self, state: Any, depth: int) -> None:
        """One more end state."""
        self.states += 1
        if self.best is None or depth < self.best.steps:
            self.best = Goal(depth, [])
        if depth == self.best.steps:
            self.best.edges.append((state, -1))


def _of_full(
    full: Search[Any],
    question: Question | None,
    began: float,
    along: Path | None,
    wanted: bool,
) -> Finding:
    groups: dict[str, _Group] = {}
    number_of: dict[int, int] = {}
    answers = _Group({})
    counted = full.limit is None and len(full.seen) <= COUNTED_STATES
    ways = ways_to_ends(full) if counted and isinstance(full, Exact) else None
    for state, depth in full.ends:
        outcome, holds = look(full.atlas, full.plain(state), question)
        group = groups.setdefault(repr(outcome), _Group(outcome, len(groups)))
        group.add(state, depth)
        number_of[full.plain(state)] = group.number
        if ways:
            group.schedules += ways[state]
        if holds:
            answers.add(state, depth)
    goals = [g.best for g in groups.values()] + [b.goal for b in full.broken.values()]
    goals += [answers.best] if answers.best else []
    paths = [Way(path, True) for path in best_paths(full, [goal for goal in goals if goal])]
    endings = [
        Ending(g.outcome, g.states, g.schedules if ways else None, way)
        for g, way in zip(groups.values(), paths, strict=False)
    ]
    breaks = [
        Break(broken.violation, way)
        for broken, way in zip(full.broken.values(), paths[len(groups) :], strict=False)
    ]
    answer = paths[-1] if answers.best else None
    method = "bounded" if isinstance(full, Bounded) else "exact"
    run = orders = None
    if counted and isinstance(full, Exact):
        small = wanted and 1 < len(groups) <= MANY_OUTCOMES and len(full.seen) <= TOLD_STATES
        horizon = Horizon(full, number_of) if small or along is not None else None
        run = horizon.course(along) if horizon and along is not None else None
        orders = (
            Decisions(full, number_of, horizon.fates).of_outcomes() if horizon and small else None
        )
    return Finding(method, full.limit, len(full.seen), full.edges, endings, breaks, [],
                   answer, perf_counter() - began, run, orders)  # fmt: skip


def _of_reduced(
    reduced: Reduced, full: Search[Any], question: Question | None, began: float
) -> Finding:
    groups: dict[str, tuple[dict[str, Any], int]] = {}
    answer = None
    for state in reduced.ends:
        outcome, holds = look(reduced.atlas, state, question)
        groups.setdefault(repr(outcome), (outcome, state))
        if holds and answer is None:
            answer = Way(reduced.path(state), False)
    endings = [
        Ending(outcome, 0, None, Way(reduced.path(state), False))
        for outcome, state in groups.values()
    ]
    # what the exact search broke in its part of the states, it broke by a shortest way
    certain = [b for b in full.broken.values() if b.goal.steps < len(full.levels) - 1]
    short = best_paths(full, [broken.goal for broken in certain])
    breaks = [Break(b.violation, Way(p, True)) for b, p in zip(certain, short, strict=True)]
    breaks += [
        Break(hit.violation, Way(reduced.path(hit.state, hit.moved), False))
        for rule, hit in reduced.broken.items()
        if rule not in {broken.violation.invariant for broken in certain}
    ]
    names = reduced.atlas.names
    groups_of_twins = reduced.symmetry.groups if reduced.symmetry else []
    twins = [[names[t] for t in group] for group in groups_of_twins]
    return Finding("reduced", reduced.limit, len(reduced.came), reduced.edges, endings, breaks,
                   twins, answer, perf_counter() - began)  # fmt: skip


def look(atlas: Atlas, state: int, question: Question | None) -> tuple[dict[str, Any], bool]:
    """The outcome of an end state, and whether the question holds of it."""
    scene = atlas.system
    assert isinstance(scene, Scene)
    m, places = atlas.at(state)
    outcome = scene.outcome(m, places)
    if question is None:
        return outcome, False
    at_end = {violation.invariant for violation in scene.judge_end(m, places)}
    broken = frozenset(at_end.union(m.get(BROKEN) or ()))
    return outcome, question.holds(End(m, outcome, broken, scene.world.arch))
