"""Faultwalk: Linux page faults step by step, and every order of their races.

    >>> import faultwalk
    >>> faultwalk.run("two-threads-one-page", kernel="nopfn-v2")
    <Run 'Two threads, one page' under nopfn-v2: 37 steps, breaks overwrite, tlb_agrees, one_pfn>

A scenario is named by its id in the gallery, a file, a link or plain data. In a notebook a run
plays, and what `explore` found is a table. `faultwalk.testing` has assertions for tests.
"""

from engine import (
    BadLink,
    BadScenario,
    BadSchedule,
    BudgetExceeded,
    EngineError,
    Found,
    NotBuilt,
    Run,
    Scenario,
    UnknownKernel,
    gallery,
    run,
)
from engine import kernels_json as kernels
from engine import scenario_from as scenario
from engine.library import explore

__all__ = [
    "BadLink",
    "BadScenario",
    "BadSchedule",
    "BudgetExceeded",
    "EngineError",
    "Found",
    "NotBuilt",
    "Run",
    "Scenario",
    "UnknownKernel",
    "explore",
    "gallery",
    "kernels",
    "run",
    "scenario",
]
