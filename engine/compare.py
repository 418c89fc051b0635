"""Two runs side by side: where do they part, in words, and do they end alike?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from engine.align import Row, align
from engine.kernel import short_name
from engine.messages import Messages
from engine.outcomes import ended
from engine.scenario import Scenario
from engine.trace import Schedule, Trace, run
from engine.trace_form import thread_outcome, trace_json
from engine.verbs.world import PREFIX_DEVICE

FRAME = (1 << 56) - 1
TIMES = 4
"""The accesses of a thread that are told by "first", "second"; later ones by their number."""

EVENTS = ("enters", "gives", "leaves", "reads", "returns", "takes", "writes")
"""The events that have a sentence."""


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
            side["what"] = _event_words(one.words, side["event"])
    return {"row": row, "left": sides[0], "right": sides[1], "text": _apart(one, other, sides)}


def outcome(one: Trace, other: Trace) -> dict[str, Any]:
    """How the ends differ: {"same", "differences", "text", "threads", "invariants"}.

    differences: a sentence each. threads: what came of each on both sides, and whether it is the
    same. invariants: those that hold on one side only.
    """
    left, right = ({t: _came_of(trace, t) for t in trace.sim.threads} for trace in (one, other))
    ids = list(dict.fromkeys([*left, *right]))
    rules = [_rule(a, b) for a, b in zip(one.invariants, other.invariants, strict=True)]
    apart = [rule for rule in rules if rule["left"] != rule["right"]]
    tell = _Teller(one, other)
    found = [s for t in ids for s in tell.thread(t, left.get(t), right.get(t))]
    found += tell.rules(apart)
    return {
        "same": not found,
        "differences": found,
        "text": " ".join(found) or one.words.say("compare.alike"),
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


def _event_words(words: Messages, event: str) -> str:
    who, _, does = event.partition(" ")
    verb, _, thing = does.partition(" ")
    if not thing:
        return f"{event}."
    known = verb in EVENTS
    key, told = (verb, thing) if known else ("other", does)
    return words.say(f"compare.event.{key}", who=f"@{who}", thing=f"`{told}`")


def _apart(one: Trace, other: Trace, sides: list[dict[str, Any] | None]) -> str:
    """What each side does where they part, in one sentence."""
    mine, theirs = (_clause(one.words, side) for side in sides)
    ids = one.kernel.id, other.kernel.id
    if ids[0] == ids[1]:
        return one.words.say("compare.first_sides", left=mine, right=theirs)
    return one.words.say(
        "compare.first_kernels",
        left_kernel=short_name(ids[0]),
        right_kernel=short_name(ids[1]),
        left=mine,
        right=theirs,
    )


def _clause(words: Messages, side: dict[str, Any] | None) -> str:
    if side is None:
        return words.say("compare.has_ended")
    return words.say("compare.at_step", what=side["what"].removesuffix("."), n=side["step"])


def _value(trace: Trace, contents: int) -> str:
    """What an access found, or that nobody had written there."""
    untouched = contents & ~FRAME == PREFIX_DEVICE
    return trace.words.say("compare.untouched") if untouched else f"{contents:#x}"


def _marked(values: dict[str, str]) -> dict[str, str]:
    return {name: f"`{v}`" if v.startswith("0x") else v for name, v in values.items()}


def _came_of(trace: Trace, thread: str) -> dict[str, Any]:
    """What became of a thread, and what it found where it read and wrote."""
    own = (t.moment for t in trace.steps if t.moment.thread == thread)
    done = [m for m in own if m.op == "access" and m.answer[0] == "ok"]
    values = [None if m.args["write"] else _value(trace, m.answer[2]) for m in done]
    return {**thread_outcome(trace, thread), "values": values}


def _rule(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    return {"id": mine["id"], "title": mine["title"],
            "left": mine["holds"], "right": theirs["holds"]}  # fmt: skip


class _Teller:
    """How two ends differ, in words. where: each side as the sentences name it."""

    def __init__(self, one: Trace, other: Trace) -> None:
        self.words = one.words
        ids = one.kernel.id, other.kernel.id
        if ids[0] != ids[1]:
            left, right = (self.say("under", kernel=short_name(id)) for id in ids)
        else:
            left, right = self.say("on_left"), self.say("on_right")
        self.where = {"left": left, "right": right}

    def say(self, key: str, /, **fields: Any) -> str:
        """The message compare.`key`."""
        return self.words.say(f"compare.{key}", **fields)

    def differ(self, key: str, thread: str, **fields: Any) -> str:
        """The message about a thread that names both sides."""
        return self.say(key, who=f"@{thread}", **self.where, **fields)

    def thread(self, thread: str, left: Any, right: Any) -> Iterator[str]:
        """What differs; not what follows from it, as a dead thread's missing accesses do."""
        if left is None or right is None:
            where = self.where["right" if left is None else "left"]
            yield self.say("only", who=f"@{thread}", where=where)
            return
        mine, theirs = self.end(left), self.end(right)
        if mine != theirs:
            yield self.differ("ends", thread, left_end=mine, right_end=theirs)
        elif left["returns"] != right["returns"]:
            codes = {"left_codes": self.codes(left), "right_codes": self.codes(right)}
            yield self.differ("returns", thread, **codes)
        elif any(left[name] != right[name] for name in ("min_flt", "maj_flt")):
            yield self.differ(
                "faults", thread, left_minor=left["min_flt"], left_major=left["maj_flt"],
                right_minor=right["min_flt"], right_major=right["maj_flt"],
            )  # fmt: skip
        yield from self.accesses(thread, left, right)

    def end(self, end: dict[str, Any]) -> str:
        """What became of a thread."""
        if end["bug"]:
            return self.say("end.bug", bug=f"`{end['bug']}`")
        if end["signal"]:
            return self.words.read(ended(end["signal"]))
        return self.say("end.blocked" if end["state"] == "blocked" else "end.done")

    def codes(self, end: dict[str, Any]) -> str:
        """What its faults returned."""
        codes = [f"`{code}`" for code in end["returns"]]
        return self.words.listed(codes) if codes else self.say("returns_nothing")

    def accesses(self, thread: str, left: Any, right: Any) -> Iterator[str]:
        """The first access that goes to another frame, or finds something else in the same one."""
        for n, (mine, theirs) in enumerate(zip(left["saw"], right["saw"], strict=False)):
            (verb, frame), other = mine.split(" "), theirs.split(" ")[1]
            values = {"left_value": left["values"][n], "right_value": right["values"][n]}
            if mine == theirs and values["left_value"] == values["right_value"]:
                continue
            access = self.access(left["saw"], n, verb)
            if mine != theirs:
                frames = {"left_frame": f"`{frame}`", "right_frame": f"`{other}`"}
                yield self.differ("frames", thread, access=access, **frames)
            else:
                yield self.differ(
                    "values", thread, access=access, frame=f"`{frame}`", **_marked(values)
                )
            return
        counts = {"left_count": len(left["saw"]), "right_count": len(right["saw"])}
        if counts["left_count"] != counts["right_count"] and self.end(left) == self.end(right):
            yield self.differ("accesses", thread, **counts)

    def access(self, saw: list[str], n: int, verb: str) -> str:
        """The nth access among those of its kind: "second read", or "read" if there is one only."""
        same = [k for k, access in enumerate(saw) if access.startswith(verb)]
        place = same.index(n) + 1 if len(same) > 1 else 0
        if place > TIMES:
            return self.say(f"{verb}.n", n=place)
        return self.say(f"{verb}.{place}" if place else verb)

    def rules(self, apart: list[dict[str, Any]]) -> Iterator[str]:
        """The rules that break on one side only."""
        for side, where in self.where.items():
            titles = [rule["title"].removesuffix(".") for rule in apart if not rule[side]]
            if titles:
                rules = self.words.several(titles)
                yield self.say("broken", where=where, rules=rules)
