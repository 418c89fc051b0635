"""What an end state comes to: what every thread was told and saw, and what is left in the tables.

Frames handed out during the run are named fresh1, fresh2... in the order in which the outcome
mentions them, so that two runs that differ only in who allocated first come to the same.
"""

from __future__ import annotations

import re
from typing import Any

from engine.invariants import Watcher
from engine.kernels.linux_2_6_17.codes import VM_FAULT_WRITE
from engine.model.pte import PAGE_SHIFT, PAGE_SIZE, pte_present
from engine.simulation import Simulation
from engine.unfold import Node

RETURNS = {0: "OOM", 1: "SIGBUS", 2: "MINOR", 3: "MAJOR"}


class Outcomes:
    """Works out outcomes of one simulation's end states."""

    def __init__(self, sim: Simulation, watcher: Watcher) -> None:
        self.sim, self.watcher = sim, watcher
        self.frames = range(sim.machine["memory/next_free"], sim.world.ram_pages)
        self.heard: dict[Node, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def now(self) -> dict[str, Any]:
        """The outcome of the state that the simulation is in."""
        m, threads, fresh = self.sim.machine, self.sim.threads, Fresh(self.frames)
        heard = {t: self._heard(self.sim.position[t]) for t in threads}
        signals = {t: m[f"task/{t}/signal"] for t in threads if f"task/{t}/signal" in m}
        stale = [v for v in self.watcher.finish() if v.invariant == "tlb_agrees"]
        return {
            "returns": {t: list(heard[t][0]) for t in threads},
            "saw": {t: [fresh.rename(text) for text in heard[t][1]] for t in threads},
            "signals": signals,
            "ptes": {c: self._pte(v, fresh) for c, v in sorted(m.items()) if _pte_cell(c) and v},
            "stale": sorted(v.cells[0] for v in stale),
            "bugs": {t: m[f"task/{t}/bug"] for t in threads if f"task/{t}/bug" in m},
            "stuck": [t for t in threads if not self.sim.finished(t)],
        }

    def _pte(self, pte: int, fresh: Fresh) -> str:
        """A pte in hex; a present one of a fresh frame as "fresh1 0x067"."""
        pfn = self.sim.world.arch.pte_pfn(pte)
        if not pte_present(pte) or pfn not in fresh:
            return f"{pte:#x}"
        flags = pte & ~(pfn << PAGE_SHIFT)
        return f"{fresh.name(pfn)} {flags & (PAGE_SIZE - 1):#05x}" + ("+NX" if pte >> 63 else "")

    def _heard(self, node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the thread was told on its way to `node`: fault codes, and what accesses saw."""
        path = []
        at: Node | None = node
        while at is not None and at not in self.heard:
            path.append(at)
            at = at.parent
        returns, saw = ((), ()) if at is None else self.heard[at]
        for child in reversed(path):
            op = child.parent.op if child.parent else None
            if op and op.name == "vm_fault":
                returns = (*returns, return_name(op.args[0]))
            elif op and op.name == "access" and child.answer[0] == "ok":
                _, pfn, contents = child.answer
                saw = (*saw, f"{'write' if op.args[2] else 'read'} frame {pfn:#x}: {contents:#x}")
            self.heard[child] = returns, saw
        return returns, saw


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


def _pte_cell(cell: str) -> bool:
    return cell.startswith("pte/")
