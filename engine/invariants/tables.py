"""Rules about page tables and TLBs: what may be stored over what, and who must hear of it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.invariants.base import End, Found, PteChange, View, found, tlb_entries, tlb_page
from engine.messages import Message
from engine.model.cells import Which, every
from engine.model.pte import pte_dirty, pte_present, pte_write
from engine.ops import ptl_of
from engine.verbs.world import pte_cell

LEGAL_OVERWRITE = "ptep_establish"
"""The one op that may store over a present pte: its flush must follow before ptl is released."""


def overwrite(view: View) -> Iterator[Found]:
    """A mapped frame is replaced only through ptep_establish or an emptied, flushed pte.

    Source: Documentation/cachetlb.txt, 2.6.17: first a mapping changes, then comes the flush; Nick
    Piggin's mails on do_no_pfn, 3 and 4 April 2006. mprotect may put the frame it took out back
    before it flushes; what ptep_establish or ptep_clear_flush took out is flushed before ptl is
    released.
    """
    pfn = view.world.arch.pte_pfn
    for change in view.ptes:
        if not pte_present(change.now):
            continue
        if pte_present(change.was):
            if view.op.name != LEGAL_OVERWRITE and pfn(change.was) != pfn(change.now):
                yield _replaced(view, change, pfn(change.was), "overwrite.present")
            continue
        debt = view.before.debts.get((change.mm, change.page))
        if debt and (debt.pte is None or pfn(debt.pte) != pfn(change.now)):
            old = None if debt.pte is None else pfn(debt.pte)
            yield _replaced(view, change, old, "overwrite.unflushed")
    yield from _unflushed(view)


def _replaced(view: View, change: PteChange, old: int | None, how: str) -> Found:
    """how: the message's key."""
    was = Message("invariants.overwrite.what_was_there", {})
    if old is not None:
        was = Message("invariants.overwrite.frame", {"frame": f"{old:#x}"})
    fields = {
        "new": f"{view.world.arch.pte_pfn(change.now):#x}",
        "was": was,
        "address": f"{change.page << 12:#x}",
    }
    return found(how, (change.cell,), who=view.thread, **fields)


def _unflushed(view: View) -> Iterator[Found]:
    if view.op.name != "spin_unlock":
        return
    for (mm, page), debt in view.before.debts.items():
        if debt.at_once and _ptl(view, mm, page) == view.op.args[0]:
            fields = {"who": view.thread, "address": f"{page << 12:#x}"}
            yield found("overwrite.let_go", (pte_cell(mm, page << 12),), **fields)


def lost_dirty(view: View) -> Iterator[Found]:
    """A dirty pte is not replaced by a clean one for the same frame: the write would be forgotten.

    Source: the dirty bit is the only trace of a write until set_page_dirty (zap_pte_range,
    change_pte_range, mm/memory.c and mm/mprotect.c, 2.6.17). Harmless for a raw pfn, whose dirty
    bit nobody reads; still a store that forgets.
    """
    pfn = view.world.arch.pte_pfn
    for change in view.ptes:
        was = change.was
        debt = view.before.debts.get((change.mm, change.page))
        if not pte_present(was) and debt and debt.pte is not None:
            was = debt.pte
        both = pte_present(was) and pte_present(change.now)
        if both and pte_dirty(was) and not pte_dirty(change.now) and pfn(was) == pfn(change.now):
            address = f"{change.page << 12:#x}"
            yield found("lost_dirty.clean", (change.cell,), who=view.thread, address=address)


def stale_after(view: View) -> Iterator[Found]:
    """When ptl is released, no TLB holds what the pte no longer says, unless a flush is on its way.

    Source: Documentation/cachetlb.txt, 2.6.17. A flush may come after ptl: zap_page_range gathers
    until tlb_finish_mmu, mprotect until flush_tlb_range, fork until flush_tlb_mm. A thread that is
    back in user mode has had its chance.
    """
    owed = view.before.debts if view.returns else {}
    if view.op.name != "spin_unlock" and not owed:
        return
    lock = view.op.args[0] if view.op.name == "spin_unlock" else ""
    late, table = {page for _, page in owed}, lock.rpartition("/")[2]

    def concerned(cell: str) -> bool:
        page = tlb_page(cell)
        return page in late or f"{view.world.arch.pte_page(page << 12):#x}" == table

    for stale, mm, page in _stale(view, concerned):
        if (mm, page) in owed or _ptl(view, mm, page) == lock:
            yield stale


def stale_at_end(end: End) -> Iterator[Found]:
    """When nobody is mid-way, no TLB holds what the pte no longer says."""
    for stale, _, _ in _stale(end):
        yield stale


def _stale(end: End, which: Which = every) -> Iterator[tuple[Found, str, int]]:
    for cell, mm, page, pfn, writable in tlb_entries(end.machine, which):
        pte = end.machine.get(pte_cell(mm, page << 12)) or 0
        frame = end.world.arch.pte_pfn(pte)
        agrees = pte & 1 and frame == pfn and (pte_write(pte) or not writable)
        if agrees or end.owed(mm, page):
            continue
        if not pte & 1:
            key = "tlb_agrees.empty"
        else:
            key = "tlb_agrees.other_frame" if frame != pfn else "tlb_agrees.read_only"
        fields = {
            "cpu": cell.split("/")[1],
            "frame": f"{pfn:#x}",
            "address": f"{page << 12:#x}",
            "other": f"{frame:#x}",
        }
        yield found(key, (cell, pte_cell(mm, page << 12)), **fields), mm, page


def _ptl(end: End, mm: str, page: int) -> str:
    return ptl_of(end.world.arch, mm, page << 12)
