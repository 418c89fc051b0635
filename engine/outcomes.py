"""What an end state comes to: what every thread was told and saw, and what is left in the tables.

Frames handed out during the run are named fresh1, fresh2... in the order in which the outcome
mentions them, so that two runs that differ only in who allocated first come to the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.invariants import Violation
from engine.kernels.linux_2_6_17.codes import VM_FAULT_WRITE
from engine.messages import Message
from engine.model.pte import PAGE_SHIFT, PAGE_SIZE, pte_present
from engine.ops import Op
from engine.verbs import World
from engine.verbs.hardware import SIGNED

RETURNS = {0: "OOM", 1: "SIGBUS", 2: "MINOR", 3: "MAJOR"}

OWN = -1
"""In what a thread saw: its own signature, whichever CPU it runs on."""

Heard = tuple[tuple[int, ...], tuple[tuple[bool, int, int], ...]]
"""What a thread was told: the codes of its faults; (write, pfn, contents) of its accesses."""


def hear(op: Op | None, answer: Any, own: int) -> Heard | None:
    """What a step tells its thread, if anything. own: the thread's signature."""
    if op and op.name == "vm_fault":
        return (op.args[0],), ()
    if op and op.name == "access" and answer[0] == "ok":
        _, pfn, contents = answer
        return (), ((op.args[2], pfn, OWN if contents == own else contents),)
    return None


UNSIGNALLED = {
    "SIGKILL/OOM": "compare.end.oom",
    "MMAP_FAILED": "compare.end.no_mapping",
    "LIVELOCK": "compare.end.livelock",
}
"""Ends that are kept where signals are, as the rows do, and that no signal makes: what is said."""


def ended(signal: str, whole: bool = True) -> Message:
    """What a task's signal comes to, in words. whole: with its code, as in SIGBUS/ADRERR."""
    if signal in UNSIGNALLED:
        return Message(UNSIGNALLED[signal], {})
    name = signal if whole else signal.partition("/")[0]
    return Message("compare.end.signal", {"signal": f"`{name}`"})


class Outcomes:
    """Works out outcomes of one scenario's end states. first_free: the first frame handed out."""

    def __init__(self, world: World, threads: tuple[str, ...], first_free: int) -> None:
        self.world, self.threads = world, threads
        self.frames = range(first_free, world.ram_pages)

    def of(self, sim: Any, heard: Mapping[str, Heard], broken: list[Violation]) -> dict[str, Any]:
        """The outcome of a state. sim: the state; broken: what does not hold at its end."""
        m, threads, fresh = sim.machine, self.threads, Fresh(self.frames)
        signals = {t: m[f"task/{t}/signal"] for t in threads if f"task/{t}/signal" in m}
        return {
            "returns": {t: [return_name(code) for code in heard[t][0]] for t in threads},
            "saw": {t: [self._saw(t, one, fresh) for one in heard[t][1]] for t in threads},
            "signals": signals,
            "ptes": {c: self._pte(v, fresh) for c, v in sorted(m.under("pte/")) if v},
            "stale": sorted(v.cells[0] for v in broken if v.invariant == "tlb_agrees"),
            "bugs": {t: m[f"task/{t}/bug"] for t in threads if f"task/{t}/bug" in m},
            "stuck": [t for t in threads if not sim.finished(t)],
        }

    def _saw(self, thread: str, seen: tuple[bool, int, int], fresh: Fresh) -> str:
        write, pfn, contents = seen
        if contents == OWN:
            contents = SIGNED + self.world.cpu_of[thread]
        return fresh.rename(f"{'write' if write else 'read'} frame {pfn:#x}: {contents:#x}")

    def _pte(self, pte: int, fresh: Fresh) -> str:
        """A pte in hex; a present one of a fresh frame as "fresh1 0x067"."""
        pfn = self.world.arch.pte_pfn(pte)
        if not pte_present(pte) or pfn not in fresh:
            return f"{pte:#x}"
        flags = pte & ~(pfn << PAGE_SHIFT)
        return f"{fresh.name(pfn)} {flags & (PAGE_SIZE - 1):#05x}" + ("+NX" if pte >> 63 else "")


class Fresh:
    """Names for frames that are handed out during the run, in order of mention."""

    def __init__(self, frames: range) -> None:
        self.frames = frames
        self.names: dict[int, str] = {}

    def __contains__(self, pfn: int) -> bool:
        return pfn in self.frames

    def name(self, pfn: int) -> str:
        """The name of a frame."""
        return self.names.setdefault(pfn, f"fresh{len(self.names) + 1}")

    def rename(self, text: str) -> str:
        """A sentence about a frame, with its name if it is fresh."""
        match = re.search(r"frame (0x[0-9a-f]+)", text)
        if match is None or int(match[1], 16) not in self:
            return text
        return text.replace(match[0], f"frame {self.name(int(match[1], 16))}")


def return_name(code: int) -> str:
    """A fault code in words, "MINOR|WRITE" for instance; "?77" for a number that means nothing."""
    base = RETURNS.get(code & ~VM_FAULT_WRITE)
    if base is None:
        return f"?{code}"
    return base + ("|WRITE" if code & VM_FAULT_WRITE else "")
