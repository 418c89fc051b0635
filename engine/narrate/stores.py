"""Storing ptes: first fills, second fills, copies, changes of rights, and taking them out."""

from __future__ import annotations

from engine.ledger import Moment
from engine.model.pte import pte_dirty, pte_none, pte_present, pte_same, pte_write
from engine.model.vma import VM_MAYWRITE, VM_SHARED
from engine.narrate.view import Narration, View, at, frame, tells


@tells("set_pte_high")
def set_pte_high(v: View) -> Narration:
    """PAE's first half."""
    if v.pte_cell not in v.moment.delta:
        return v.say("same", v.text("set_pte_high.same"), v.text("set_pte_high.why"))
    if (v.machine.get(v.pte_cell) or 0) & 1:
        return v.say("mixed", v.text("set_pte_high.mixed"), v.text("set_pte_high.why_mixed"))
    return v.say("", v.text("set_pte_high"), v.text("set_pte_high.why"))


@tells("set_pte_at")
def set_pte_at(v: View) -> Narration:
    """Any store of a pte; what was there decides what it is called."""
    was, now = v.change()
    if v.moment.inside("copy_one_pte"):
        return _for_child(v, now)
    if pte_none(now):
        return v.say("clear", v.text("set_pte_at.clear", place=v.place()), _decision(v))
    if v.moment.inside("change_pte_range"):
        return _rights(v, now)
    frame_now = {"frame": v.pfn(now), "right": _right(v, now)}
    if v.moment.inside("wp_page_copy"):
        return v.say("cow", v.text("set_pte_at.cow", **frame_now), _decision(v))
    if pte_present(was) and was & 1:
        return _overwrite(v, was, now)
    if not pte_none(was) and not v.half(was):
        return v.say("swapin", v.text("set_pte_at.swapin", **frame_now), _decision(v))
    if v.moment.inside("remap_pte_range"):
        what = v.text("set_pte_at.remap", place=v.place(), **frame_now)
        return v.say("remap", what, _decision(v))
    return _fill(v, now)


def _fill(v: View, now: int) -> Narration:
    what = v.text("set_pte_at.fill", place=v.place(), frame=v.pfn(now), right=_right(v, now))
    lost = _truncated(v, now)
    if lost:
        return v.say("truncated", what, lost, pfn=v.pfn(now).strip("`"))
    return v.say("fill", what, _decision(v), pfn=v.pfn(now).strip("`"))


def _overwrite(v: View, was: int, now: int) -> Narration:
    same = v.world.arch.pte_pfn(was) == v.world.arch.pte_pfn(now)
    old, new = v.pfn(was), v.pfn(now)
    params = {"was": old.strip("`"), "now": new.strip("`")}
    why = _blind(v)
    if not same:
        return v.say("overwrite", v.text("set_pte_at.overwrite", new=new, old=old), why, **params)
    if pte_dirty(was) and not pte_dirty(now):
        return v.say("lost_dirty", v.text("set_pte_at.lost_dirty", frame=new), why, **params)
    if pte_same(was, now):
        return v.say("again", v.text("set_pte_at.again"), why, **params)
    what = v.text("set_pte_at.same_frame", frame=new, right=_right(v, now))
    return v.say("same_frame", what, why, **params)


def _blind(v: View) -> str:
    """Why a handler stores over a present pte: it decided on an older value."""
    seen = v.seen("read_pte")
    if seen is None:
        return ""
    changed = v.changed(seen.number)
    found = v.found(seen)
    if changed is None:
        return v.text("because", reason=found)
    deed = v.deed(changed, v.pte_cell, named=True)
    return v.text("set_pte_at.why_blind", found=found, deed=deed)


def _decision(v: View) -> str:
    """What the store follows from: the pte as it was read, and where the frame came from."""
    seen = v.seen("read_pte")
    parts = []
    if seen and seen.step.reads[0] == v.pte_cell:
        parts.append(v.found(seen))
    source = _source(v)
    if source:
        parts.append(source)
    return v.text("because", reason=v.ledger.words.all_of(parts)) if parts else ""


def _source(v: View) -> str:
    made = v.seen("alloc_page_vma", "alloc_zeroed_user_highpage")
    if made and made.answer == v.world.arch.pte_pfn(v.machine.get(v.pte_cell) or 0):
        return v.text("source.allocated", step=at(made))
    named = v.seen("nopfn_ret", "nopage_ret")
    if named and not v.moment.inside("do_swap_page"):
        key = "source.driver" if named.op == "nopfn_ret" else "source.file"
        return v.text(key, step=at(named))
    return ""


def _truncated(v: View, now: int) -> str:
    """Why the frame stored is not the one the driver named, if so."""
    named: Moment | None = v.seen("nopfn_ret")
    if named is None:
        return ""
    pfn, stored = v.world.arch.as_unsigned_long(named.answer[0]), v.world.arch.pte_pfn(now)
    if pfn == stored:
        return ""
    fields = {"named": frame(pfn), "step": at(named), "stored": frame(stored)}
    masked = v.world.arch.long_bits == 64
    return v.text("set_pte_at.why_masked" if masked else "set_pte_at.why_truncated", **fields)


