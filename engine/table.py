"""A run as a table: CSV for spreadsheets and data frames, one step a row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from engine import encode, text
from engine.one_file import plain
from engine.trace import Told, Trace

COLUMNS = ("step", "thread", "op", "function", "line", "what", "why", "changes")
"""function, line: where in the handlers the step is made; empty in user code.

what, why: the sentences of the page. changes: `cell was -> now`, with semicolons between them;
values as in the JSON of a trace, none for a cell that is not there.
"""


def table(trace: Trace) -> str:
    """The whole run, a line of names first; lines end with a line feed alone."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(trace, told) for told in trace.steps)
    return written.getvalue()


def _row(trace: Trace, told: Told) -> list[Any]:
    moment, words = told.moment, told.narration
    where = text.place(moment) or ("", "")
    said = [plain(trace, words.what), plain(trace, words.why)]
    return [moment.number, moment.thread, moment.op, *where, *said, "; ".join(_changes(told))]


def _changes(told: Told) -> Iterator[str]:
    for cell, was, now in told.moment.step.delta:
        yield f"{cell} {_value(cell, was)} -> {_value(cell, now)}"


def _value(cell: str, value: Any) -> str:
    shown = encode.cell_value(cell, value)
    if shown is None:
        return "none"
    return shown if isinstance(shown, str) else json.dumps(shown, separators=(",", ":"))
