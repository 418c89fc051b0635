"""What a picture shows, read off a run: turns, locks held, waits, what a pte says, broken rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import NamedTuple

from engine.consistency import split_place
from engine.ledger import Moment
from engine.messages import Messages
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
}
ENDS = {
    "do_exit": "oom",
    "bad_fork": "fork_fails",
    "bad_mmap": "mmap_fails",
    "livelock": "livelock",
}

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
    words = trace.words
    return [Mark(moment.number, *said) for moment in own if (said := _mark(moment, words))]


def _mark(moment: Moment, words: Messages) -> tuple[str, str, int] | None:
    args = moment.args
    if moment.op == "access" and moment.answer[0] == "ok":
        does = "write" if args["write"] else "read"
        return words.say(f"picture.letter.{does}"), words.say(f"picture.word.{does}"), 1
    if moment.op == "access" and moment.answer[0] == "killed":
        return "✕", words.say("picture.word.killed"), 3
    if moment.op == "force_sig":
        return "✕", str(args["signal"]), 3
    if moment.op in ENDS:
        return "✕", words.say(f"picture.word.{ENDS[moment.op]}"), 3
    if moment.op == "begin_fork":
        return "", words.say("picture.word.fork"), 2
    if moment.op == "print_bad_pte":
        return "", words.say("picture.word.bad_pte"), 2
    if moment.op in ASKED:
        return "", ASKED[moment.op], 2
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
    lists, say = trace.words, trace.words.say
    moves = reduce(lambda a, b: say("picture.then", a=a, b=b), order[:8] or [""])
    moves = say("picture.and_on", moves=moves) if len(order) > 8 else moves
    parts = [say("picture.steps", n=len(trace.steps), moves=moves)]
    for name, cell in ptes(trace):
        said = lists.listed(_said(trace, value) for value in values(trace, cell))
        parts.append(say("picture.pte", name=name, values=said))
    bad = [say("picture.step", n=n) for n in bad_steps(trace)[:OCTAGONS]]
    if bad:
        breaks = say("picture.breaks", steps=lists.listed(bad))
    else:
        late = any(not rule["holds"] and not rule["news"] for rule in trace.invariants)
        breaks = say("picture.breaks_in_the_end" if late else "picture.holds")
    return lists.several([*parts, breaks])


def _said(trace: Trace, value: Value) -> str:
    say = trace.words.say
    if pte_none(value.pte):
        return say("picture.empty")
    if not pte_present(value.pte):
        return say("picture.not_present")
    frame = f"{trace.arch.pte_pfn(value.pte):#x}"
    shown = frame if pte_write(value.pte) else say("picture.frame_read_only", frame=frame)
    if value.writer < 0:
        return shown
    return say("picture.by", frame=shown, thread=list(trace.sim.threads)[value.writer])


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
                    yield trace.words.say("picture.child"), f"pte/{child}/{number:#x}"
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
