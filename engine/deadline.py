"""How long a run may take by the clock, for who runs what others wrote. It changes no result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from engine.errors import TookTooLong

_until: ContextVar[float] = ContextVar("until", default=float("inf"))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Whatever runs inside must be done in so many seconds, else TookTooLong is raised there."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def check() -> None:
    """Raise TookTooLong if the time is up."""
    if time.monotonic() > _until.get():
        raise TookTooLong("the run", "takes longer than this server lets it", "make it shorter")
