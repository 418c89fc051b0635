"""The kernel worth comparing a run with: the nearest under which the scenario ends otherwise."""

from __future__ import annotations

from typing import Any

from engine.errors import EngineError
from engine.expectations import observed
from engine.kernels import HISTORY
from engine.trace import Trace, run

LONG = 600
"""Longer runs are not played under every kernel: it would take seconds."""


def rival(trace: Trace) -> dict[str, Any]:
    """{"kernel", "mends"}: its id, and whether it is a later one that keeps what this run breaks.

    The parent, or the next kernel, where none ends otherwise, or the run is long.
    """
    ids = [kernel.id for kernel in HISTORY]
    here = ids.index(trace.kernel.id)
    others = sorted((id for id in ids if id != ids[here]), key=lambda i: abs(ids.index(i) - here))
    if len(trace.steps) <= LONG:
        mine = observed(trace)
        for id in others:
            theirs = _played(trace, id)
            if theirs is not None and observed(theirs) != mine:
                mends = ids.index(id) > here and bool(broken(trace)) and not broken(theirs)
                return {"kernel": id, "mends": mends}
    return {"kernel": trace.kernel.parent or others[0], "mends": False}


def broken(trace: Trace) -> list[str]:
    """The kernel's rules that a run breaks."""
    return [r["id"] for r in trace.invariants if not r["holds"] and not r["news"]]


def _played(trace: Trace, kernel: str) -> Trace | None:
    try:
        return run(trace.scenario, kernel)
    except EngineError:
        return None
