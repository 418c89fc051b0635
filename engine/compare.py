"""Two kernels, one scenario and schedule: where do the runs part, and do they end alike?"""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from engine.scenario import Scenario
from engine.trace import Schedule, Trace, run
from engine.trace_form import trace_json


def compare(scenario: Scenario, one: str, other: str, schedule: Schedule = None) -> dict[str, Any]:
    """{"kernels", "same", "first", "outcomes", "links"}: `first` is None if nothing differs.

    first: for each kernel the step and the coarse event at which the histories part, or None where
    that run has already ended. Raises UnknownKernel, BadSchedule, BadScenario or BudgetExceeded.
    """
    traces = [run(scenario, kernel, schedule) for kernel in (one, other)]
    told = [trace_json(trace) for trace in traces]
    first = _parting(*traces)
    return {
        "kernels": [trace.kernel.id for trace in traces],
        "same": first is None,
        "first": first,
        "outcomes": [t["outcome"]["threads"] for t in told],
        "links": [t["link"] for t in told],
    }


def _parting(one: Trace, other: Trace) -> list[dict[str, Any] | None] | None:
    for mine, theirs in zip_longest(_events(one), _events(other)):
        if mine is None or theirs is None or mine["event"] != theirs["event"]:
            return [mine, theirs]
    return None


def _events(trace: Trace) -> list[dict[str, Any]]:
    return [
        {"step": number, "event": event, "what": told.narration.what}
        for number, told in enumerate(trace.steps, 1)
        for event in told.events
    ]
