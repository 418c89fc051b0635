"""Faultwalk's engine: Linux 2.6 page faults, step by step."""

from engine.compare import side_by_side
from engine.errors import (
    BadLink,
    BadScenario,
    BadSchedule,
    BudgetExceeded,
    EngineError,
    NotBuilt,
    UnknownKernel,
)
from engine.gallery import gallery, load_scenario_file
from engine.library import Found, Run, run, scenario_from
from engine.listing import listing
from engine.scenario import Scenario
from engine.share import decode_content, decode_link, encode_link
from engine.source import kernels_json
from engine.trace import Trace
from engine.trace_form import trace_json

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
    "Trace",
    "UnknownKernel",
    "decode_content",
    "decode_link",
    "encode_link",
    "gallery",
    "kernels_json",
    "listing",
    "load_scenario_file",
    "run",
    "scenario_from",
    "side_by_side",
    "trace_json",
]
