"""Bringing pages back from swap."""

from __future__ import annotations

from engine.narrate.view import Narration, View, at, frame, tells


@tells("lookup_swap_cache")
def lookup_swap_cache(v: View) -> Narration:
    """Is the page in memory already?"""
    slot = v.args["slot"]
    if v.answer is None:
        return v.say("miss", v.text("lookup_swap_cache.miss", slot=slot))
    what = v.text("lookup_swap_cache.hit", slot=slot, page=frame(v.answer))
    return v.say("hit", what, _read_in(v))


def _read_in(v: View) -> str:
    writer = v.wrote(f"swap/{v.args['slot']}/page")
    if writer is None:
        return ""
    return v.text("swap.why_read_in", other=f"@{writer.thread}", step=at(writer))


@tells("swapin_readahead")
def swapin_readahead(v: View) -> Narration:
    """A hint."""
    return v.say("", v.text("swapin_readahead", slot=v.args["slot"]))


@tells("read_swap_cache_async")
def read_swap_cache_async(v: View) -> Narration:
    """The read itself."""
    slot = v.args["slot"]
    if v.answer is None:
        return v.say("fails", v.text("read_swap.fails", slot=slot), v.text("injected"))
    if f"swap/{slot}/page" in v.moment.delta:
        what = v.text("read_swap.reads", slot=slot, page=frame(v.answer))
        return v.say("reads", what, v.text("read_swap.why_reads"))
    what = v.text("read_swap.late_hit", slot=slot, page=frame(v.answer))
    return v.say("late_hit", what, _read_in(v))


@tells("grab_swap_token")
def grab_swap_token(v: View) -> Narration:
    """Ask to be spared."""
    return v.say("", v.text("grab_swap_token", mm=v.args["mm"]))


@tells("read_page_uptodate")
def read_page_uptodate(v: View) -> Narration:
    """Did the read work?"""
    page = frame(v.args["page"])
    if v.answer:
        return v.say("good", v.text("read_page_uptodate.good", page=page))
    return v.say("bad", v.text("read_page_uptodate.bad", page=page))


@tells("can_share_swap_page")
def can_share_swap_page(v: View) -> Narration:
    """Is the page ours alone?"""
    page = frame(v.args["page"])
    if v.answer:
        return v.say("alone", v.text("can_share_swap_page.alone", page=page))
    what = v.text("can_share_swap_page.shared", page=page)
    return v.say("shared", what, v.text("can_share_swap_page.why_shared"))


@tells("swap_free", "swap_duplicate")
def swap_count(v: View) -> Narration:
    """A slot's references."""
    key = "swap_count.less" if v.moment.op == "swap_free" else "swap_count.more"
    return v.say("", v.text(key, slot=v.args["slot"], refs=v.answer), refs=v.answer)
