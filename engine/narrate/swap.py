"""Bringing pages back from swap."""

from __future__ import annotations

from engine.narrate.view import Narration, View, frame, tells


@tells("lookup_swap_cache")
def lookup_swap_cache(v: View) -> Narration:
    """Is the page in memory already?"""
    slot = v.args["slot"]
    if v.answer is None:
        return v.say("miss", f"{v.who} finds no page for swap slot {slot} in the swap cache.")
    writer = v.wrote(f"swap/{slot}/page")
    why = f"Because @{writer.thread} read it in at #{writer.number}." if writer else ""
    what = f"{v.who} finds swap slot {slot} in the swap cache: page {frame(v.answer)}."
    return v.say("hit", what, why)


@tells("swapin_readahead")
def swapin_readahead(v: View) -> Narration:
    """A hint."""
    return v.say("", f"{v.who} lets the neighbours of swap slot {v.args['slot']} be read too.")


@tells("read_swap_cache_async")
def read_swap_cache_async(v: View) -> Narration:
    """The read itself."""
    slot = v.args["slot"]
    if v.answer is None:
        what = f"{v.who} cannot read swap slot {slot}: out of memory."
        return v.say("fails", what, "The scenario makes this allocation fail.")
    if f"swap/{slot}/page" in v.moment.delta:
        what = f"{v.who} reads swap slot {slot} into page {frame(v.answer)}."
        return v.say("reads", what, "It is in the swap cache now, where others find it.")
    writer = v.wrote(f"swap/{slot}/page")
    why = f"Because @{writer.thread} read it in at #{writer.number}." if writer else ""
    what = f"{v.who} finds page {frame(v.answer)} for slot {slot} after all."
    return v.say("late_hit", what, why)


@tells("grab_swap_token")
def grab_swap_token(v: View) -> Narration:
    """Ask to be spared."""
    return v.say("", f"{v.who} asks that `{v.args['mm']}` be spared from reclaim for a while.")


@tells("read_page_uptodate")
def read_page_uptodate(v: View) -> Narration:
    """Did the read work?"""
    what = f"{v.who} checks that page {frame(v.args['page'])} was read in whole: "
    return v.say("good" if v.answer else "bad", what + ("it was." if v.answer else "it was not."))


@tells("can_share_swap_page")
def can_share_swap_page(v: View) -> Narration:
    """Is the page ours alone?"""
    page = frame(v.args["page"])
    if v.answer:
        return v.say("alone", f"{v.who} finds that nobody else needs page {page}; it may keep it.")
    what = f"{v.who} finds that page {page} is needed elsewhere; it must not keep it."
    return v.say("shared", what, "Another mapping or the swap slot still counts on it.")


@tells("swap_free", "swap_duplicate")
def swap_count(v: View) -> Narration:
    """A slot's references."""
    verb = "drops" if v.moment.op == "swap_free" else "takes"
    what = f"{v.who} {verb} a reference to swap slot {v.args['slot']}: {v.answer} now."
    return v.say("", what, refs=v.answer)
