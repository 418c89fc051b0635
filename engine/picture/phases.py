"""A thread's steps as the phases that a reader follows, each with the word that tells it best.

It faults, reads the pte, asks the driver, sets the pte, returns: as the lanes of the page say it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.ledger import Moment
from engine.model.pte import pte_present
from engine.ops import OPS
from engine.picture.reading import Span
from engine.trace import Trace

GLUE = {"pte_unmap", "BUG_ON", "BUG", "add_mm_counter", "pfn_valid"}
WEIGHTS = {"access": 7, "driver": 6, "mm": 5, "pte": 4, "page": 3, "tlb": 3, "return": 2, "lock": 1}
FAULTED, READ, WROTE = 2.5, 4.5, 9.0


@dataclass
class Phase:
    """Steps in a row. words: what to call it, the longest first. acts: something is left behind."""

    span: Span
    phase: str
    weight: float
    words: tuple[str, ...]
    acts: bool


Measure = Callable[[str], float]


def phases(
    trace: Trace, thread: str, room: Callable[[Span], float], wide: Measure, last: int
) -> list[Phase]:
    """The thread's phases up to a step, joined until each has room for its word."""
    found: list[Phase] = []
    for told in trace.steps[:last]:
        if told.moment.thread != thread:
            continue
        now = _phase(trace, told.moment)
        before = found[-1] if found else None
        if before and before.span.end == now.span.start and now.phase in ("", before.phase):
            _join(before, now)
        else:
            found.append(now)
    turns: list[list[Phase]] = []
    for phase in found:
        if turns and turns[-1][-1].span.end == phase.span.start:
            turns[-1].append(phase)
        else:
            turns.append([phase])
    return [phase for turn in turns for phase in _packed(turn, room, wide)]


def _packed(turn: list[Phase], room: Callable[[Span], float], wide: Measure) -> list[Phase]:
    """The one that lacks most room goes with its narrower neighbour, until none lacks any."""
    while len(turn) > 1:
        lacks = [min(map(wide, p.words), default=0) - room(p.span) for p in turn]
        at = max(range(len(turn)), key=lambda n: lacks[n])
        if lacks[at] <= 0:
            break
        before = room(turn[at - 1].span) if at else float("inf")
        after = room(turn[at + 1].span) if at + 1 < len(turn) else float("inf")
        first = at - 1 if before <= after else at
        _join(turn[first], turn.pop(first + 1))
    return turn


def _join(one: Phase, other: Phase) -> None:
    one.span = Span(one.span.start, other.span.end)
    one.acts |= other.acts
    if other.weight > one.weight:
        one.phase, one.weight, one.words = other.phase, other.weight, other.words


def _phase(trace: Trace, moment: Moment) -> Phase:
    kind, span = OPS[moment.op].kind, Span(moment.number - 1, moment.number)
    stored = any(cell.startswith("pte/") for cell in moment.delta)
    if moment.op == "access":
        done = moment.answer[0] == "ok"
        if not done:
            return Phase(span, "fault", FAULTED, (_say(trace, "faults"),), False)
        does = "write" if moment.args["write"] else "read"
        frame = f"{moment.answer[1]:#x}"
        words = (trace.words.say(f"picture.{does}_frame", frame=frame), _say(trace, f"{does}s"))
        return Phase(span, f"access {span.start}", WEIGHTS["access"], words, True)
    if moment.op == "force_sig":
        return Phase(
            span, "signal", WROTE, (str(moment.args["signal"]), _say(trace, "force_sig")), True
        )
    if moment.op in GLUE and not trace.verdicts.get(moment.number):
        return Phase(span, "", 0, (), False)
    phase = {"down_read": "fault", "up_read": "return"}.get(moment.op, kind)
    weight = WEIGHTS.get(kind, 0.0)
    if stored or kind == "check":
        weight = WROTE
    elif moment.op == "read_pte":
        weight = READ
    acts = stored or kind in ("driver", "tlb") or weight == WROTE
    return Phase(span, phase, weight, _words(trace, moment, kind), acts)


def _words(trace: Trace, moment: Moment, kind: str) -> tuple[str, ...]:
    for key in (moment.op, kind):
        if f"page.phase_{key}" in trace.words.texts:
            said = _say(trace, key)
            break
    else:
        return ()
    if moment.op == "set_pte_at":
        now = next((now for cell, (_, now) in moment.delta.items() if cell.startswith("pte/")), 0)
        if now and pte_present(now):
            frame = f"{trace.arch.pte_pfn(now):#x}"
            return (trace.words.say("page.phase_sets_frame", pfn=frame), said, _say(trace, "sets"))
    return (said,)


def _say(trace: Trace, key: str) -> str:
    return trace.words.say(f"page.phase_{key}")
