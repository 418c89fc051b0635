"""Two runs side by side: where do they part, in words, and do they end alike?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from engine.align import Row, align
from engine.scenario import Scenario
from engine.trace import Schedule, Trace, run
from engine.trace_form import thread_outcome, trace_json

ALIKE = "They end alike: the same codes, frames and counts, and the same rules kept."
TIMES = ("", "first ", "second ", "third ", "fourth ")


def compare(scenario: Scenario, one: str, other: str, schedule: Schedule = None) -> dict[str, Any]:
    """{"kernels", "same", "first", "outcomes", "links", "text"}: `first` is None if none differs.

    first: for each kernel the step and the coarse event at which the histories part, or None where
    that run has already ended. Raises UnknownKernel, BadSchedule, BadScenario or BudgetExceeded.
    """
    mine, theirs = traces = run(scenario, one, schedule), run(scenario, other, schedule)
    told = [trace_json(trace) for trace in traces]
    parted = _parting(mine, theirs)
    first = first_difference(mine, theirs, align(mine, theirs))
    return {
        "kernels": [trace.kernel.id for trace in traces],
        "same": parted is None,
        "first": parted,
        "outcomes": [t["outcome"]["threads"] for t in told],
        "links": [t["link"] for t in told],
        "text": [first["text"] if first else "", outcome(mine, theirs)["text"]],
    }


def side_by_side(one: Trace, other: Trace) -> dict[str, Any]:
    """{"rows", "first", "outcome"}: see `align`, `first_difference` and `outcome`."""
    rows = align(one, other)
    return {
        "rows": rows,
        "first": first_difference(one, other, rows),
        "outcome": outcome(one, other),
    }


def first_difference(one: Trace, other: Trace, rows: list[Row]) -> dict[str, Any] | None:
    """Where the coarse histories part: {"row", "left", "right", "text"}; None if they are one.

    row: the first of `rows` in which a side has taken the step that differs. left, right: the step
    that says what this side does there, its event and a sentence; None if it has ended before.
    """
    parted = _parting(one, other)
    if parted is None:
        return None
    ends = [told["step"] if told else None for told in parted]
    row = next(n for n, at in enumerate(rows) if any(a == e for a, e in zip(at, ends, strict=True)))
    sides = [
        _side(trace, told, rows[row][k], rows[row][k] > rows[row - 1][k])
        for k, (trace, told) in enumerate(zip((one, other), parted, strict=True))
    ]
    known = [side for side in sides if side]
    calls = all(" enters " in side["event"] for side in known)
    if calls or len({side["what"] for side in known}) < len(known):
        for side in known:
            side["what"] = _event_words(side["event"])
    mine, theirs = (f"{n} {_clause(s)}" for n, s in zip(_names(one, other), sides, strict=True))
    text = f"{mine[0].upper()}{mine[1:]}, while {theirs}."
    return {"row": row, "left": sides[0], "right": sides[1], "text": text}


def outcome(one: Trace, other: Trace) -> dict[str, Any]:
    """How the ends differ: {"same", "differences", "text", "threads", "invariants"}.

    differences: a sentence each. threads: what came of each on both sides, and whether it is the
    same. invariants: those that hold on one side only.
    """
    left, right = ({t: _came_of(trace, t) for t in trace.sim.threads} for trace in (one, other))
    ids = list(dict.fromkeys([*left, *right]))
    rules = [_rule(a, b) for a, b in zip(one.invariants, other.invariants, strict=True)]
    apart = [rule for rule in rules if rule["left"] != rule["right"]]
    names = _names(one, other)
    found = [s for t in ids for s in _thread_words(t, left.get(t), right.get(t), names)]
    found += _rules_words(apart, names)
    return {
        "same": not found,
        "differences": found,
        "text": " ".join(found) or ALIKE,
        "threads": [
            {"thread": t, "left": left.get(t), "right": right.get(t),
             "same": left.get(t) == right.get(t)}
            for t in ids
        ],
        "invariants": apart,
    }  # fmt: skip


def _parting(one: Trace, other: Trace) -> list[dict[str, Any] | None] | None:
    for mine, theirs in zip_longest(_events(one), _events(other)):
        if mine is None or theirs is None or mine["event"] != theirs["event"]:
            return [mine, theirs]
    return None


def _events(trace: Trace) -> Iterator[dict[str, Any]]:
    for number, told in enumerate(trace.steps, 1):
        for event in told.events:
            yield {"step": number, "event": event, "what": told.narration.what}


def _names(one: Trace, other: Trace) -> tuple[str, str]:
    if one.kernel.id != other.kernel.id:
        return f"under {one.kernel.id}", f"under {other.kernel.id}"
    return "on the left", "on the right"


def _side(
    trace: Trace, told: dict[str, Any] | None, taken: int, moved: bool
) -> dict[str, Any] | None:
    """What one side does where they part: what it has just done there, else its differing event."""
    if told is None and not moved:
        return None
    step = taken if moved else told["step"] if told else taken
    event = told["event"] if told else "; ".join(trace.steps[step - 1].events)
    what = trace.steps[step - 1].narration.what
    if told and event.startswith("! ") and step == told["step"]:
        what = next(v.text for v in trace.verdicts[step] if v.id == event.removeprefix("! "))
    return {"step": step, "event": event, "what": what}


def _event_words(event: str) -> str:
    who, _, does = event.partition(" ")
    verb, _, thing = does.partition(" ")
    return f"@{who} {verb} `{thing}`." if thing else f"{event}."


def _clause(side: dict[str, Any] | None) -> str:
    if side is None:
        return "the run has ended"
    what = side["what"].removesuffix(".")
    start = what if what[0] in "@`" or what[:2].isupper() else what[0].lower() + what[1:]
    return f"{start} (step {side['step']})"


def _came_of(trace: Trace, thread: str) -> dict[str, Any]:
    """What became of a thread, and what it found where it read and wrote."""
    own = (t.moment for t in trace.steps if t.moment.thread == thread)
    done = [m for m in own if m.op == "access" and m.answer[0] == "ok"]
    values = [None if m.args["write"] else f"{m.answer[2]:#x}" for m in done]
    return {**thread_outcome(trace, thread), "values": values}


def _rule(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    return {"id": mine["id"], "title": mine["title"],
            "left": mine["holds"], "right": theirs["holds"]}  # fmt: skip


def _thread_words(thread: str, left: Any, right: Any, names: tuple[str, str]) -> Iterator[str]:
    """What differs; not what follows from it, as a dead thread's missing accesses do."""
    if left is None or right is None:
        yield f"@{thread} is there only {names[left is None]}."
    elif _end(left) != _end(right):
        yield f"@{thread} {_end(left)} {names[0]}, but {_end(right)} {names[1]}."
    elif left["returns"] != right["returns"]:
        mine, theirs = _codes(left), _codes(right)
        yield f"@{thread}'s faults return {mine} {names[0]}, {theirs} {names[1]}."
    elif any(left[name] != right[name] for name in ("min_flt", "maj_flt")):
        mine, theirs = (f"{e['min_flt']} minor and {e['maj_flt']} major" for e in (left, right))
        yield f"@{thread}'s faults count as {mine} {names[0]}, {theirs} {names[1]}."
    if left and right:
        yield from _access_words(thread, left, right, names)


