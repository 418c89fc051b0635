"""A whole file of rows held against the engine: counts, differences, and what lies beyond."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

from engine.conform import normal_page, outcome
from engine.conform.beyond import every_outcome
from engine.conform.check import canonical, check_sequential, reachable
from engine.conform.rows import KERNEL_OF, OutOfScope, to_scenario
from engine.errors import EngineError
from engine.kernels import KERNELS

SHOWN = 50
"""How many differences are listed in full."""

Row = dict[str, Any]
Verdict = dict[str, Any]


class BadRows(EngineError):
    """A file that does not hold oracle rows."""


def conform_file(
    path: str | Path,
    revisions: Iterable[str] | None = None,
    jobs: int | None = None,
    beyond: bool = True,
) -> dict[str, Any]:
    """Compare all rows of a JSON Lines file (gzip by its name) with the engine.

    revisions: kernels by our ids or the rows' names; None means all that the build has. beyond: for
    races, also count the outcomes that only schedules of another shape reach. jobs: processes, by
    default one per CPU. Raises BadRows.
    """
    wanted = {KERNEL_OF.get(r, r) for r in revisions} if revisions else set(KERNELS)
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    skipped = 0
    for number, row in enumerate(_read(Path(path)), 1):
        kernel = KERNEL_OF.get(row["revision"], row["revision"])
        if kernel not in wanted or kernel not in KERNELS:
            skipped += 1
            continue
        groups[_group(row, number)].append(row)
    return _report(_judge_all(list(groups.values()), jobs or os.cpu_count() or 1, beyond), skipped)


def _group(row: Row, number: int) -> tuple[Any, ...]:
    if row.get("unit") or row["scenario"]["schedule"] == "sequential":
        return (number,)
    return row["id"], row["revision"], row["arch"]


def _read(path: Path) -> Iterator[Row]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                row = json.loads(line)
                if not _is_row(row):
                    raise BadRows(
                        f"{path}, line {number}",
                        "is not an oracle row",
                        "expected an object with revision, arch, and scenario or unit",
                    )
                yield row
    except OSError as error:
        raise BadRows(
            str(path), f"cannot be read ({error.strerror})", "give a .jsonl or .jsonl.gz file"
        ) from error
    except (ValueError, RecursionError, EOFError, zlib.error) as error:
        raise BadRows(
            str(path), f"is not JSON Lines ({error})", "give one JSON object a line"
        ) from error


def _is_row(row: Any) -> bool:
    """Whether this has what every row has; what it says inside is judged row by row."""
    if not isinstance(row, dict):
        return False
    if not isinstance(row.get("revision"), str) or not isinstance(row.get("arch"), str):
        return False
    if row.get("unit") == "vm_normal_page":
        return "scenario" not in row
    setup = row.get("scenario")
    if not isinstance(setup, dict):
        return False
    return all(isinstance(s, str) for s in (row.get("id"), setup.get("vma"), setup.get("schedule")))


def _judge_all(groups: list[list[Row]], jobs: int, beyond: bool) -> Iterator[list[Verdict]]:
    if jobs <= 1 or len(groups) < 50:
        yield from (judge(group, beyond) for group in groups)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(judge, groups, [beyond] * len(groups), chunksize=40)


def judge(rows: list[Row], beyond: bool = False) -> list[Verdict]:
    """The verdict on each row of a group; a race's unexpected outcomes go with its first row."""
    first = rows[0]
    try:
        if first.get("unit") == "vm_normal_page":
            return [_verdict(first, normal_page.check(first))]
        if first["scenario"]["schedule"] == "sequential":
            return [_verdict(first, check_sequential(first))]
        return _judge_race(rows, beyond)
    except OutOfScope as reason:
        return [{**_verdict(row, []), "out_of_scope": str(reason)} for row in rows]
    except Exception as error:  # a row must never take the whole report down
        return [_verdict(row, [("error", None, repr(error))]) for row in rows]


def _judge_race(rows: list[Row], beyond: bool) -> list[Verdict]:
    expected = [canonical(outcome.of_row(row["final"])) for row in rows]
    got = reachable(rows[0])
    verdicts = [
        _verdict(row, [] if want in got else [("outcome", json.loads(want), "not reached")])
        for row, want in zip(rows, expected, strict=True)
    ]
    extra = [
        ("unexpected outcome", None, json.loads(key)) for key in got if key not in set(expected)
    ]
    verdicts[0]["unexpected"] = extra
    if beyond:
        reached, complete = every_outcome(to_scenario(rows[0]))
        verdicts[0]["beyond"] = len(reached - set(got))
        verdicts[0]["beyond_complete"] = complete
    return verdicts


def _verdict(row: Row, differences: list[tuple[str, Any, Any]]) -> Verdict:
    return {
        "id": row.get("id", f"vm_normal_page {row.get('pfn')}"),
        "revision": row["revision"],
        "kernel": KERNEL_OF.get(row["revision"], row["revision"]),
        "arch": row["arch"],
        "vma": row.get("scenario", {}).get("vma", "vm_normal_page"),
        "differences": differences,
        "unexpected": [],
    }


def _tally() -> dict[str, Any]:
    return {"rows": 0, "agree": 0, "disagree": 0, "unexpected": 0, "out_of_scope": Counter()}


def _report(groups: Iterable[list[Verdict]], skipped: int) -> dict[str, Any]:
    total = _tally()
    by_kernel: dict[str, Any] = defaultdict(_tally)
    by_vma: dict[str, Any] = defaultdict(_tally)
    by_arch: dict[str, Any] = defaultdict(_tally)
    shown: list[dict[str, Any]] = []
    further: Counter[str] = Counter()
    for verdict in chain.from_iterable(groups):
        for tally in (
            total,
            by_kernel[verdict["kernel"]],
            by_vma[verdict["vma"]],
            by_arch[verdict["arch"]],
        ):
            _count(tally, verdict)
        if verdict.get("beyond"):
            further[f"{verdict['vma']}, {verdict['kernel']}"] += verdict["beyond"]
        for field, expected, got in verdict["differences"] + verdict["unexpected"]:
            if len(shown) < SHOWN:
                keys = {k: verdict[k] for k in ("id", "revision", "arch")}
                shown.append({**keys, "field": field, "expected": expected, "got": got})
    return {
        **total,
        "skipped": skipped,
        "by_kernel": by_kernel,
        "by_vma": by_vma,
        "by_arch": by_arch,
        "differences": shown,
        "beyond": {"outcomes": sum(further.values()), "where": dict(further)},
    }


def _count(tally: dict[str, Any], verdict: Verdict) -> None:
    tally["rows"] += 1
    tally["unexpected"] += len(verdict["unexpected"])
    if "out_of_scope" in verdict:
        tally["out_of_scope"][verdict["out_of_scope"]] += 1
    else:
        tally["disagree" if verdict["differences"] else "agree"] += 1
