"""Storing ptes: first fills, second fills, copies, changes of rights, and taking them out."""

from __future__ import annotations

from engine.ledger import Moment
from engine.model.pte import pte_dirty, pte_none, pte_present, pte_same, pte_write
from engine.narrate.view import Narration, View, frame, tells


@tells("set_pte_high")
def set_pte_high(v: View) -> Narration:
    """PAE's first half."""
    if v.pte_cell not in v.moment.delta:
        what = f"{v.who} stores the pte's high half first; it holds that value already."
        return v.say("same", what, "With PAE a pte is wider than one store.")
    if (v.machine.get(v.pte_cell) or 0) & 1:
        what = f"{v.who} stores the pte's high half first, while the low half is still valid."
        return v.say("mixed", what, "A CPU that walks now sees half of each value.")
    what = f"{v.who} stores the pte's high half first; the entry is not valid yet."
    return v.say("", what, "With PAE a pte is wider than one store.")


@tells("set_pte_at")
def set_pte_at(v: View) -> Narration:
    """Any store of a pte; what was there decides what it is called."""
    was, now = v.change()
    if v.moment.inside("copy_one_pte"):
        return _for_child(v, now)
    if pte_none(now):
        return v.say("clear", f"{v.who} empties the pte of {v.place()}.", _decision(v))
    if v.moment.inside("change_pte_range"):
        return _rights(v, now)
    if v.moment.inside("wp_page_copy"):
        what = f"{v.who} puts its copy into the pte: frame {v.pfn(now)}, {_right(now)}."
        return v.say("cow", what, _decision(v))
    if pte_present(was) and was & 1:
        return _overwrite(v, was, now)
    if not pte_none(was) and not v.half(was):
        what = f"{v.who} replaces the swap entry with frame {v.pfn(now)}, {_right(now)}."
        return v.say("swapin", what, _decision(v))
    if v.moment.inside("remap_pte_range"):
        what = f"{v.who} maps {v.place()} to frame {v.pfn(now)}, {_right(now)}."
        return v.say("remap", what, _decision(v))
    return _fill(v, now)


def _fill(v: View, now: int) -> Narration:
    what = f"{v.who} fills the empty pte of {v.place()} with frame {v.pfn(now)}, {_right(now)}."
    lost = _truncated(v, now)
    if lost:
        return v.say("truncated", what, lost, pfn=v.pfn(now).strip("`"))
    return v.say("fill", what, _decision(v), pfn=v.pfn(now).strip("`"))


def _overwrite(v: View, was: int, now: int) -> Narration:
    same = v.world.arch.pte_pfn(was) == v.world.arch.pte_pfn(now)
    params = {"was": v.pfn(was).strip("`"), "now": v.pfn(now).strip("`")}
    why = _blind(v)
    if not same:
        what = f"{v.who} writes the pte a second time: {v.pfn(now)} replaces {v.pfn(was)}."
        return v.say("overwrite", what, why, **params)
    if pte_dirty(was) and not pte_dirty(now):
        what = f"{v.who} writes frame {v.pfn(now)} again, clean: the dirty bit is forgotten."
        return v.say("lost_dirty", what, why, **params)
    if pte_same(was, now):
        return v.say("again", f"{v.who} writes the same pte once more.", why, **params)
    what = f"{v.who} writes the pte a second time: the same frame {v.pfn(now)}, now {_right(now)}."
    return v.say("same_frame", what, why, **params)


def _blind(v: View) -> str:
    """Why a handler stores over a present pte: it decided on an older value."""
    seen = v.seen("read_pte")
    if seen is None:
        return ""
    changed = v.changed(seen.number)
    found = v.found(seen)
    if changed is None:
        return f"Because {found}."
    deed = v.deed(changed, v.pte_cell).replace("the pte", "it")
    return f"Because {found}, before {deed}, and has not looked again."


def _decision(v: View) -> str:
    """What the store follows from: the pte as it was read, and where the frame came from."""
    seen = v.seen("read_pte")
    parts = []
    if seen and seen.step.reads[0] == v.pte_cell:
        parts.append(v.found(seen))
    source = _source(v)
    if source:
        parts.append(source)
    return f"Because {' and '.join(parts)}." if parts else ""


def _source(v: View) -> str:
    made = v.seen("alloc_page_vma", "alloc_zeroed_user_highpage")
    if made and made.answer == v.world.arch.pte_pfn(v.machine.get(v.pte_cell) or 0):
        return f"allocated the frame at #{made.number}"
    named = v.seen("nopfn_ret", "nopage_ret")
    if named and not v.moment.inside("do_swap_page"):
        whose = "driver" if named.op == "nopfn_ret" else "file"
        return f"the {whose} named the frame at #{named.number}"
    return ""


