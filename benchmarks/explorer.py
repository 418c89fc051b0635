"""The explorer beside SPIN, and on the gallery: .venv/bin/python -m benchmarks.explorer [--json].

(a) Model F (race.py, race.pml): counts without reductions must be equal; time is the median of
alternating runs, SPIN's without its compilation. Without `spin` and a C compiler this part has our
figures only, and says so.
(b) Every scene of the gallery: states, steps a second, bytes a state, what the reductions leave.
"learning" is the share of the time in which steps not met before were made on the real machine,
with its verbs and invariants; a second search, all learned, shows what looking up costs alone.
(c) Random programs, searched with and without reductions, in every combination.
(d) The claim of the thread, under each revision, for six threads at one page.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.race import Race
from benchmarks.random_programs import EVERY_WAY, compared
from engine.explore.atlas import Atlas
from engine.explore.reduced import Reduced
from engine.explore.scene import Scene
from engine.explore.search import Budget, Exact
from engine.gallery import gallery
from engine.scenario import Scenario

HERE = Path(__file__).resolve().parent
ROUNDS = 3
ALL = Budget(50_000_000)
SHAPES = [(n, again, 1) for n in (2, 3, 4, 5) for again in (False, True)] + [(4, True, 2)]
DECIDED = [(6, True, 1), (9, True, 1)]
GALLERY_STATES = 200_000
REVISIONS = ("nopfn-v1", "nopfn-v2", "nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19")

Figures = dict[str, Any]


def main() -> int:
    """Measure and print; exit 1 if SPIN or a search without reductions finds otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explorer", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--no-gallery", action="store_true", help="model F alone")
    parser.add_argument("--programs", type=int, default=3_000, help="random programs to compare")
    options = parser.parse_args()
    spin = shutil.which("spin") and shutil.which("gcc")
    race = [race_figures(*shape, bool(spin)) for shape in SHAPES]
    decided = [decided_figures(*shape, bool(spin) and shape[0] < 7) for shape in DECIDED]
    scenes = [] if options.no_gallery else [f for n, s in gallery() if (f := scene_figures(n, s))]
    programs = [] if options.no_gallery else [program_figures(options.programs)]
    claims = [] if options.no_gallery else [claim_figures(kernel) for kernel in REVISIONS]
    figures = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "spin": "compared" if spin else "skipped: no spin or no gcc on this machine",
        "race": race, "decided": decided, "gallery": scenes,
        "programs": programs, "claims": claims,
    }  # fmt: skip
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        print(figures["machine"], "\nSPIN:", figures["spin"])
        for rows in (race, decided, scenes, programs, claims):
            print_table(rows)
    wrong = [row for row in race if row.get("agree") is False] + [
        p for p in programs if p["differ"]
    ]
    return 1 if wrong else 0


def race_figures(threads: int, again: bool, pages: int, spin: bool) -> Figures:
    """Model F in full by both, and with reductions by both."""
    states = edges = stored = 0

    def full() -> float:
        nonlocal states, edges
        search = Exact(Atlas(Race(threads, again, pages)))
        seconds = timed(lambda: search.run(ALL))
        states, edges = len(search.seen), search.edges
        return seconds

    def few() -> float:
        nonlocal stored
        search = Reduced(Atlas(Race(threads, again, pages)))
        seconds = timed(lambda: search.run(ALL))
        stored = len(search.came)
        return seconds

    theirs = Spin(threads, again, pages) if spin else None
    ours, whole = alternating(full, theirs.full if theirs else None)
    reduced, theirs_reduced = alternating(few, theirs.reduced if theirs else None)
    row: Figures = {
        "threads": threads, "revision": "v3" if again else "v1", "pages": pages,
        "states": states, "steps": edges, "steps/s": round(edges / ours), "s": round(ours, 3),
        "stored, reduced": stored, "s, reduced": round(reduced, 3),
    }  # fmt: skip
    if theirs:
        row |= {
            "SPIN s": whole, "ours/SPIN": round(ours / max(whole, 0.01), 2),
            "agree": (theirs.states, theirs.edges) == (states, edges),
            "SPIN stored, reduced": theirs.stored, "times fewer": round(theirs.stored / stored),
            "SPIN s, reduced": theirs_reduced,
        }  # fmt: skip
    return row


def decided_figures(threads: int, again: bool, pages: int, spin: bool) -> Figures:
    """How long the verdict takes, beside SPIN with its own reduction."""
    stored = 0

    def few() -> float:
        nonlocal stored
        search = Reduced(Atlas(Race(threads, again, pages)))
        seconds = timed(lambda: search.run(ALL))
        stored = len(search.came)
        return seconds

    theirs = Spin(threads, again, pages) if spin else None
    ours, seconds = alternating(few, theirs.reduced if theirs else None)
    row: Figures = {"threads": threads, "revision": "v3" if again else "v1",
                    "stored": stored, "s": round(ours, 3)}  # fmt: skip
    if theirs:
        row |= {"SPIN stored": theirs.stored, "SPIN s": seconds,
                "SPIN/ours": round(seconds / ours, 1)}  # fmt: skip
    return row


