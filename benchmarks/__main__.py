"""All measurements in one run: .venv/bin/python -m benchmarks [--json].

Figures of one run may be compared with each other; figures of two machines or two days may not.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from benchmarks.page import page_figures
from benchmarks.scenes import long_scenario
from engine import run, trace_json
from engine.conform import conform_file
from engine.layout import simulate
from engine.schedule import play
from tests.server import running_server

ROOT = Path(__file__).resolve().parent.parent
SLICE = ROOT / "tests" / "oracle" / "linux-2.6-slice.jsonl.gz"
ROUNDS = 5


def main() -> int:
    """Measure, print, and exit 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    as_json = parser.parse_args().json
    figures = {**engine_figures(), **conform_figures(), **http_figures(), **page_figures()}
    figures["machine"] = f"{platform.machine()}, Python {platform.python_version()}"
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:62} {value:>14,}" if isinstance(value, int) else f"{name:62} {value:>14}")
    return 0


def median(measure: Callable[[], float]) -> float:
    """The median of a few rounds, after one that does not count."""
    measure()
    return statistics.median(measure() for _ in range(ROUNDS))


def engine_figures() -> dict[str, Any]:
    """Steps a second, forwards and back, first and learned; memory a step; a trace's cost."""
    scenario = long_scenario(200)

    def forward(sim: Any) -> tuple[float, list[Any]]:
        start = time.perf_counter()
        steps = list(play(sim, scenario.schedule))
        return len(steps) / (time.perf_counter() - start), steps

    def back(sim: Any, steps: list[Any]) -> float:
        start = time.perf_counter()
        for step in reversed(steps):
            sim.back(step)
        return len(steps) / (time.perf_counter() - start)

    def learned() -> float:
        sim = simulate(scenario)
        back(sim, forward(sim)[1])
        return forward(sim)[0]

    def backwards() -> float:
        sim = simulate(scenario)
        return back(sim, forward(sim)[1])

    def whole() -> float:
        start = time.perf_counter()
        trace_json(run(scenario))
        return time.perf_counter() - start

    return {
        "steps a second, first time": int(median(lambda: forward(simulate(scenario))[0])),
        "steps a second, learned program": int(median(learned)),
        "steps a second, back": int(median(backwards)),
        "bytes a step (steps, nodes, journal)": memory_per_step(),
        "trace of 200 steps as JSON-ready data, ms": round(median(whole) * 1000, 2),
    }


def memory_per_step() -> int:
    """What a run keeps for each step, in bytes."""
    scenario = long_scenario(4000)
    sim = simulate(scenario)
    tracemalloc.start()
    steps = list(play(sim, scenario.schedule))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept // len(steps)


def conform_figures() -> dict[str, Any]:
    """Oracle rows a second, one process."""

    def rows() -> float:
        start = time.perf_counter()
        report = conform_file(SLICE, jobs=1, beyond=False)
        return float(report["rows"] / (time.perf_counter() - start))

    return {"oracle rows a second, one process": int(median(rows))}


def http_figures() -> dict[str, Any]:
    """POST /api/run beside the same server's empty route, one connection."""
    base = long_scenario(200).content()
    with running_server(rate_limit="off") as address, httpx.Client(base_url=address) as client:

        def empty() -> float:
            return rate(lambda _: client.get("/healthz"))

        def cached() -> float:
            return rate(lambda _: client.post("/api/run", json={"scenario": base}))

        def fresh() -> float:
            seed = time.perf_counter_ns()
            return rate(
                lambda n: client.post(
                    "/api/run", json={"scenario": {**base, "title": f"{seed} {n}"}}
                )
            )

        figures = {"empty route": empty, "run, 200 steps, new": fresh, "run, seen before": cached}
        return {f"requests a second: {n}": int(median(f)) for n, f in figures.items()}


def rate(request: Callable[[int], httpx.Response], count: int = 60) -> float:
    """Requests a second, one after the other; every one must succeed."""
    start = time.perf_counter()
    for number in range(count):
        request(number).raise_for_status()
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
