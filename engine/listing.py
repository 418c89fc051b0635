"""The gallery's list: under which claim a scenario stands, for whom it is, how long it takes."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

import yaml

from engine.home import HOME

FILE = HOME / "scenarios" / "gallery.yaml"
LEVELS = ("first", "second", "expert")
"""For readers who never saw a kernel; who have understood a fault or two; of mm/memory.c."""


class Entry(NamedTuple):
    """A scenario's place in the list. minutes: to step through it and see the point.

    start: the one to begin with.
    """

    id: str
    level: str
    minutes: int
    start: bool = False


class Claim(NamedTuple):
    """What some scenarios are about. group: its title. says: a sentence or two on it."""

    id: str
    group: str
    says: str
    entries: tuple[Entry, ...]


@cache
def listed() -> tuple[Claim, ...]:
    """The list as it is written."""
    return tuple(
        Claim(
            part["claim"],
            part["group"],
            part["says"],
            tuple(Entry(**entry) for entry in part["scenarios"]),
        )
        for part in yaml.safe_load(FILE.read_text(encoding="utf-8"))
    )


def listing(ids: Collection[str]) -> tuple[Claim, ...]:
    """The list for these scenarios; those that nobody has listed yet are a group at its end."""
    known = {entry.id for claim in listed() for entry in claim.entries}
    rest = tuple(Entry(id, LEVELS[-1], 1) for id in sorted(set(ids) - known))
    added = Claim("unlisted", "Not listed yet", "New scenarios, without a place so far.", rest)
    return (*listed(), added) if rest else listed()
