"""A run in the forms in which it can be taken along: what a link gives beside the page."""

from __future__ import annotations

import json
from collections.abc import Iterable

from engine.errors import BadScenario
from engine.one_file import one_file
from engine.picture.card import card
from engine.picture.raster import png
from engine.predict import asked_at
from engine.reading import as_markdown, as_text
from engine.table import table
from engine.trace import Trace
from engine.trace_form import trace_json

KINDS = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}
"""The forms by the ending of their name, and their media types."""


def present(trace: Trace, kind: str, at: int = 0, quiz: bool = False, url: str = "") -> bytes:
    """The run in one of the KINDS. at: the step to point at. quiz: what follows is not told.

    JSON and CSV are for programs, and HTML is to be played: they have the whole run, whatever is
    asked. url: where the run is stepped through. Raises BadScenario for an unknown kind, NotBuilt
    for HTML where the page is not built.
    """
    if kind == "txt":
        return _lines(as_text(trace, at, quiz))
    if kind == "md":
        return _lines(as_markdown(trace, at, quiz, url))
    if kind == "json":
        return json.dumps(trace_json(trace), ensure_ascii=False, separators=(",", ":")).encode()
    if kind == "csv":
        return table(trace).encode()
    if kind == "html":
        return one_file(trace, at, url).encode()
    ask = question(trace, at) if quiz else None
    if kind == "svg":
        return card(trace, at, ask).encode()
    if kind == "png":
        return png(trace, at, ask)
    raise BadScenario("as", f"there is no form {kind!r}", f"take one of {', '.join(KINDS)}")


def question(trace: Trace, at: int) -> str:
    """What is asked of somebody who stands at this step: a later question would tell what comes."""
    return asked_at(trace, at) or trace.words.say("reading.hidden")


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
