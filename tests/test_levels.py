"""Levels of the scheduler's game: par is what a plain search says, and what cannot be is proved."""

from __future__ import annotations

from itertools import pairwise

import pytest
from scenes import fickle, read, write

from engine.errors import EngineError
from engine.explore.levels import find_level, levels, par_of
from engine.explore.par import par
from engine.explore.questions import read_question
from engine.explore.scene import Scene
from engine.gallery import gallery
from engine.layout import simulate

TRIED = [(level.id, kernel) for level in levels() for kernel in level.kernels]


@pytest.mark.parametrize(("id", "kernel"), TRIED)
def test_every_level_is_decided(id: str, kernel: str) -> None:
    best = par_of(id, kernel)
    assert best.complete
    if best.way is not None:
        scenario = dict(gallery())[find_level(id).scenario]
        sim = simulate(scenario, kernel)
        for thread in best.way.path:
            sim.step(sim.threads[thread])
        assert not sim.runnable()


@pytest.mark.parametrize("level", levels(), ids=lambda level: level.id)
def test_every_level_can_be_done_under_some_kernel(level: object) -> None:
    id = getattr(level, "id", "")
    assert any(par_of(id, kernel).way for kernel in find_level(id).kernels)


def test_what_v3_repaired_cannot_be_done_any_more() -> None:
    for id in ("overwrite", "stale", "dirty"):
        assert par_of(id, "nopfn-v2").way and par_of(id, "nopfn-v3").way is None


def test_par_is_the_least_of_all_schedules() -> None:
    """Against every schedule with fewer changes, tried one by one."""
    scenario = fickle([read()], [write()])
    goal = read_question('broken("overwrite")', scenario)
    best = par(Scene(scenario, "nopfn-v2", remember=True), goal).way
    assert best is not None
    changes = sum(a != b for a, b in pairwise(best.path))
    assert changes == best.switches == 2
    from slow_explorer import every_schedule

    assert "overwrite" not in every_schedule(scenario, "nopfn-v2", 0).shortest


def test_there_is_no_level_of_another_name() -> None:
    with pytest.raises(EngineError, match="no level"):
        find_level("luck")
