"""What a picture shows, read off a run: turns, locks held, waits, what a pte says, broken rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.consistency import split_place
from engine.ledger import Moment
from engine.model.pte import pte_none, pte_present, pte_write
from engine.ops import OPS
from engine.trace import Trace

OCTAGONS = 12
"""More marks than these would hide one another."""

QUIET = ("access", "fault", "return", "mm", "lock", "rss", "check")
"""Kinds of ops that leave memory, TLBs and drivers alone."""

SHOWN_BITS = 0x83
"""Present, writable, PROT_NONE: what a picture tells of a pte beside the frame."""

ASKED = {
    "nopfn_call": "->nopfn",
    "nopage_call": "->nopage",
    "page_mkwrite_call": "->page_mkwrite",
    "begin_fork": "fork",
}
ENDS = {"force_sig": "", "do_exit": "out of memory", "bad_mmap": "mmap fails"}

LOOKS = ("read_", "pte_offset_map", "pte_unmap", "pfn_valid", "can_share", "lookup_", "anon_vma")
"""Ops of other kinds that only look."""


class Span(NamedTuple):
    """From after one step to after another."""

    start: int
    end: int


class Mark(NamedTuple):
    """A step worth a word, or a letter where there is no room. weight: what comes first."""

    step: int
    letter: str
    word: str
    weight: int


class Value(NamedTuple):
    """What a pte says for a while. writer: the number of the thread that stored it, or -1."""

    span: Span
    pte: int
    writer: int


def bad_steps(trace: Trace) -> list[int]:
    """The steps at which a rule breaks, in order."""
    found = [n for n, kept in trace.verdicts.items() if any(v.level == "bad" for v in kept)]
    return sorted(found)


def turns(trace: Trace, thread: str) -> list[Span]:
    """When the thread moved."""
    return spans(told.moment.number for told in trace.steps if told.moment.thread == thread)


def holds(trace: Trace, thread: str, sem: bool) -> list[Span]:
    """When the thread held mmap_sem, or else another lock; a dead one holds it to the end."""
    found: list[int] = []
    held = False
    for told in trace.steps:
        if told.moment.thread == thread:
            held = any(("/mmap_sem/" in lock) == sem for lock in told.moment.holds)
        if held:
            found.append(told.moment.number)
    return spans(found)


def waits(trace: Trace, thread: str) -> list[Span]:
    """When the thread stood at a lock that another held, its own steps apart."""
    moments = [told.moment for told in trace.steps]
    return spans(m.number for m in moments if thread in m.waiting and m.thread != thread)


def values(trace: Trace, cell: str) -> list[Value]:
    """What a pte said from step to step, and who stored it. Bits that the CPU sets are no store."""
    threads, same = list(trace.sim.threads), trace.arch.pte_pfn
    found: list[Value] = []
    start, pte, writer = 0, trace.cells.get(cell) or 0, -1
    for told in trace.steps:
        moment = told.moment
        if cell not in moment.delta or moment.op == "access":
            continue
        now, by = moment.delta[cell][1] or 0, threads.index(moment.thread)
        alike = (same(now), now & SHOWN_BITS) == (same(pte), pte & SHOWN_BITS)
        if moment.number - 1 > start and not (alike and by == writer):
            found.append(Value(Span(start, moment.number - 1), pte, writer))
            start = moment.number - 1
        pte, writer = now, by
    found.append(Value(Span(start, len(trace.steps)), pte, writer))
    return found


def marks(trace: Trace, thread: str) -> list[Mark]:
    """What is worth a word in a thread's lane: accesses that came through, drivers asked, ends."""
    own = (told.moment for told in trace.steps if told.moment.thread == thread)
    return [Mark(moment.number, *said) for moment in own if (said := _mark(moment))]


def _mark(moment: Moment) -> tuple[str, str, int] | None:
    args = moment.args
    if moment.op == "access" and moment.answer[0] == "ok":
        return ("W", "write", 1) if args["write"] else ("R", "read", 1)
    if moment.op == "access" and moment.answer[0] == "killed":
        return ("✕", "killed", 3)
    if moment.op in ENDS:
        return ("✕", ENDS[moment.op] or str(args["signal"]), 3)
    if moment.op in ASKED:
        return ("", ASKED[moment.op], 2)
    failed = next((now for cell, (_, now) in moment.delta.items() if cell.endswith("/bug")), None)
    return ("✕", str(failed).partition(" ")[0], 3) if failed else None


def spans(numbers: Iterable[int]) -> list[Span]:
    """Steps in a row as spans."""
    found: list[Span] = []
    for number in numbers:
        if found and found[-1].end == number - 1:
            found[-1] = Span(found[-1].start, number)
        else:
            found.append(Span(number - 1, number))
    return found


def words(trace: Trace) -> str:
    """The picture for those who do not see it: who moves when, what the pte says, what breaks."""
    order: list[str] = []
    for told in trace.steps:
        if not order or order[-1] != told.moment.thread:
            order.append(told.moment.thread)
    moves = " then ".join(order[:8]) + (" and on" if len(order) > 8 else "")
    parts = [f"{len(trace.steps)} steps: {moves}"]
    for name, cell in ptes(trace):
        said = [_said(trace, value) for value in values(trace, cell)]
        parts.append(f"{name}: {', '.join(said)}")
    bad = [f"step {n}" for n in bad_steps(trace)]
    parts.append(f"a rule breaks at {', '.join(bad[:OCTAGONS])}" if bad else "no rule breaks")
    return "; ".join(parts)


def _said(trace: Trace, value: Value) -> str:
    if pte_none(value.pte):
        return "empty"
    if not pte_present(value.pte):
        return "not present"
    rights = "" if pte_write(value.pte) else " read-only"
    by = f" by {list(trace.sim.threads)[value.writer]}" if value.writer >= 0 else ""
    return f"{trace.arch.pte_pfn(value.pte):#x}{rights}{by}"


def ptes(trace: Trace) -> Iterator[tuple[str, str]]:
    """The pte that the run is about, in its process and in one forked from it: (name, cell)."""
    for process, thread in trace.scenario.threads():
        for act in thread.do:
            if act.fork is None and act.kill is None:
                vma, page = split_place(getattr(act, act.verb))
                first = next(v for v in process.vmas if v.name == vma).first
                number = (first >> 12) + (page or _written(trace, process.name, first))
                yield "pte", f"pte/{process.name}/{number:#x}"
                for child in _children(trace):
                    yield "child", f"pte/{child}/{number:#x}"
                return


def _written(trace: Trace, mm: str, first: int) -> int:
    """For an operation on a whole vma: the page that is touched later, or its first."""
    for told in trace.steps:
        if told.moment.op == "access" and told.moment.args["mm"] == mm:
            return max(0, int(told.moment.args["address"] - first) >> 12)
    return 0


def _children(trace: Trace) -> list[str]:
    forks = [a.fork for _, thread in trace.scenario.threads() for a in thread.do if a.fork]
    return forks[:1]


def acts(trace: Trace, thread: str) -> list[Span]:
    """When the thread changed page tables or pages, or asked a driver; accesses are marks."""
    own = (told.moment for told in trace.steps if told.moment.thread == thread)
    return spans(moment.number for moment in own if _acts(moment))


def _acts(moment: Moment) -> bool:
    return OPS[moment.op].kind not in QUIET and not moment.op.startswith(LOOKS)
