"""Looking at page tables: with the lock, without it, again."""

from __future__ import annotations

from engine.ledger import Moment
from engine.model.pte import pte_none, pte_present
from engine.narrate.view import Narration, View, at, frame, holds_ptl, tells
from engine.verbs.locks import sem_cell


@tells("read_pmd")
def read_pmd(v: View) -> Narration:
    """Is there a page-table page?"""
    cell = next(c for c in v.moment.step.reads if c.startswith("pmd/"))
    writer = v.wrote(cell)
    if not v.answer:
        if v.has_page_table_lock:
            return v.say("recheck_none", v.text("read_pmd.recheck_none"))
        return v.say("none", v.text("read_pmd.none", place=v.place()), v.text(_unpopulated(v)))
    why = v.text("read_pmd.why_there")
    if writer:
        why = v.text("read_pmd.why_found", actor=v.actor(writer), step=at(writer))
    if v.has_page_table_lock:
        return v.say("recheck_found", v.text("read_pmd.recheck_found"), why)
    return v.say("found", v.text("read_pmd.found", place=v.place()), why)


def _unpopulated(v: View) -> str:
    """Who may hang a page-table page in, now that there is none."""
    if v.moment.inside("copy_pte_range"):
        return "read_pmd.why_none_child"
    if v.moment.inside("exit_mmap"):
        return "read_pmd.why_none_exit"
    writes = v.machine.get(sem_cell(v.args["mm"]), ("",))[0] == v.thread
    return "read_pmd.why_none_writer" if writes else "read_pmd.why_none"


@tells("pte_alloc_one")
def pte_alloc_one(v: View) -> Narration:
    """A new page-table page."""
    if v.answer is None:
        return v.say("fails", v.text("pte_alloc_one.fails"), v.text("injected"))
    missing = v.seen("read_pmd")
    why = v.text("pte_alloc_one.why", step=at(missing)) if missing else ""
    return v.say("", v.text("pte_alloc_one", page=frame(v.answer)), why, page=f"{v.answer:#x}")


@tells("pmd_populate")
def pmd_populate(v: View) -> Narration:
    """Into the tree."""
    seen = v.seen("read_pmd")
    why = v.text("pmd_populate.why", step=at(seen)) if seen else ""
    return v.say("", v.text("pmd_populate", page=frame(v.args["page"])), why)


@tells("pte_free")
def pte_free(v: View) -> Narration:
    """The loser's page-table page."""
    seen = v.seen("read_pmd")
    writers = [m for m in (seen and v.ledger[n] for n in _writers(seen, v)) if m]
    why = ""
    if writers:
        why = v.text("pte_free.why", other=f"@{writers[-1].thread}", step=at(writers[-1]))
    return v.say("", v.text("pte_free", page=frame(v.args["page"])), why)


def _writers(seen: Moment | None, v: View) -> list[int]:
    if seen is None:
        return []
    return [n for c, n in seen.written.items() if c.startswith("pmd/") and v.ledger[n] is not seen]


@tells("pte_offset_map")
def pte_offset_map(v: View) -> Narration:
    """Mapped, not locked."""
    return v.say("", v.text("pte_offset_map"), v.text("pte_offset_map.why"))


@tells("pte_unmap")
def pte_unmap(v: View) -> Narration:
    """All that is kept is a value."""
    seen = v.seen("read_pte")
    what = v.text("pte_unmap")
    if seen is None or (seen.held and holds_ptl(seen)):
        return v.say("", what)
    return v.say("unlocked", what, v.text("pte_unmap.why_unlocked", step=at(seen)))


@tells("read_pte")
def read_pte(v: View) -> Narration:
    """The pte, in four situations: unlocked; again under ptl; first under ptl; copied by fork."""
    before = v.seen("read_pte")
    if before and before.step.reads[0] == v.pte_cell and v.has_ptl:
        return _again(v, before)
    if v.has_ptl:
        what = v.text("read_pte.scan", place=v.place(), state=v.state(v.answer))
        return v.say("scan_none" if pte_none(v.answer) else "scan", what, _made(v))
    return _unlocked(v)


def _unlocked(v: View) -> Narration:
    place, state, leads = v.place(), v.state(v.answer), _leads(v)
    if leads:
        what = v.text("read_pte.unlocked_leads", place=place, state=state, function=leads)
    else:
        what = v.text("read_pte.unlocked", place=place, state=state)
    if not pte_none(v.answer):
        present = "present_unlocked" if pte_present(v.answer) else "swap_unlocked"
        return v.say("half_unlocked" if v.half(v.answer) else present, what, _made(v))
    return v.say("none_unlocked", what, _made(v) or v.text("read_pte.why_none"))


def _leads(v: View) -> str:
    """The handler that comes next, if this read decides for it."""
    where = v.heads_for("do_no_pfn", "do_no_page", "do_anonymous_page", "do_swap_page",
                        "do_file_page", "handle_present_pte")  # fmt: skip
    return "" if where == "handle_present_pte" else where


def _made(v: View) -> str:
    return v.because(v.mapped() if pte_present(v.answer) else v.changed(), v.pte_cell)


def _again(v: View, before: Moment) -> Narration:
    place, state = v.place(), v.state(v.answer)
    changed = v.changed(before.number)
    if v.moment.inside("copy_one_pte"):
        return v.say("recheck_own", v.text("recheck.own"))
    if v.answer == before.answer:
        why = v.text("recheck.why_same", step=at(before))
        if changed:
            deed = v.deed(changed, v.pte_cell)
            why = v.text("recheck.why_as_at", step=at(before), deed=deed)
        if pte_none(v.answer):
            return v.say("recheck_none", v.text("recheck.none", place=place), why)
        return v.say("recheck_same", v.text("recheck.same", place=place, state=state), why)
    if changed and changed.thread == v.moment.thread and v.answer == changed.delta[v.pte_cell][1]:
        what = v.text("recheck.own_store", place=place, state=state)
        return v.say("recheck_own_store", what, v.text("recheck.why_same", step=at(changed)))
    then = _yields(v)
    if pte_none(before.answer):
        what = v.text("recheck.filled", place=place, state=state, then=then)
        return v.say("recheck_filled", what, _since(v, before, changed))
    if changed is None:
        what = v.text("recheck.bits", place=place, then=then)
        return v.say("recheck_bits", what, v.text("recheck.why_bits"))
    what = v.text("recheck.changed", place=place, state=state, then=then)
    return v.say("recheck_changed", what, _since(v, before, changed))


def _since(v: View, before: Moment, changed: Moment | None) -> str:
    """Who changed the pte after it was read, and what it had been."""
    if changed is None:
        return ""
    deed, had = v.deed(changed, v.pte_cell), v.state(before.answer)
    if holds_ptl(before):
        return v.text("recheck.why_after_locked", deed=deed, state=had, step=at(before))
    if pte_none(before.answer):
        return v.text("recheck.why_after_empty", deed=deed, step=at(before))
    return v.text("recheck.why_after", deed=deed, state=had, step=at(before))


def _yields(v: View) -> str:
    """ "; it gives way" if what follows is not a store."""
    op = v.next.op
    gives = op is not None and op.name in ("spin_unlock", "put_page")
    return v.text("recheck.gives_way") if gives else ""
