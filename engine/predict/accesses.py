"""What an access reaches: the TLB's frame or the pte's, or a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.ledger import Moment
from engine.predict.fact import Fact, Option, distinct, option
from engine.predict.past import Past, does
from engine.predict.ptes import contested, frame_of, own_entry
from engine.verdicts import used_tlb

STALE, KILLED, PRESENT, AFTER, OWN = 95, 70, 50, 50, 20


def facts(past: Past) -> Iterator[Fact]:
    """Accesses where what one expects and what happens may differ."""
    nth: Counter[str] = Counter()
    for moment in past.moments:
        if moment.op == "access":
            nth[moment.thread] += 1
            yield from _access(past, moment, nth[moment.thread])


def _access(past: Past, moment: Moment, nth: int) -> Iterator[Fact]:
    cell = f"pte/{moment.args['mm']}/{moment.args['address'] >> 12:#x}"
    pte = past.pte(cell, moment.number - 1)
    frame = past.arch.pte_pfn(pte)
    if moment.answer[0] == "fault":
        if pte & 1 and not _signalled(past, moment):
            options = _options("fault", frame, None, past, moment)
            yield _fact(past, "present", PRESENT, moment, nth, options)
        return
    if moment.answer[0] == "killed":
        options = _options("killed", frame, None, past, moment)
        yield _fact(past, "killed", KILLED, moment, nth, options)
        return
    reached = moment.answer[1]
    if used_tlb(moment) and reached != frame:
        options = _options("stale", reached, frame if pte & 1 else None, past, moment)
        yield _fact(past, "stale", STALE, moment, nth, options)
    elif not used_tlb(moment):
        yield from _after_a_race(past, moment, nth, reached)


def _after_a_race(past: Past, moment: Moment, nth: int, reached: int) -> Iterator[Fact]:
    """The first access after a fault that two threads were in: whose frame is it?"""
    before = [f for f in past.faults if f.thread == moment.thread
              and f.moments[-1].number < moment.number]  # fmt: skip
    if not before:
        return
    fault = before[-1]
    own = own_entry(fault)
    if fault.address != moment.args["address"] or own is None or not contested(fault):
        return
    mine, rival = frame_of(past, own), _rival_frame(past, fault.cell, fault.moments[0].number)
    others = [f for f in (mine, rival) if f is not None and f != reached]
    if others:
        options = _options("walk", reached, others[0], past, moment)
        yield _fact(past, "after", OWN if reached == mine else AFTER, moment, nth, options)


def _rival_frame(past: Past, cell: str, since: int) -> int | None:
    """The first frame that was in the pte after a step."""
    values = [value for number, value in past.writes.get(cell, []) if number > since and value]
    return past.arch.pte_pfn(values[0]) if values else None


def _signalled(past: Past, moment: Moment) -> bool:
    fault = next((f for f in past.faults if f.moments[0] is moment), None)
    return fault is not None and fault.end is not None and fault.end.op == "force_sig"


def _options(key: str, frame: int, other: int | None, past: Past, moment: Moment) -> list[Option]:
    """The right one by its key, then the frame that one might expect, then a fault."""
    params = {"who": f"@{moment.thread}", "kernel": past.called}
    told = past.told(moment.number)
    if key == "killed":
        return [
            Option("killed", past.say("access.killed", **params), told),
            _reaches(past, frame, "access.killed.wrong", params),
            option(past, "fault", "access.fault", "access.killed.wrong", **params),
        ]
    if key == "fault":
        return [
            Option("fault", past.say("access.fault"), told),
            _reaches(past, frame, "access.through.wrong", params),
            option(past, "signal", "access.signal", "access.signal.wrong", **params),
        ]
    why = past.say("access.stale.right", told=told) if key == "stale" else told
    found = [Option(*_frame(past, frame), why)]
    if other is not None:
        found.append(_reaches(past, other, f"access.{key}.other", params))
    return [*found, option(past, "fault", "access.fault", f"access.fault.{key}", **params)]


def _reaches(past: Past, frame: int, because: str, params: dict[str, str]) -> Option:
    return Option(*_frame(past, frame), past.say(because, **params))


def _frame(past: Past, frame: int) -> tuple[str, str]:
    """An option's key, and its text."""
    return f"frame {frame:#x}", past.say("access.frame", frame=f"`{frame:#x}`")


def _fact(
    past: Past, topic: str, weight: int, moment: Moment, nth: int, options: list[Option]
) -> Fact:
    place = past.place(moment.thread, moment.args["mm"], moment.args["address"])
    key = f"access.ask.{topic}.{does(moment.args['write'])}"
    ask = past.say(key, who=f"@{moment.thread}", place=place)
    return Fact("returns", f"access.{topic}", moment.thread, nth, moment.number - 1, moment.number,
                weight, ask, distinct(options))  # fmt: skip
