"""A run in the forms in which it can be taken along."""

from __future__ import annotations

from engine.errors import BadScenario
from engine.one_file import one_file
from engine.table import table
from engine.trace import Trace

KINDS = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
"""The forms by the ending of their name, and their media types."""


def present(trace: Trace, kind: str, at: int = 0, url: str = "") -> bytes:
    """The run in one of the KINDS. at: the step to open at. url: where the page is served.

    Raises BadScenario for an unknown kind, and NotBuilt for HTML where the page is not built.
    """
    if kind == "html":
        return one_file(trace, at, url).encode()
    if kind == "csv":
        return table(trace).encode()
    raise BadScenario("as", f"there is no form {kind!r}", f"take one of {', '.join(KINDS)}")
