"""The tasks: which fault of which scene is the student's, under which kernels."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import yaml

from engine.errors import EngineError
from engine.gallery import FOLDER, gallery, load_scenario_file
from engine.home import HOME
from engine.kernels import KERNELS
from engine.scenario import Scenario

FILE = HOME / "stories" / "kernel-tasks.yaml"
OWN = FOLDER / "tasks"
"""Scenes that are there for a task, and in no gallery."""


class Task(NamedTuple):
    """A fault to be handled. thread: whose. fault: the how many-th of that thread.

    The other threads follow the scene's schedule. says: what is to be done. minutes: about.
    """

    id: str
    title: str
    scenario: str
    says: str
    kernels: tuple[str, ...]
    minutes: int
    hint: str
    thread: str = "A"
    fault: int = 1


@cache
def tasks() -> tuple[Task, ...]:
    """Every task, in the order of the file."""
    rows: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(Task(**{**row, "kernels": tuple(row["kernels"])}) for row in rows)


def find_task(id: str) -> Task:
    """The task called `id`. Raises EngineError."""
    found = next((task for task in tasks() if task.id == id), None)
    if found is None:
        known = ", ".join(task.id for task in tasks())
        raise EngineError("task", f"there is no task {id[:60]!r}", f"there are {known}")
    return found


def task_kernel(task: Task, kernel: str) -> str:
    """This kernel, if the task is for it. Raises EngineError."""
    if kernel not in task.kernels:
        what = f"{task.id} is not for {kernel[:60]!r}"
        raise EngineError("kernel", what, f"take one of {', '.join(task.kernels)}")
    return KERNELS[kernel].id


@cache
def task_scene(id: str) -> Scenario:
    """The scenario that a task is in."""
    task = find_task(id)
    if has_own_scene(task):
        return load_scenario_file(OWN / f"{task.scenario}.yaml")
    return dict(gallery())[task.scenario]


def has_own_scene(task: Task) -> bool:
    """Whether its scene is in no gallery."""
    return (OWN / f"{task.scenario}.yaml").exists()
