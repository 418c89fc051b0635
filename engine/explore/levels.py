"""Play the scheduler: goals for a scene; for each kernel par, or the proof that there is none."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from engine.errors import EngineError
from engine.explore.par import Par, par
from engine.explore.questions import read_question
from engine.explore.scene import Scene
from engine.gallery import gallery

FILE = Path(__file__).resolve().parent.parent.parent / "stories" / "levels.yaml"


class Level(NamedTuple):
    """A goal: an end of a gallery scene of which `goal` holds. kernels: where it is tried."""

    id: str
    title: str
    scenario: str
    goal: str
    kernels: tuple[str, ...]
    hint: str


@cache
def levels() -> tuple[Level, ...]:
    """Every level, in the order of the file."""
    rows: list[dict[str, Any]] = yaml.safe_load(FILE.read_text())
    return tuple(Level(**{**row, "kernels": tuple(row["kernels"])}) for row in rows)


def find_level(id: str) -> Level:
    """The level called `id`. Raises EngineError."""
    found = next((level for level in levels() if level.id == id), None)
    if found is None:
        known = ", ".join(level.id for level in levels())
        raise EngineError("level", f"there is no level {id[:60]!r}", f"there are {known}")
    return found


@cache
def par_of(id: str, kernel: str) -> Par:
    """Par for a level under a kernel; `way` is None where the goal cannot be reached."""
    level = find_level(id)
    scenario = dict(gallery())[level.scenario]
    goal = read_question(level.goal, scenario)
    return par(Scene(scenario, kernel, remember=goal.breaks), goal)
