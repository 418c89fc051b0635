"""A trace as plain text: one step a line, for terminals, mail and golden files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine import encode
from engine.ledger import BOOKKEEPING, Moment
from engine.model.arch import Arch
from engine.trace import Told, Trace
from engine.trace_form import thread_outcome

HIDDEN = (*BOOKKEEPING, "lock/", "task/", "driver/")
"""Cells whose changes the line says otherwise: locks stand in brackets, counters in the outcome."""

TOLD_ELSEWHERE = ("mm", "lock", "vma", "driver", "source", "child")


def lines(trace: Trace, numbers: bool = True) -> Iterator[str]:
    """The whole trace. numbers: whether source lines are shown (golden files leave them out)."""
    scenario = trace.scenario
    yield f"# {scenario.title}: kernel {trace.kernel.id}, {trace.arch.id}"
    for process, thread in scenario.threads():
        acts = "; ".join(act.words() for act in thread.do)
        cpu = trace.sim.world.cpu_of[thread.name]
        yield f"# {thread.name} of {process.name} on cpu{cpu}: {acts}"
    yield ""
    several = len(scenario.processes) > 1 or any("fork" in line for line in _verbs(trace))
    for told in trace.steps:
        yield step_line(told, trace.arch, several, numbers)
        for verdict in trace.verdicts.get(told.moment.number, ()):
            yield f"          ! {verdict.id}: {plain(verdict.text)}"
    yield ""
    yield from outcome(trace)


def _ended(signal: str | None) -> str | None:
    """do_exit sends no signal, though the cell is the one of signals."""
    return "do_exit/OOM" if signal == "SIGKILL/OOM" else signal


def outcome(trace: Trace) -> Iterator[str]:
    """What became of each thread, and which invariants do not hold."""
    for thread in trace.sim.threads:
        end: dict[str, Any] = thread_outcome(trace, thread)
        words = [end["state"], *end["returns"], *filter(None, (_ended(end["signal"]), end["bug"]))]
        yield f"{thread}: {', '.join(words)}; min_flt {end['min_flt']}, maj_flt {end['maj_flt']}"
        if end["saw"]:
            yield f"   {'; '.join(end['saw'])}"
    for broken in trace.invariants:
        if not broken["holds"]:
            at = f" at step {broken['step']}" if broken["step"] else ""
            yield f"broken{at}: {broken['id']}: {plain(broken['text'])}"
    yield f"check {trace.check}"


def step_line(told: Told, arch: Arch, several: bool, numbers: bool) -> str:
    """One step: number, thread, function and line, op, what changed or was answered, locks held."""
    moment = told.moment
    head = f"{moment.number:>4} {moment.thread:<2} {_where(moment, numbers):<26}"
    words = [moment.op, *_arguments(moment, several)]
    changes = list(_changes(moment, arch))
    answered = encode.answer(moment.op, moment.answer)
    if changes:
        words.append(" " + ", ".join(changes))
    elif moment.op == "read_pte":
        words.append(f" = {encode.pte_words(arch, moment.answer)}")
    if answered is not None and moment.op != "read_pte" and not _shown(moment):
        words.append(f" = {answered}")
    held = _held(moment, several)
    return f"{head} {' '.join(words)}{held}".rstrip()


def plain(text: str) -> str:
    """Words without our markup."""
    return text.replace("`", "").replace("@", "")


def _verbs(trace: Trace) -> Iterator[str]:
    return (act.verb for _, thread in trace.scenario.threads() for act in thread.do)


def place(moment: Moment) -> tuple[str, int] | None:
    """The function and the line where a step is made; where an op is a function, its caller's."""
    if not moment.stack:
        return None
    function, line = moment.stack[-1]
    if len(moment.stack) > 1 and function.partition("@")[0] in (moment.op, "pte_offset_map_lock"):
        function, line = moment.stack[-2]
    return function.partition("@")[0], line


def _where(moment: Moment, numbers: bool) -> str:
    at = place(moment)
    if at is None:
        return "(user)"
    return f"{at[0]}:{at[1]}" if numbers else at[0]


def _arguments(moment: Moment, several: bool) -> Iterator[str]:
    op = moment.step.node.op
    assert op is not None
    for name, value in encode.arguments(op).items():
        if name == "mm" and several:
            yield str(value)
        elif name == "pte" and moment.step.delta:
            continue
        elif name == "lock":
            yield str(value).removeprefix("lock/")
        elif name == "write":
            yield "write" if value else "read"
        elif name in ("vma", "child") or str(value).startswith("0x") or name not in TOLD_ELSEWHERE:
            yield str(value)


def _changes(moment: Moment, arch: Arch) -> Iterator[str]:
    for cell, was, now in moment.step.delta:
        if cell.startswith("pte/"):
            yield f"{encode.pte_words(arch, was or 0)} -> {encode.pte_words(arch, now or 0)}"
        elif cell.startswith("tlb/"):
            yield f"tlb{cell.split('/')[1]} {_entry(was)} -> {_entry(now)}"
        elif not cell.startswith(HIDDEN):
            old, new = (encode.cell_value(cell, value) for value in (was, now))
            yield f"{cell} {_value(old)} -> {_value(new)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(value) or "-"
    return "-" if value is None else str(value)


def _entry(entry: Any) -> str:
    return "none" if entry is None else f"{entry[1]:#x}{' RW' if entry[2] else ''}"


def _shown(moment: Moment) -> bool:
    """Whether a number answered is what the change shows already."""
    return isinstance(moment.answer, int) and any(
        now == moment.answer for _, _, now in moment.step.delta
    )


def _held(moment: Moment, several: bool) -> str:
    if not moment.holds:
        return ""
    return f"   [{', '.join(_lock(lock, several) for lock in moment.holds)}]"


def _lock(cell: str, several: bool) -> str:
    kind, _, rest = cell.removeprefix("lock/").partition("/")
    if kind == "page":
        return f"page {rest}"
    return f"{kind} {rest.partition('/')[0]}".rstrip() if several else kind