class Spin:
    """The twin in Promela, compiled once with SPIN's reduction and once without."""

    def __init__(self, threads: int, again: bool, pages: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        shape = [f"-DTHREADS={threads}", f"-DAGAIN={int(again)}", f"-DPAGES={pages}"]
        self._do("spin", "-a", *shape, str(HERE / "race.pml"))
        for name, how in (("full", "-DNOREDUCE"), ("reduced", "-DREDUCED")):
            self._do("gcc", "-O2", "-DSAFETY", "-DVECTORSZ=2048", how, "-o", name, "pan.c")
        self.states = self.edges = self.stored = 0

    def full(self) -> float:
        """Seconds of a search without reduction."""
        self.states, self.edges, seconds = self._run("full")
        self.edges -= 1  # it counts the way into the first state
        return seconds

    def reduced(self) -> float:
        """Seconds of a search with partial-order reduction."""
        self.stored, _, seconds = self._run("reduced")
        return seconds

    def _run(self, program: str) -> tuple[int, int, float]:
        text = self._do(f"./{program}", "-m100000", "-w26", "-E")
        found = [re.search(p, text) for p in (r"(\d+) states, stored", r"(\d+) transitions",
                                              r"elapsed time ([\d.]+)")]  # fmt: skip
        assert all(found), text
        states, edges, seconds = (match[1] for match in found if match)
        return int(states), int(edges), float(seconds)

    def _do(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder.name, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: {done.stderr or done.stdout}")
        return done.stdout


def alternating(
    ours: Callable[[], float], theirs: Callable[[], float] | None
) -> tuple[float, float]:
    """Medians of a few rounds of both, one after the other."""
    pairs = [(ours(), theirs() if theirs else 0.0) for _ in range(ROUNDS)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def timed(act: Callable[[], object]) -> float:
    """Seconds that it takes."""
    gc.collect()
    began = perf_counter()
    act()
    return perf_counter() - began


def scene_figures(name: str, scenario: Any) -> Figures | None:
    """One scene of the gallery with more than one thread, with all cells of the real engine."""
    if len(list(scenario.threads())) < 2:
        return None
    full = Exact(Atlas(Scene(scenario)))
    seconds = timed(lambda: full.run(Budget(GALLERY_STATES)))
    again = timed(lambda: Exact(full.atlas).run(Budget(GALLERY_STATES)))
    few = Reduced(Atlas(Scene(scenario)))
    reduced = timed(lambda: few.run(Budget(GALLERY_STATES)))
    return {
        "scene": name, "kernel": scenario.kernel, "states": len(full.seen), "steps": full.edges,
        "cut": full.limit or "", "steps/s": round(full.edges / seconds),
        "learning": round(max(0.0, 1 - again / seconds), 2),
        "steps/s, learned": round(full.edges / again),
        "bytes/state": bytes_a_state(scenario), "stored, reduced": len(few.came),
        "times fewer": round(len(full.seen) / len(few.came), 1), "s": round(seconds, 3),
        "s, reduced": round(reduced, 3),
    }  # fmt: skip


def bytes_a_state(scenario: Any) -> int:
    """Memory of the set of states and the levels, what was learned left out."""
    search = Exact(Atlas(Scene(scenario)))
    search.run(Budget(GALLERY_STATES))  # learns, so that the second search allocates states alone
    again = Exact(search.atlas)
    tracemalloc.start()
    again.run(Budget(GALLERY_STATES))
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return round(size / len(again.seen))


def program_figures(many: int) -> Figures:
    """So many random programs; `differ` names those in which a reduction lost something."""
    found: list[tuple[int, bool, str | None]] = []
    seconds = timed(lambda: found.extend((seed, *compared(seed)) for seed in range(many)))
    differ = [f"{seed}: {what}" for seed, _, what in found if what]
    return {"programs": many, "compared": sum(whole for _, whole, _ in found),
            "combinations": len(EVERY_WAY), "differ": differ, "s": round(seconds, 1)}  # fmt: skip


def claim_figures(kernel: str) -> Figures:
    """Six writers at one page whose driver answers each with another frame, as far as it goes."""
    scenario = two_threads()
    threads = [{"name": name, "do": [{"write": "mspec[3]"}]} for name in "ABCDEF"]
    process = {**scenario["processes"][0], "threads": threads}
    search = Reduced(
        Atlas(Scene(Scenario.model_validate({**scenario, "processes": [process]}), kernel))
    )
    seconds = timed(lambda: search.run(Budget(GALLERY_STATES)))
    return {"kernel": kernel, "threads": 6, "stored": len(search.came), "cut": search.limit or "",
            "overwrites": "overwrite" in search.broken, "s": round(seconds, 1)}  # fmt: skip


def two_threads() -> dict[str, Any]:
    """The scene of the thread, without what is said about it."""
    scenario = dict(gallery())["two-threads-one-page"]
    whole = scenario.model_dump(mode="json", exclude_defaults=True)
    return {key: whole[key] for key in ("processes", "drivers") if key in whole}


def print_table(rows: list[Figures]) -> None:
    """A table with a head."""
    if not rows:
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cell(row.get(name, "")) for name in names] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    print()
    for line in (names, *cells):
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def _cell(value: Any) -> str:
    return (
        f"{value:,}"
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else str(value)
    )


if __name__ == "__main__":
    sys.exit(main())
