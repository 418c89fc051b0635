"""Locks taken, awaited and given back."""

from __future__ import annotations

from engine.narrate.view import Narration, View, at, holds_ptl, tells
from engine.verbs.locks import page_lock, sem_cell


@tells("down_read")
def down_read(v: View) -> Narration:
    """Reading mmap_sem."""
    cell = sem_cell(v.args["mm"])
    others = [t for t in v.machine[cell][1:] if t != v.thread]
    what, passed = v.text("down_read"), _passed(v)
    if passed:
        why = v.text("down_read.why_past_writer", others=v.all_of(passed))
        return v.say("past_writer", what, why, mm=v.args["mm"])
    why = _waited(v, cell)
    if not why and others:
        key = "down_read.why_other" if len(others) == 1 else "down_read.why_others"
        why = v.text(key, others=v.all_of(others))
    why = why or v.text("down_read.why_alone")
    return v.say("shared" if others else "alone", what, why, mm=v.args["mm"])


def _passed(v: View) -> list[str]:
    """The writers that have waited longer than this reader, which takes the lock before them."""
    own = _waiting_since(v, v.thread) or v.moment.number
    found = []
    for thread, node in v.ledger.sim.position.items():
        op = node.op
        if op is not None and op.name == "down_write" and op.args[0] == v.args["mm"]:
            since = _waiting_since(v, thread)
            found += [thread] if since is not None and since < own else []
    return found


def _waiting_since(v: View, thread: str) -> int | None:
    """The step after which a thread began to wait, if it has waited since it last moved."""
    since = None
    for moment in reversed(v.ledger.moments[: v.moment.number - 1]):
        if thread in moment.waiting:
            since = moment.number
        if moment.thread == thread:
            break
    return since


@tells("down_write")
def down_write(v: View) -> Narration:
    """Writing mmap_sem."""
    return v.say("", v.text("down_write"), _waited(v, sem_cell(v.args["mm"])), mm=v.args["mm"])


@tells("up_read", "up_write")
def up(v: View) -> Narration:
    """mmap_sem back."""
    what = v.text("mmap_sem.up", then=v.freed())
    return v.say("", what, _nothing_changed(v), mm=v.args["mm"])


def _nothing_changed(v: View) -> str:
    """Why an mprotect leaves without a change: it may not make it, or there is none to make."""
    if not v.moment.inside("sys_mprotect") or v.seen("set_vma_flags"):
        return ""
    refused = v.next.op is not None and v.next.op.name == "bad_mprotect"
    return v.text("mmap_sem.why_refused" if refused else "mmap_sem.why_same_rights")


@tells("spin_lock")
def spin_lock(v: View) -> Narration:
    """A spinlock."""
    cell = v.args["lock"]
    ptl = cell.startswith("lock/ptl/")
    what = v.text("spin_lock.ptl") if ptl else v.text("spin_lock", lock=v.lock(cell))
    return v.say("", what, _waited(v, cell) or _changed_meanwhile(v), lock=cell)


def _changed_meanwhile(v: View) -> str:
    seen = v.seen("read_pte")
    if seen is None or holds_ptl(seen):
        return ""
    writers = [n for n in v.ledger.writes.get(seen.step.reads[0], ()) if n > seen.number]
    by = v.ledger[writers[-1]] if writers else None
    if by is None or by.thread == v.thread:
        return ""
    return v.text("spin_lock.why_changed", other=f"@{by.thread}", step=at(by))


@tells("spin_unlock")
def spin_unlock(v: View) -> Narration:
    """A spinlock back."""
    cell = v.args["lock"]
    return v.say("", v.text("unlock", lock=v.lock(cell), then=v.freed()), lock=cell)


@tells("lock_page")
def lock_page(v: View) -> Narration:
    """The page lock."""
    cell = page_lock(v.args["page"])
    return v.say("", v.text("lock_page", lock=v.lock(cell)), _waited(v, cell), lock=cell)


@tells("trylock_page")
def trylock_page(v: View) -> Narration:
    """The page lock without waiting."""
    cell = page_lock(v.args["page"])
    if v.answer:
        return v.say("taken", v.text("trylock_page.taken", lock=v.lock(cell)), lock=cell)
    holder = v.wrote(cell)
    why = ""
    if holder:
        why = v.text("trylock_page.why_busy", other=f"@{holder.thread}", step=at(holder))
    return v.say("busy", v.text("trylock_page.busy", lock=v.lock(cell)), why, lock=cell)


@tells("unlock_page")
def unlock_page(v: View) -> Narration:
    """The page lock back."""
    cell = page_lock(v.args["page"])
    return v.say("", v.text("unlock", lock=v.lock(cell), then=v.freed()), lock=cell)


def _waited(v: View, cell: str) -> str:
    """Why the lock could be taken only now, if the thread had to wait for it."""
    if not _stood_waiting(v):
        return ""
    giver = v.wrote(cell)
    if giver is None or giver.thread == v.thread:
        return ""
    return v.text("lock.why_waited", other=f"@{giver.thread}", step=at(giver))


def _stood_waiting(v: View) -> bool:
    """Whether the thread stood at this lock, held by another, after some earlier step."""
    moments = v.ledger.moments
    for moment in reversed(moments[: v.moment.number - 1]):
        if v.thread in moment.waiting:
            return True
        if moment.thread == v.thread:
            return False
    return False