def _end(end: dict[str, Any]) -> str:
    if end["bug"]:
        return f"oopses with `{end['bug']}`"
    if end["signal"]:
        return f"gets `{end['signal']}`"
    return "waits for ever" if end["state"] == "blocked" else "comes to its end"


def _codes(end: dict[str, Any]) -> str:
    return ", ".join(f"`{code}`" for code in end["returns"]) or "nothing"


def _access_words(thread: str, left: Any, right: Any, names: tuple[str, str]) -> Iterator[str]:
    """The first access that goes to another frame, or finds something else in the same one."""
    for n, (mine, theirs) in enumerate(zip(left["saw"], right["saw"], strict=False)):
        values = left["values"][n], right["values"][n]
        verb, frame = mine.split(" ")
        which = _which(left["saw"], n, verb)
        if mine != theirs:
            other = theirs.split(" ")[1]
            yield f"@{thread}'s {which} is of frame `{frame}` {names[0]}, `{other}` {names[1]}."
        elif values[0] != values[1]:
            finds = f"finds `{values[0]}` {names[0]}, `{values[1]}` {names[1]}"
            yield f"@{thread}'s {which}, of frame `{frame}` on both sides, {finds}."
        else:
            continue
        return
    mine, theirs = len(left["saw"]), len(right["saw"])
    if mine != theirs and _end(left) == _end(right):
        yield f"@{thread} gets to {mine} accesses {names[0]}, {theirs} {names[1]}."


def _which(saw: list[str], n: int, verb: str) -> str:
    """The nth access among those of its kind: "second read", or "read" if there is one only."""
    same = [k for k, access in enumerate(saw) if access.startswith(verb)]
    place = same.index(n) + 1 if len(same) > 1 else 0
    return f"{TIMES[place]}{verb}" if place < len(TIMES) else f"{verb} number {place}"


def _rules_words(apart: list[dict[str, Any]], names: tuple[str, str]) -> Iterator[str]:
    for broken, name in (("left", names[0]), ("right", names[1])):
        titles = [rule["title"].removesuffix(".") for rule in apart if not rule[broken]]
        if titles:
            yield f"Broken only {name}: {'; '.join(titles)}."
