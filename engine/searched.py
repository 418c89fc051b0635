"""What a search of all schedules found, as plain text for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """How far it went, what was asked for, and the rules that break, each with a schedule."""
    yield extent(found)
    if "exists" in found:
        yield from _answered(found)
    yield f"{found['outcomes_in_all']} outcomes; {len(found['violations'])} invariants break"
    for broken in found["violations"]:
        how = "" if broken["shortest"] else "  (not the shortest)"
        yield f"{broken['invariant']}: {broken['text']}"
        yield f"    {broken['schedule']}{how}"


def extent(found: Mapping[str, Any]) -> str:
    """Whether all schedules were tried, and how much that was."""
    many = f"{found['states']:,} states, {found['edges']:,} steps, {found['seconds']} s"
    if found["complete"]:
        of = f"all {int(found['schedules']):,} schedules" if found["schedules"] else "all schedules"
        return f"{of}: {many} ({found['method']} search)"
    return f"not all schedules (stopped by {found['limit']}): {many}"


def _answered(found: Mapping[str, Any]) -> Iterable[str]:
    way = found["exists"]["way"]
    if way:
        yield f"there is one: {way['schedule']}"
    else:
        yield "there is none" if found["complete"] else "none was found, but not all were looked at"