def _truncated(v: View, now: int) -> str:
    """Why the frame stored is not the one the driver named, if so."""
    named: Moment | None = v.seen("nopfn_ret")
    if named is None:
        return ""
    pfn, stored = v.world.arch.as_unsigned_long(named.answer[0]), v.world.arch.pte_pfn(now)
    if pfn == stored:
        return ""
    return (f"The driver named {frame(pfn)} at #{named.number}; its upper bits have no room "
            f"in the pte's frame number, which is {frame(stored)}.")  # fmt: skip


def _right(pte: int) -> str:
    words = "writable" if pte_write(pte) else "read-only"
    return f"{words} and dirty" if pte_dirty(pte) and pte_write(pte) else words


def _rights(v: View, now: int) -> Narration:
    out = v.seen("ptep_get_and_clear")
    why = f"Because it took the pte out at #{out.number} to change its rights." if out else ""
    right = _right(now) if now & 1 else "without any rights"
    what = f"{v.who} puts frame {v.pfn(now)} back into the pte of {v.place()}, {right}."
    return v.say("modify", what, why)


def _for_child(v: View, now: int) -> Narration:
    child = v.args["mm"]
    if not pte_present(now):
        return v.say("fork_swap", f"{v.who} copies the swap entry into the pte of {v.place()}.")
    what = f"{v.who} gives `{child}` the same frame {v.pfn(now)} at {v.place()}, {_right(now)}."
    seen = v.seen("ptep_set_wrprotect")
    if seen and seen.step.reads[0].rpartition("/")[2] == v.pte_cell.rpartition("/")[2]:
        why = f"Because the parent's pte was write-protected at #{seen.number}: a write must fault."
        return v.say("fork_cow", what, why)
    return v.say("fork", what, "The frame is shared; a write need not copy it.")


@tells("ptep_establish")
def ptep_establish(v: View) -> Narration:
    """COW's switch."""
    was, now = v.change()
    old, new = v.pfn(was), v.pfn(now)
    what = f"{v.who} switches the pte from frame {old} to its copy {new}, {_right(now)}."
    return v.say("", what, _decision(v), was=old.strip("`"), now=new.strip("`"))


@tells("ptep_set_access_flags")
def ptep_set_access_flags(v: View) -> Narration:
    """More rights, in place."""
    was, now = v.change()
    if pte_write(now) and not pte_write(was):
        what = f"{v.who} makes the pte of {v.place()} writable where it is; nothing is copied."
        alone = v.seen("can_share_swap_page")
        why = f"Because nobody else needs the page, as #{alone.number} found." if alone else ""
        if not alone and not v.private(v.args["mm"], v.args["address"]):
            why = "The mapping is shared: a write is meant for the page itself."
        return v.say("reuse", what, why)
    return v.say("bits", f"{v.who} marks the pte of {v.place()} {_right(now)} and accessed.",
                 _decision(v))  # fmt: skip


@tells("ptep_set_wrprotect")
def ptep_set_wrprotect(v: View) -> Narration:
    """fork."""
    if v.pte_cell not in v.moment.delta:
        return v.say("already", f"{v.who} write-protects the pte of {v.place()}; it was read-only.")
    what = f"{v.who} write-protects the parent's pte of {v.place()}."
    why = "The next write, by parent or child, must fault first; TLBs are flushed only later."
    return v.say("", what, why)


@tells("ptep_get_and_clear")
def ptep_get_and_clear(v: View) -> Narration:
    """Taken out."""
    if not v.moment.inside("change_pte_range"):
        what = f"{v.who} takes frame {v.pfn(v.answer)} out of the pte of {v.place()}."
        return v.say("zap", what, "TLBs may still know it until they are flushed.")
    what = f"{v.who} takes the pte of {v.place()} out for a moment, to change its rights."
    return v.say("modify", what, "So the CPU cannot set its dirty bit meanwhile.")


@tells("pte_clear_high")
def pte_clear_high(v: View) -> Narration:
    """PAE's second half."""
    return v.say("", f"{v.who} clears the pte's high half too.", "With PAE a pte is two words.")


@tells("ptep_clear_flush")
def ptep_clear_flush(v: View) -> Narration:
    """COW's gap, from 2.6.19 on."""
    what = f"{v.who} empties the pte of {v.place()} before it puts its copy in."
    return v.say("", what, _decision(v))


@tells("print_bad_pte")
def print_bad_pte(v: View) -> Narration:
    """Logged."""
    pte, what = v.args["pte"], f"{v.who} logs a bad pte at {v.place()} and goes on."
    if pte & 1:
        valid = v.seen("pfn_valid")
        at = f" (#{valid.number})" if valid else ""
        why = f"Because frame {v.pfn(pte)} has no `struct page`{at}, but is taken for a page here."
        return v.say("no_page", what, why)
    return v.say("", what, "The pte looks like a file offset, but the vma is not nonlinear.")
