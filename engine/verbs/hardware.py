"""What the CPU does by itself: TLB, walk, access; and what becomes of a thread that faults."""

from __future__ import annotations

from typing import Any

from engine.model import pte as bits
from engine.model.cells import Machine
from engine.verbs.world import World, contents, frame_cell, pmd_cell, pte_cell, tlb_cell, verb

PRESENT, WRITE = 1, 2
"""Bits of the error code that the CPU pushes: the pte was present; the access was a write."""

SIGNED = 0xA000
"""A store leaves this plus the number of its CPU, so that it can be seen who wrote."""


@verb
def access(m: Machine, w: World, t: str, mm: str, address: int, write: bool) -> tuple[Any, ...]:
    if t in w.victims and m.look(f"task/{t}/sigkill"):
        m.put(f"task/{t}/signal", "SIGKILL")
        return ("killed",)
    found = translate(m, w, t, mm, address, write)
    if found[0] == "fault":
        return found
    pfn = found[1]
    if write:
        m.put(frame_cell(pfn), SIGNED + w.cpu_of[t])
    return ("ok", pfn, contents(m, w, pfn))


def translate(m: Machine, w: World, t: str, mm: str, address: int, write: bool) -> tuple[str, int]:
    """("ok", pfn) through TLB or walk, or ("fault", error code). A fault drops the TLB entry."""
    tlb = tlb_cell(w.cpu_of[t], address)
    entry = m.look(tlb)
    if entry and entry[0] == mm and (entry[2] or not write):
        return "ok", entry[1]
    cell = pte_cell(mm, address)
    pte = (m.look(cell) or 0) if m.look(pmd_cell(w, mm, address)) else 0
    if not pte & 1 or (write and not bits.pte_write(pte)):
        m.put(tlb, None)
        return "fault", (PRESENT if pte & 1 else 0) | (WRITE if write else 0)
    pte = bits.pte_mkyoung(pte)
    if write:
        pte = bits.pte_mkdirty(pte)
    m.put(cell, pte)
    pfn = w.arch.pte_pfn(pte)
    m.put(tlb, (mm, pfn, int(bits.pte_write(pte) and bits.pte_dirty(pte))))
    return "ok", pfn


@verb
def copy_from_user_inatomic(
    m: Machine, w: World, t: str, to: int, mm: str, address: int
) -> int | None:
    """Reads through the pte as it is; like the oracle's CPU, it sets no A bit and fills no TLB."""
    pte = m.look(pte_cell(mm, address)) or 0
    if not pte & 1:
        return None
    pfn = w.arch.pte_pfn(pte)
    m.put(frame_cell(to), contents(m, w, pfn))
    return pfn


@verb
def livelock(m: Machine, w: World, t: str, address: int) -> None:
    m.put(f"task/{t}/signal", "LIVELOCK")


@verb
def bad_mmap(m: Machine, w: World, t: str, vma: str, error: int) -> None:
    m.put(f"task/{t}/signal", "MMAP_FAILED")


@verb
def bad_fork(m: Machine, w: World, t: str, child: str, error: int) -> None:
    """The program is told, and goes on. Of the child's mm only empty page tables are left."""
    m.put(f"mm/{child}/vmas", ())


@verb
def bad_mprotect(m: Machine, w: World, t: str, vma: str, error: int) -> None:
    """The program is told, and goes on."""


@verb
def count_pgfault(m: Machine, w: World, t: str, mm: str, write_access: bool) -> None:
    m.add("vmstat/pgfault", 1)


@verb
def vm_fault(m: Machine, w: World, t: str, ret: int) -> None:
    """The answer travels up; nothing changes."""


@verb
def count_fault(m: Machine, w: World, t: str, kind: str) -> None:
    m.add(f"task/{t}/{kind}", 1)


@verb
def force_sig(m: Machine, w: World, t: str, signal: str, code: str) -> None:
    m.put(f"task/{t}/signal", f"{signal}/{code}")


@verb
def do_exit(m: Machine, w: World, t: str, signal: str) -> None:
    m.put(f"task/{t}/signal", f"{signal}/OOM")


@verb
def BUG_ON(m: Machine, w: World, t: str, condition: bool, text: str) -> None:
    if condition:
        m.put(f"task/{t}/bug", f"BUG_ON {text}")


@verb
def BUG(m: Machine, w: World, t: str, text: str) -> None:
    m.put(f"task/{t}/bug", f"BUG {text}")


@verb
def send_sig(m: Machine, w: World, t: str, victim: str) -> None:
    for thread in w.victims[victim]:
        m.put(f"task/{thread}/sigkill", 1)
