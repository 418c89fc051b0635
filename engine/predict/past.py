"""A finished run, read backwards and forwards: what a cell held after any step, fault by fault."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from engine.kernel import short_name
from engine.ledger import Moment
from engine.model.pte import _PAGE_ACCESSED, _PAGE_DIRTY
from engine.model.vma import VM_SHARED, Vma
from engine.trace import Trace

HARDWARE = _PAGE_ACCESSED | _PAGE_DIRTY
"""Bits that the CPU sets by itself."""


class Past:
    """A trace, with look-ups."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.arch, self.kernel = trace, trace.arch, trace.kernel.id
        self.moments = [told.moment for told in trace.steps]
        self.writes: dict[str, list[tuple[int, Any]]] = {}
        for moment in self.moments:
            for cell, (_, now) in moment.delta.items():
                self.writes.setdefault(cell, []).append((moment.number, now))

    @property
    def called(self) -> str:
        """Its kernel, as sentences name it."""
        return short_name(self.kernel)

    @property
    def last(self) -> int:
        """The number of the last step."""
        return len(self.moments)

    def value(self, cell: str, after: int) -> Any:
        """What a cell held after so many steps."""
        written = self.writes.get(cell, [])
        place = bisect_right(written, after, key=lambda write: write[0])
        return written[place - 1][1] if place else self.trace.cells.get(cell)

    def pte(self, cell: str, after: int) -> int:
        """What a pte held after so many steps."""
        return int(self.value(cell, after) or 0)

    def place(self, thread: str, mm: str, address: int) -> str:
        """A page by its vma, as code; with its process where there are several."""
        for vma, (start, end) in self.trace.sim.world.vma_ranges[thread].items():
            if start <= address < end:
                page = f"`{vma}[{address - start >> 12}]`"
                said = self.trace.words.say
                return said("steps.place_of", mm=mm, place=page) if self._several else page
        return f"`{address:#x}`"

    @cached_property
    def _several(self) -> bool:
        processes = self.trace.scenario.processes
        forks = any(act.fork for p in processes for t in p.threads for act in t.do)
        return forks or len(processes) > 1

    def say(self, key: str, /, **fields: Any) -> str:
        """The message predict.`key`, in the run's language."""
        return self.trace.words.say(f"predict.{key}", **fields)

    def told(self, step: int) -> str:
        """What a step did and why, in the engine's own words."""
        words = self.trace.steps[step - 1].narration
        return f"{words.what} {words.why}".strip()

    def of_thread(self, thread: str) -> list[Moment]:
        """The thread's steps."""
        return self._threads.get(thread, [])

    @cached_property
    def _threads(self) -> dict[str, list[Moment]]:
        found: dict[str, list[Moment]] = {}
        for moment in self.moments:
            found.setdefault(moment.thread, []).append(moment)
        return found

    @cached_property
    def faults(self) -> list[Fault]:
        """Every fault, thread by thread."""
        return [fault for thread in self._threads for fault in self._faults(thread)]

    def _faults(self, thread: str) -> Iterator[Fault]:
        nth, current = 0, list[Moment]()
        for moment in self.of_thread(thread):
            inside = moment.stack and function(moment.stack[0]) == "do_page_fault"
            if current and inside:
                current.append(moment)
                continue
            if current:
                yield Fault(self, nth, current)
            current = []
            if moment.op == "access" and moment.answer[0] == "fault":
                nth, current = nth + 1, [moment]
        if current:
            yield Fault(self, nth, current)


class Fault:
    """One fault of one thread: its steps, from the access that faults to the end of the handling.

    nth: which of the thread's faults. cell: the pte. handler: the function chosen for it, or "".
    """

    def __init__(self, past: Past, nth: int, moments: list[Moment]) -> None:
        self.past, self.nth, self.moments = past, nth, moments
        first = moments[0]
        self.thread, self.who = first.thread, f"@{first.thread}"
        self.mm, self.address = first.args["mm"], first.args["address"]
        self.write = bool(first.args["write"])
        self.cell = f"pte/{self.mm}/{self.address >> 12:#x}"
        found = self.only("find_vma")
        self.vma: Vma | None = found.answer if found else None
        self.dispatch = next((m for m in moments if _dispatches(m)), None)
        self.handler = self._handler()

    def only(self, *ops: str) -> Moment | None:
        """The newest step of one of these ops."""
        return next((m for m in reversed(self.moments) if m.op in ops), None)

    def after(self, moment: Moment) -> Moment | None:
        """The thread's next step in this fault."""
        place = self.moments.index(moment) + 1
        return self.moments[place] if place < len(self.moments) else None

    @property
    def private(self) -> bool:
        """Whether the mapping is private."""
        return self.vma is not None and "shared" not in self.case

    @property
    def case(self) -> str:
        """shared_write, private_read and so on."""
        shared = self.vma is not None and self.vma.flags & VM_SHARED
        return f"{'shared' if shared else 'private'}_{does(self.write)}"

    @property
    def place(self) -> str:
        """The page by its vma, as code."""
        return self.past.place(self.thread, self.mm, self.address)

    @property
    def end(self) -> Moment | None:
        """The step at which the fault is decided: its code, an oops, or a signal at once."""
        for moment in self.moments:
            oops = any(cell.endswith("/bug") for cell in moment.delta)
            if moment.op in ("vm_fault", "force_sig") or oops:
                return moment
        return None

    def rival(self, before: int) -> Moment | None:
        """Another thread's newest step, since this one read the pte, that changed it."""
        if self.dispatch is None:
            return None
        for number, _ in reversed(self.past.writes.get(self.cell, [])):
            if number <= self.dispatch.number:
                break
            moment: Moment = self.past.moments[number - 1]
            if number >= before:
                continue
            was, now = (value or 0 for value in moment.delta[self.cell])
            if moment.thread != self.thread and was & ~HARDWARE != now & ~HARDWARE:
                return moment
        return None

    def _handler(self) -> str:
        following = self.dispatch and self.after(self.dispatch)
        if not following:
            return ""
        names = [function(frame) for frame in following.stack]
        if "handle_pte_fault" not in names[:-1]:
            return ""
        return names[names.index("handle_pte_fault") + 1]


def does(write: bool) -> str:
    """What an access does, as keys of messages have it."""
    return "write" if write else "read"


def function(frame: tuple[str, int]) -> str:
    """The name of a frame's function."""
    return frame[0].partition("@")[0]


def _dispatches(moment: Moment) -> bool:
    return moment.op == "read_pte" and moment.where == "handle_pte_fault"