def _right(v: View, pte: int) -> str:
    if not pte_write(pte):
        return v.text("right.read_only")
    return v.text("right.writable_dirty" if pte_dirty(pte) else "right.writable")


def _rights(v: View, now: int) -> Narration:
    out = v.seen("ptep_get_and_clear")
    key = "set_pte_at.why_modify_dirty" if _given_back(v, now) else "set_pte_at.why_modify"
    why = v.text(key, step=at(out)) if out else ""
    right = _right(v, now) if now & 1 else v.text("right.none")
    what = v.text("set_pte_at.modify", frame=v.pfn(now), place=v.place(), right=right)
    return v.say("modify", what, why)


def _given_back(v: View, now: int) -> bool:
    """Whether the pte may be written though vm_page_prot says no: change_pte_range, 2.6.19."""
    changed = v.seen("set_vma_flags")
    cell = f"vma/{v.args['mm']}/{changed.args['vma']}/prot" if changed else ""
    return pte_write(now) and not pte_write(v.machine.get(cell, now))


def _for_child(v: View, now: int) -> Narration:
    child = v.args["mm"]
    if not pte_present(now):
        return v.say("fork_swap", v.text("set_pte_at.fork_swap", place=v.place()))
    fields = {"child": child, "frame": v.pfn(now), "place": v.place(), "right": _right(v, now)}
    what = v.text("set_pte_at.fork", **fields)
    seen = v.seen("ptep_set_wrprotect")
    if seen and seen.step.reads[0].rpartition("/")[2] == v.pte_cell.rpartition("/")[2]:
        return v.say("fork_cow", what, v.text("set_pte_at.why_fork_cow", step=at(seen)))
    key = "set_pte_at.why_fork_as_is" if _never_written(v) else "set_pte_at.why_fork"
    return v.say("fork", what, v.text(key))


def _never_written(v: View) -> bool:
    """Whether the pte lies in a private mapping that may not become writable."""
    vma = v.vma_of(v.args["mm"], v.args["address"])
    return not v.flags(v.args["mm"], vma) & (VM_SHARED | VM_MAYWRITE)


@tells("ptep_establish")
def ptep_establish(v: View) -> Narration:
    """COW's switch."""
    was, now = v.change()
    old, new = v.pfn(was), v.pfn(now)
    what = v.text("ptep_establish", old=old, new=new, right=_right(v, now))
    return v.say("", what, _decision(v), was=old.strip("`"), now=new.strip("`"))


@tells("ptep_set_access_flags")
def ptep_set_access_flags(v: View) -> Narration:
    """More rights, in place."""
    was, now = v.change()
    if pte_write(now) and not pte_write(was):
        alone = v.seen("can_share_swap_page")
        why = v.text("access_flags.why_alone", step=at(alone)) if alone else ""
        if not alone and not v.private(v.args["mm"], v.args["address"]):
            why = v.text("access_flags.why_shared")
        return v.say("reuse", v.text("access_flags.reuse", place=v.place()), why)
    what = v.text("access_flags.bits", place=v.place(), right=_right(v, now))
    return v.say("bits", what, _decision(v))


@tells("ptep_set_wrprotect")
def ptep_set_wrprotect(v: View) -> Narration:
    """fork."""
    if v.pte_cell not in v.moment.delta:
        return v.say("already", v.text("wrprotect.already", place=v.place()))
    return v.say("", v.text("wrprotect", place=v.place()), v.text("wrprotect.why"))


@tells("ptep_get_and_clear")
def ptep_get_and_clear(v: View) -> Narration:
    """Taken out."""
    if v.moment.inside("change_pte_range"):
        what = v.text("get_and_clear.modify", place=v.place())
        return v.say("modify", what, v.text("get_and_clear.why_modify"))
    what = v.text("get_and_clear.zap", frame=v.pfn(v.answer), place=v.place())
    return v.say("zap", what, v.text("get_and_clear.why_zap"))


@tells("pte_clear_high")
def pte_clear_high(v: View) -> Narration:
    """PAE's second half."""
    return v.say("", v.text("pte_clear_high"), v.text("pte_clear_high.why"))


@tells("ptep_clear_flush")
def ptep_clear_flush(v: View) -> Narration:
    """COW's gap, from 2.6.19 on."""
    return v.say("", v.text("ptep_clear_flush", place=v.place()), _decision(v))


@tells("print_bad_pte")
def print_bad_pte(v: View) -> Narration:
    """Logged."""
    pte, what = v.args["pte"], v.text("print_bad_pte", place=v.place())
    if not pte & 1:
        return v.say("", what, v.text("print_bad_pte.why"))
    valid = v.seen("pfn_valid")
    if valid:
        why = v.text("print_bad_pte.why_checked", frame=v.pfn(pte), step=at(valid))
    else:
        why = v.text("print_bad_pte.why_no_page", frame=v.pfn(pte))
    return v.say("no_page", what, why)
