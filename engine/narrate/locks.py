"""Locks taken, awaited and given back."""

from __future__ import annotations

from engine.narrate.view import Narration, View, holds_ptl, lock_name, tells
from engine.verbs.locks import page_lock, sem_cell


@tells("down_read")
def down_read(v: View) -> Narration:
    """Reading mmap_sem."""
    cell = sem_cell(v.args["mm"])
    others = [f"@{t}" for t in v.machine[cell][1:] if t != v.thread]
    what = f"{v.who} takes `mmap_sem` for reading: others may fault too, the vmas stay."
    why = _waited(v, cell)
    if not why and others:
        why = f"It need not wait: {' and '.join(others)} only reads too." if len(others) == 1 else (
            f"It need not wait: {' and '.join(others)} only read too.")  # fmt: skip
    return v.say("shared" if others else "alone", what, why, mm=v.args["mm"])


@tells("down_write")
def down_write(v: View) -> Narration:
    """Writing mmap_sem."""
    what = f"{v.who} takes `mmap_sem` for writing: nobody else may fault or change vmas."
    return v.say("", what, _waited(v, sem_cell(v.args["mm"])), mm=v.args["mm"])


@tells("up_read", "up_write")
def up(v: View) -> Narration:
    """mmap_sem back."""
    what = f"{v.who} gives `mmap_sem` back{v.freed()}."
    return v.say("", what, mm=v.args["mm"])


@tells("spin_lock")
def spin_lock(v: View) -> Narration:
    """A spinlock."""
    cell = v.args["lock"]
    what = f"{v.who} takes {lock_name(cell)}."
    if cell.startswith("lock/ptl/"):
        what = f"{v.who} takes `ptl`: until it lets go, no other handler may change these ptes."
    why = _waited(v, cell)
    seen = v.seen("read_pte")
    if not why and seen and not holds_ptl(seen):
        writers = [n for n in v.ledger.writes.get(seen.step.reads[0], ()) if n > seen.number]
        if writers and v.ledger[writers[-1]].thread != v.thread:
            by = v.ledger[writers[-1]]
            why = f"Meanwhile the pte has changed: @{by.thread} wrote it at #{by.number}."
    return v.say("", what, why, lock=cell)


@tells("spin_unlock")
def spin_unlock(v: View) -> Narration:
    """A spinlock back."""
    return v.say("", f"{v.who} lets {lock_name(v.args['lock'])} go{v.freed()}.",
                 lock=v.args["lock"])  # fmt: skip


@tells("lock_page")
def lock_page(v: View) -> Narration:
    """The page lock."""
    cell = page_lock(v.args["page"])
    what = f"{v.who} takes {lock_name(cell)}; for this it may sleep."
    return v.say("", what, _waited(v, cell), lock=cell)


@tells("trylock_page")
def trylock_page(v: View) -> Narration:
    """The page lock without waiting."""
    cell = page_lock(v.args["page"])
    if v.answer:
        return v.say("taken", f"{v.who} tries {lock_name(cell)} and gets it.", lock=cell)
    holder = v.wrote(cell)
    why = f"Because @{holder.thread} took it at #{holder.number}." if holder else ""
    what = f"{v.who} tries {lock_name(cell)} and does not get it; it will not wait."
    return v.say("busy", what, why, lock=cell)


@tells("unlock_page")
def unlock_page(v: View) -> Narration:
    """The page lock back."""
    cell = page_lock(v.args["page"])
    return v.say("", f"{v.who} lets {lock_name(cell)} go{v.freed()}.", lock=cell)


def _waited(v: View, cell: str) -> str:
    """Why the lock could be taken only now, if the thread had to wait for it."""
    if not _stood_waiting(v):
        return ""
    giver = v.wrote(cell)
    if giver is None or giver.thread == v.thread:
        return ""
    return f"It had to wait: @{giver.thread} gave the lock back at #{giver.number}."


def _stood_waiting(v: View) -> bool:
    """Whether the thread stood at this lock, held by another, after some earlier step."""
    moments = v.ledger.moments
    for moment in reversed(moments[: v.moment.number - 1]):
        if v.thread in moment.waiting:
            return True
        if moment.thread == v.thread:
            return False
    return False
