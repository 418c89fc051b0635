"""Faultwalk's engine: Linux 2.6 page faults, step by step."""

from engine.compare import side_by_side
from engine.errors import (
    BadLink,
    BadScenario,
    BadSchedule,
    BudgetExceeded,
    EngineError,
    UnknownKernel,
)
from engine.gallery import gallery, load_scenario_file
from engine.listing import listing
from engine.scenario import Scenario
from engine.share import decode_content, decode_link, encode_link
from engine.source import kernels_json
from engine.trace import Trace, run
from engine.trace_form import trace_json

__all__ = [
    "BadLink",
    "BadScenario",
    "BadSchedule",
    "BudgetExceeded",
    "EngineError",
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
    "side_by_side",
    "trace_json",
]
