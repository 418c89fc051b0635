"""Two runs on one axis: which steps stand opposite each other, and where only one side moves."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from engine.history import handlers
from engine.ledger import Moment
from engine.trace import Trace

WINDOW = 160
"""How far ahead the runs are searched for where they meet again, once they have parted.

The search is quadratic in it, so what two long runs cost stays linear in their length."""

WHOLE = 700
"""Runs whose differing middle is no longer than this are searched whole."""

Row = tuple[int, int]
"""How many steps each side has taken."""


def align(one: Trace, other: Trace) -> list[Row]:
    """The rows of a common scrubber, from (0, 0) to the end of both runs.

    Each row is one step further on one side or on both: on both where they do the same thing in the
    same place, or where what the one does stands instead of what the other does; on one where the
    other has nothing to put beside it.
    """
    placed = _ground(one) == _ground(other)
    mine = [_key(told.moment, placed) for told in one.steps]
    theirs = [_key(told.moment, placed) for told in other.steps]
    rows: list[Row] = [(0, 0)]
    for i, j in [*_meetings(mine, theirs), (len(mine), len(theirs))]:
        _apart(rows, mine, theirs, (i, j))
        if i < len(mine):
            rows.append((i + 1, j + 1))
    return rows


def _ground(trace: Trace) -> Any:
    """Where the mappings lie; on different ground the same address means nothing."""
    return [(vma.name, vma.first) for p in trace.scenario.processes for vma in p.vmas]


def _key(moment: Moment, placed: bool) -> tuple[Any, ...]:
    """What must agree for two steps to be the same piece: who, what, in which function, where."""
    inside = handlers(moment)
    where = moment.args.get("address") if placed else None
    return moment.thread, moment.op, inside[-1] if inside else "", where


def _apart(rows: list[Row], mine: list[Any], theirs: list[Any], until: Row) -> None:
    """Rows up to the next meeting: opposite each other while one thread acts on both sides."""
    i, j = rows[-1]
    while (i, j) != until:
        left, right = i < until[0], j < until[1]
        paired = left and right and mine[i][0] == theirs[j][0]
        i, j = (i + 1, j + 1) if paired else (i + 1, j) if left else (i, j + 1)
        rows.append((i, j))


def _meetings(mine: list[Any], theirs: list[Any]) -> Iterator[Row]:
    """The pairs of steps, as indices, that are the same piece; both ascend."""
    end = _common_end(mine, theirs)
    n, m = len(mine) - end, len(theirs) - end
    reach = WHOLE if max(n, m) <= WHOLE else WINDOW
    i, j = after = 0, 0
    while i < n and j < m:
        if mine[i] == theirs[j]:
            yield i, j
            i, j = i + 1, j + 1
            continue
        ahead = mine[i : min(n, i + reach)], theirs[j : min(m, j + reach)]
        for a, b, size in _blocks(*ahead, i, j, reach):
            yield from ((a + k, b + k) for k in range(size))
            after = a + size, b + size
        i, j = after
    yield from ((n + k, m + k) for k in range(end))


def _common_end(mine: list[Any], theirs: list[Any]) -> int:
    """How many steps at the end agree."""
    length = 0
    for a, b in zip(reversed(mine), reversed(theirs), strict=False):
        if a != b:
            break
        length += 1
    return length


def _blocks(a: list[Any], b: list[Any], i: int, j: int, reach: int) -> list[tuple[int, int, int]]:
    """(i, j, size) of what agrees in two windows, but for their last quarter: what comes next
    may agree better with that.

    Where nothing agrees it is a block of no size, further on: there is always progress.
    """
    found = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()[:-1]
    kept = [block for block in found if max(block.a, block.b) < reach * 3 // 4]
    if not kept:
        return [(i + min(len(a), reach // 2), j + min(len(b), reach // 2), 0)]
    return [(i + block.a, j + block.b, block.size) for block in kept]
