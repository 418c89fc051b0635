"""A scenario under every kernel and on every architecture: which rules hold where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from engine.errors import EngineError
from engine.explore import explore
from engine.invariants.order import REFUSALS
from engine.kernels import HISTORY
from engine.messages import ENGLISH
from engine.model.arch import ARCHES
from engine.scenario import Scenario

SIDE = {"2.6.16", "2.6.18", "2.6.20"}
"""Kernels that are no station of the argument; left out unless asked for."""


def matrix(
    scenario: Scenario,
    *,
    kernels: list[str] | None = None,
    arches: list[str] | None = None,
    max_states: int = 200_000,
    seconds: float | None = None,
    stop: Callable[[int, int], bool] | None = None,
    at: Callable[[int, int], None] | None = None,
    language: str = ENGLISH,
) -> dict[str, Any]:
    """The rules by kernel and arch, each cell decided by a search of its own.

    A cell has `broken`: rule -> the best schedule that breaks it; `complete`: whether all schedules
    were looked at, so that what is not broken holds; `refuses`: whether every bug of its outcomes
    is a refusal of the mapping; or `refused`: why the scenario cannot be set up there. seconds: for
    the whole table, shared out as it goes.
    """
    shown = kernels or [kernel.id for kernel in HISTORY if kernel.id not in SIDE]
    places = [(kernel, arch) for arch in arches or list(ARCHES) for kernel in shown]
    began, cells = perf_counter(), []
    stop = _for_good(stop) if stop else None
    for done, (kernel, arch) in enumerate(places):
        if at:
            at(done, len(places))
        left = None
        if seconds is not None:
            left = max((seconds - (perf_counter() - began)) / (len(places) - done), 0.01)
        cells.append(_cell(scenario, kernel, arch, max_states=max_states, seconds=left,
                           stop=stop, language=language, because=False))  # fmt: skip
    return {
        "kernels": shown,
        "arches": list(dict.fromkeys(arch for _, arch in places)),
        "cells": cells,
        "complete": all(cell.get("complete", True) for cell in cells),
        "limit": next((cell["limit"] for cell in cells if cell.get("limit")), None),
        "rules": list(dict.fromkeys(rule for cell in cells for rule in cell.get("broken", {}))),
        "munmaps": scenario.munmaps(),
        "seconds": round(perf_counter() - began, 3),
    }


def _for_good(stop: Callable[[int, int], bool]) -> Callable[[int, int], bool]:
    """The same, but who has said stop once need not say it for each cell."""
    stopped = False

    def ask(states: int, steps: int) -> bool:
        nonlocal stopped
        stopped = stopped or stop(states, steps)
        return stopped

    return ask


def _cell(scenario: Scenario, kernel: str, arch: str, **how: Any) -> dict[str, Any]:
    here = {"kernel": kernel, "arch": arch}
    try:
        content = {**scenario.content(), "arch": arch, "kernel": kernel}
        placed = Scenario.model_validate(content)
        found = explore(placed, kernel, **how)
    except (EngineError, ValueError) as error:
        return {**here, "refused": next(_reasons(error))}
    ways = ("text", "promise", "schedule", "steps", "switches", "shortest", "link")
    return {
        **here,
        "complete": found["complete"],
        "limit": found["limit"],
        "states": found["states"],
        "outcomes": found["outcomes_in_all"],
        "refuses": _refuses(found),
        "broken": {v["invariant"]: {way: v[way] for way in ways} for v in found["violations"]},
    }


def _refuses(found: dict[str, Any]) -> bool:
    """Whether some thread hits a BUG, and none hits another than one that refuses its mapping."""
    bugs = {bug for outcome in found["outcomes"] for bug in outcome["bugs"].values()}
    whole = found["complete"] and len(found["outcomes"]) == found["outcomes_in_all"]
    return whole and bool(bugs) and bugs <= {f"BUG_ON {text}" for text in REFUSALS}


def _reasons(error: Exception) -> Iterator[str]:
    """What pydantic or the engine found wrong, in one sentence."""
    errors = getattr(error, "errors", None)
    if errors:
        yield str(errors()[0]["msg"]).removeprefix("Value error, ")
    yield str(error)
