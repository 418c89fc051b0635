"""What the server writes down: a line for each request, and what went wrong.

Nothing personal: no address of a visitor, no query, no agent, nothing of what was sent. A path is
told as the route's template, an error by its kind and the places in our code, not by its words.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from app.settings import PREFIX, ROOT, BadSetting

KINDS = ("off", "text", "json")
requests = logging.getLogger("faultwalk.requests")


class Line(logging.Formatter):
    """A record as one line: JSON, or name=value for people."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            fields |= failure(record.exc_info[1])
        if self.as_json:
            return json.dumps(fields, ensure_ascii=False)
        told = [
            f"{name}={value}" for name, value in fields.items() if name not in ("time", "event")
        ]
        return " ".join([fields["time"], fields["event"], *told])


def failure(error: BaseException) -> dict[str, Any]:
    """The kind of an error, and where it passed: file:line function, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in frames]
    return {"error": type(error).__name__, "at": places[-12:]}


def _short(file: str) -> str:
    """A file of ours from the root on, another from its package on."""
    return file.removeprefix(f"{ROOT}/").rpartition("site-packages/")[2]


def install(kind: str) -> None:
    """Write as the setting says: nothing of requests, or lines to stdout. Raises BadSetting."""
    if kind not in KINDS:
        raise BadSetting(f"{PREFIX}LOG is {kind!r}; it should be {', '.join(KINDS)}")
    # without lines for requests stdout is for people at a terminal, and errors go beside it
    handler = logging.StreamHandler(sys.stderr if kind == "off" else sys.stdout)
    handler.setFormatter(Line(as_json=kind == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    requests.setLevel(logging.CRITICAL if kind == "off" else logging.INFO)
