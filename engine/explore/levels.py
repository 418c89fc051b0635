"""Play the scheduler: goals for a scene; for each kernel par, or the proof that there is none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any, NamedTuple

import yaml

from engine.errors import BadSchedule, EngineError
from engine.explore import way_json
from engine.explore.atlas import Atlas
from engine.explore.explorer import look
from engine.explore.par import MOST, Par, par
from engine.explore.questions import read_question
from engine.explore.scene import Scene
from engine.explore.search import never
from engine.gallery import FOLDER, gallery, load_scenario_file
from engine.home import HOME
from engine.kernels import KERNELS
from engine.scenario import Scenario, Switch
from engine.schedule import follow, parse_schedule

FILE = HOME / "stories" / "levels.yaml"
OWN = FOLDER / "levels"
"""Scenes that are there for a level, and in no gallery."""


class Level(NamedTuple):
    """A goal: an end of a scene of which `goal` holds. says: the same in words.

    kernels: where it is tried. because: why it cannot be done, by the kernels where it cannot.
    """

    id: str
    title: str
    scenario: str
    goal: str
    says: str
    kernels: tuple[str, ...]
    hint: str
    because: dict[str, str]


@cache
def levels() -> tuple[Level, ...]:
    """Every level, in the order of the file."""
    rows: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(_level(row) for row in rows)


def _level(row: dict[str, Any]) -> Level:
    because = {k: text for names, text in row["because"].items() for k in names.split()}
    return Level(**{**row, "kernels": tuple(row["kernels"]), "because": because})


def find_level(id: str) -> Level:
    """The level called `id`. Raises EngineError."""
    found = next((level for level in levels() if level.id == id), None)
    if found is None:
        known = ", ".join(level.id for level in levels())
        raise EngineError("level", f"there is no level {id[:60]!r}", f"there are {known}")
    return found


def level_kernel(level: Level, kernel: str) -> str:
    """This kernel, if the level is tried under it. Raises EngineError."""
    if kernel not in level.kernels:
        what = f"{level.id} is not played under {kernel[:60]!r}"
        raise EngineError("kernel", what, f"take one of {', '.join(level.kernels)}")
    return KERNELS[kernel].id


@cache
def level_scene(id: str) -> Scenario:
    """The scenario that a level is played in."""
    level = find_level(id)
    if has_own_scene(level):
        return load_scenario_file(OWN / f"{level.scenario}.yaml")
    return dict(gallery())[level.scenario]


def has_own_scene(level: Level) -> bool:
    """Whether its scene is in no gallery."""
    return (OWN / f"{level.scenario}.yaml").exists()


@cache
def par_of(id: str, kernel: str) -> Par:
    """Par for a level under a kernel; `way` is None where the goal cannot be reached."""
    scenario = level_scene(id)
    goal = read_question(find_level(id).goal, scenario)
    return par(Atlas(Scene(scenario, kernel, remember=goal.breaks)), goal)


def reach(
    scenario: Scenario,
    kernel: str,
    *,
    goal: str,
    schedule: str,
    max_states: int = MOST,
    seconds: float = float("inf"),
    stop: Callable[[int, int], bool] = never,
) -> dict[str, Any]:
    """Whether a goal can still be reached after these moves, and how with the fewest changes.

    `way` has the moves so far in it, `next` is who moves after them. A search that was cut
    (`limit`) proves nothing. Raises BadSchedule, or EngineError for a bad goal.
    """
    began = perf_counter()
    question = read_question(goal, scenario)
    scene = Scene(scenario, kernel, remember=question.breaks)
    before = _path(scene, moves_of(scenario, schedule))
    until = began + seconds
    cut = ""

    def ends(states: int) -> bool:
        nonlocal cut
        cut = "cancelled" if stop(states, 0) else "seconds" if perf_counter() > until else ""
        return bool(cut)

    found = par(Atlas(scene), question, before, max_states, ends)
    way = found.way and way_json(scene.sim, scenario, kernel, found.way)
    follows = found.way.path[len(before) :] if found.way else []
    return {
        "reachable": way is not None,
        "complete": found.complete,
        "limit": None if found.complete else cut or "max_states",
        "states": found.states,
        "way": way,
        "next": scene.sim.threads[follows[0]] if follows else None,
        "seconds": round(perf_counter() - began, 4),
    }


def moves_of(scenario: Scenario, schedule: str) -> tuple[Switch, ...]:
    """The moves that a text names by switch points. Raises BadSchedule."""
    if not schedule:
        return ()
    found = parse_schedule(schedule, [thread.name for _, thread in scenario.threads()])
    if isinstance(found, str):
        what = "moves are not counted here: a later model may have more steps"
        raise BadSchedule("schedule", what, "write A until read_pte#1; B until end")
    return found


def _path(scene: Scene, moves: tuple[Switch, ...]) -> list[int]:
    """Who moved when."""
    sim = scene.sim
    steps = list(follow(sim, moves))
    for step in reversed(steps):
        sim.back(step)
    number = {thread: n for n, thread in enumerate(sim.threads)}
    return [number[step.thread] for step in steps]


def holds_of(id: str, kernel: str, threads: list[str]) -> bool:
    """Whether a level's goal holds at the end of a run in which these threads moved."""
    scenario = level_scene(id)
    goal = read_question(find_level(id).goal, scenario)
    atlas = Atlas(Scene(scenario, kernel, remember=goal.breaks))
    state = atlas.packing.initial()
    number = {name: n for n, name in enumerate(atlas.names)}
    for thread in threads:
        state += atlas.moves.add(state, number[thread])
    return look(atlas, state, goal)[1]
