"""Looking at page tables: with the lock, without it, again."""

from __future__ import annotations

from engine.ledger import Moment
from engine.model.pte import pte_none, pte_present
from engine.narrate.view import Narration, View, frame, holds_ptl, tells


@tells("read_pmd")
def read_pmd(v: View) -> Narration:
    """Is there a page-table page?"""
    cell = next(c for c in v.moment.step.reads if c.startswith("pmd/"))
    writer = v.wrote(cell)
    if not v.answer:
        what = f"{v.who} finds no page-table page for {v.place()}."
        if v.has_page_table_lock:
            what = f"{v.who} looks again under `page_table_lock`: still no page-table page."
            return v.say("recheck_none", what)
        return v.say("none", what, "No lock is held here; another thread may hang one in.")
    why = f"Because {v.actor(writer)} hung it in at #{writer.number}." if writer else ""
    if v.has_page_table_lock:
        what = f"{v.who} looks again under `page_table_lock`: now there is a page-table page."
        return v.say("recheck_found", what, why)
    return v.say("found", f"{v.who} finds the page-table page for {v.place()} in place.", why)


@tells("pte_alloc_one")
def pte_alloc_one(v: View) -> Narration:
    """A new page-table page."""
    if v.answer is None:
        what = f"{v.who} gets no page-table page: out of memory."
        return v.say("fails", what, "The scenario makes this allocation fail.")
    what = f"{v.who} allocates a page-table page, {frame(v.answer)}, before it takes the lock."
    missing = v.seen("read_pmd")
    why = f"Because there was none at #{missing.number}." if missing else ""
    return v.say("", what, why, page=f"{v.answer:#x}")


@tells("pmd_populate")
def pmd_populate(v: View) -> Narration:
    """Into the tree."""
    seen = v.seen("read_pmd")
    why = f"Because under the lock the place was still free at #{seen.number}." if seen else ""
    page = frame(v.args["page"])
    return v.say("", f"{v.who} hangs its page-table page {page} into the tree.", why)


@tells("pte_free")
def pte_free(v: View) -> Narration:
    """The loser's page-table page."""
    seen = v.seen("read_pmd")
    writers = [m for m in (seen and v.ledger[n] for n in _writers(seen, v)) if m]
    why = f"Because @{writers[-1].thread} was faster, at #{writers[-1].number}." if writers else ""
    what = f"{v.who} frees its page-table page {frame(v.args['page'])} unused."
    return v.say("", what, why)


def _writers(seen: Moment | None, v: View) -> list[int]:
    if seen is None:
        return []
    return [n for c, n in seen.written.items() if c.startswith("pmd/") and v.ledger[n] is not seen]


@tells("pte_offset_map")
def pte_offset_map(v: View) -> Narration:
    """Mapped, not locked."""
    return v.say("", f"{v.who} maps the page-table page, so that it can read the pte; no lock yet.")


@tells("pte_unmap")
def pte_unmap(v: View) -> Narration:
    """All that is kept is a value."""
    seen = v.seen("read_pte")
    what = f"{v.who} lets go of the mapped page-table page."
    if seen is None or (seen.held and holds_ptl(seen)):
        return v.say("", what)
    why = f"From here on it relies on the value it read at #{seen.number}; no lock keeps it true."
    return v.say("unlocked", what, why)


@tells("read_pte")
def read_pte(v: View) -> Narration:
    """The pte, in four situations: unlocked; again under ptl; first under ptl; copied by fork."""
    before = v.seen("read_pte")
    if before and before.step.reads[0] == v.pte_cell and v.has_ptl:
        return _again(v, before)
    if v.has_ptl:
        what = f"{v.who} comes to the pte of {v.place()} under `ptl`: {v.state(v.answer)}."
        return v.say("scan_none" if pte_none(v.answer) else "scan", what, _made(v))
    return _unlocked(v)


def _unlocked(v: View) -> Narration:
    what = f"{v.who} reads the pte of {v.place()} without `ptl`: {v.state(v.answer)}{_leads(v)}."
    if not pte_none(v.answer):
        present = "present_unlocked" if pte_present(v.answer) else "swap_unlocked"
        return v.say("half_unlocked" if v.half(v.answer) else present, what, _made(v))
    made = _made(v)
    why = made or "Nobody has filled it yet, and with no lock held that may change at any step."
    return v.say("none_unlocked", what, why)


def _leads(v: View) -> str:
    where = v.heads_for("do_no_pfn", "do_no_page", "do_anonymous_page", "do_swap_page",
                        "do_file_page", "handle_present_pte")  # fmt: skip
    return f", so `{where}` is next" if where and where != "handle_present_pte" else ""


def _made(v: View) -> str:
    changed = v.mapped() if pte_present(v.answer) else v.changed()
    return f"Because {v.deed(changed, v.pte_cell)}." if changed else ""


def _again(v: View, before: Moment) -> Narration:
    where = f"{v.who} looks again at the pte of {v.place()} under `ptl`"
    locked = " under the lock" if holds_ptl(before) else ""
    changed = v.changed(before.number)
    if v.moment.inside("copy_one_pte"):
        return v.say("recheck_own", f"{v.who} reads back the pte it has write-protected.")
    if v.answer == before.answer:
        why = f"Because nobody has changed it since #{before.number}."
        if changed:
            why = f"It is as at #{before.number}, though {v.deed(changed, v.pte_cell)}."
        if pte_none(v.answer):
            return v.say("recheck_none", f"{where}: still empty, so it may fill it.", why)
        return v.say("recheck_same", f"{where}: still {v.state(v.answer)}.", why)
    if changed and changed.thread == v.moment.thread and v.answer == changed.delta[v.pte_cell][1]:
        what = f"{where}: still as it left it, {v.state(v.answer)}."
        return v.say(
            "recheck_own_store", what, f"Because nobody has changed it since #{changed.number}."
        )
    had = f"after {v.who} had read it{locked} as {v.state(before.answer)} at #{before.number}"
    why = f"Because {v.deed(changed, v.pte_cell)}, {had}." if changed else ""
    if pte_none(before.answer):
        what = f"{where}: it is filled now, {v.state(v.answer)}{_yields(v)}."
        why = why.replace("read it as empty", "found it empty")
        return v.say("recheck_filled", what, why)
    what = f"{where}: it has changed, {v.state(v.answer)}{_yields(v)}."
    if changed is None:
        what = f"{where}: only its accessed or dirty bit has changed{_yields(v)}."
        return v.say("recheck_bits", what, "The CPU sets these bits by itself.")
    return v.say("recheck_changed", what, why)


def _yields(v: View) -> str:
    """ "; it gives way" if what follows is not a store."""
    op = v.next.op
    return "; it gives way" if op is not None and op.name in ("spin_unlock", "put_page") else ""
