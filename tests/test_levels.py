"""Levels of the scheduler's game: par is what a plain search says, and what cannot be is proved."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest
from scenes import fickle, read, write

from engine.errors import EngineError
from engine.explore.atlas import Atlas
from engine.explore.levels import (
    Level,
    find_level,
    holds_of,
    level_scene,
    levels,
    par_of,
    reach,
)
from engine.explore.par import par
from engine.explore.questions import read_question
from engine.explore.scene import Scene
from engine.layout import simulate
from engine.scenario import Switch
from engine.schedule import play

TRIED = [(level.id, kernel) for level in levels() for kernel in level.kernels]


@pytest.mark.parametrize(("id", "kernel"), TRIED)
def test_every_level_is_decided(id: str, kernel: str) -> None:
    best = par_of(id, kernel)
    assert best.complete
    if best.way is not None:
        scenario = level_scene(id)
        sim = simulate(scenario, kernel)
        for thread in best.way.path:
            sim.step(sim.threads[thread])
        assert not sim.runnable()


def test_what_v3_repaired_cannot_be_done_any_more() -> None:
    for id in ("overwrite", "stale", "dirty", "apart"):
        assert par_of(id, "nopfn-v2").way and par_of(id, "nopfn-v3").way is None


def test_par_is_the_least_of_all_schedules() -> None:
    """Against every schedule with fewer changes, tried one by one."""
    scenario = fickle([read()], [write()])
    goal = read_question('broken("overwrite")', scenario)
    best = par(Atlas(Scene(scenario, "nopfn-v2", remember=True)), goal).way
    assert best is not None
    changes = sum(a != b for a, b in pairwise(best.path))
    assert changes == best.switches == 2
    from slow_explorer import every_schedule

    assert "overwrite" not in every_schedule(scenario, "nopfn-v2", 0).shortest


def test_there_is_no_level_of_another_name() -> None:
    with pytest.raises(EngineError, match="no level"):
        find_level("luck")


def test_from_a_lost_position_there_is_no_way() -> None:
    scenario, goal = level_scene("overwrite"), find_level("overwrite").goal
    start = reach(scenario, "nopfn-v2", goal=goal, schedule="")
    assert start["way"]["switches"] == 2 and start["limit"] is None
    over = reach(scenario, "nopfn-v2", goal=goal, schedule="A until end")
    assert not over["reachable"] and over["complete"] and over["next"] is None
    half = reach(scenario, "nopfn-v2", goal=goal, schedule="A until read_pte#1")
    assert half["reachable"] and half["way"]["schedule"].startswith("A until ")


def test_changes_that_were_made_count() -> None:
    scenario, goal = level_scene("overwrite"), find_level("overwrite").goal
    schedule = "A until access#1; B until access#1; A until read_pte#1"
    found = reach(scenario, "nopfn-v2", goal=goal, schedule=schedule)
    assert found["way"]["switches"] == 4


def test_a_search_that_was_cut_proves_nothing() -> None:
    scenario, goal = level_scene("overwrite"), find_level("overwrite").goal
    found = reach(scenario, "nopfn-v3", goal=goal, schedule="", max_states=100)
    assert (found["reachable"], found["complete"], found["limit"]) == (False, False, "max_states")
    cut = reach(scenario, "nopfn-v3", goal=goal, schedule="", stop=lambda *_: True)
    assert (cut["reachable"], cut["limit"]) == (False, "cancelled")


@pytest.mark.parametrize("level", levels(), ids=lambda level: level.id)
def test_where_it_cannot_be_done_the_level_says_why(level: Level) -> None:
    cannot = {kernel for kernel in level.kernels if par_of(level.id, kernel).way is None}
    assert set(level.because) == cannot


@pytest.mark.parametrize("level", levels(), ids=lambda level: level.id)
def test_no_level_plays_by_itself(level: Level) -> None:
    """Who lets each thread run to its end, in whatever order, must not win."""
    names = [thread.name for _, thread in level_scene(level.id).threads()]
    for kernel in level.kernels:
        for order in permutations(names):
            sim = simulate(level_scene(level.id), kernel)
            moves = tuple(Switch(run=name) for name in order)
            threads = [step.thread for step in play(sim, moves)]
            assert not holds_of(level.id, kernel, threads), (kernel, order)
