"""struct page: allocated, referenced, mapped, copied, freed; and the rss counters."""

from __future__ import annotations

from engine.ledger import Moment
from engine.narrate.view import Narration, View, at, frame, tells


@tells("alloc_page_vma", "alloc_zeroed_user_highpage")
def alloc(v: View) -> Narration:
    """A page for user data."""
    zeroed = v.moment.op == "alloc_zeroed_user_highpage"
    page = v.text("alloc_page.zeroed" if zeroed else "alloc_page.any")
    if v.answer is None:
        return v.say("fails", v.text("alloc_page.fails", page=page), v.text("injected"))
    what = v.text("alloc_page", page=page, place=v.place(), frame=frame(v.answer))
    if v.has_any_ptl:
        return v.say("", what)
    return v.say("", what, v.text("alloc_page.why"), page=f"{v.answer:#x}")


@tells("get_page")
def get_page(v: View) -> Narration:
    """A reference."""
    zeroes = v.machine.get(f"page/{v.args['page']:#x}/kind") == "zero"
    key = "get_page.zeroes" if zeroes else "get_page"
    what = v.text(key, page=frame(v.args["page"]), count=v.answer)
    return v.say("", what, v.text("get_page.why"))


@tells("put_page")
def put_page(v: View) -> Narration:
    """A reference less."""
    what = v.text("put_page", page=frame(v.args["page"]), count=v.answer)
    lost = _lost_race(v)
    if lost:
        return v.say("loser", what, lost)
    return v.say("", what, v.text("put_page.why_last") if v.answer == 0 else "")


def _lost_race(v: View) -> str:
    seen: Moment | None = v.seen("read_pte")
    first = seen.seen.get("read_pte") if seen else None
    stored = v.seen("set_pte_at", "ptep_establish", "ptep_clear_flush")
    if seen is None or first is None or stored or first.answer == seen.answer:
        return ""
    if v.moment.inside("zap_page_range") or v.moment.inside("exit_mmap"):
        return ""
    return v.text("put_page.why_loser", step=at(seen))


@tells("free_page")
def free_page(v: View) -> Narration:
    """The last reference is gone."""
    last = v.seen("put_page")
    why = v.text("free_page.why", step=at(last)) if last else ""
    return v.say("", v.text("free_page", page=frame(v.args["page"])), why)


@tells("tlb_remove_page")
def tlb_remove_page(v: View) -> Narration:
    """Gathered."""
    what = v.text("tlb_remove_page", page=frame(v.args["page"]))
    return v.say("", what, v.text("tlb_remove_page.why"))


@tells("read_page_anon")
def read_page_anon(v: View) -> Narration:
    """PageAnon."""
    page = frame(v.args["page"])
    return v.say("", v.text("read_page_anon.yes" if v.answer else "read_page_anon.no", page=page))


@tells("set_page_dirty", "set_page_dirty_balance")
def set_page_dirty(v: View) -> Narration:
    """To be written back."""
    return v.say("", v.text("set_page_dirty", page=frame(v.args["page"])))


@tells("lru_cache_add_active")
def lru(v: View) -> Narration:
    """Reclaim may find it."""
    what = v.text("lru_cache_add_active", page=frame(v.args["page"]))
    return v.say("", what, v.text("lru_cache_add_active.why"))


@tells("anon_vma_prepare")
def anon_vma_prepare(v: View) -> Narration:
    """The vma's anon_vma."""
    vma = v.args["vma"]
    if v.answer is None:
        return v.say("fails", v.text("anon_vma_prepare.fails", vma=vma), v.text("injected"))
    if v.answer == "have":
        return v.say("have", v.text("anon_vma_prepare.have", vma=vma))
    what = v.text("anon_vma_prepare.new", vma=vma)
    return v.say("new", what, v.text("anon_vma_prepare.why_new"))


@tells("read_anon_vma")
def read_anon_vma(v: View) -> Narration:
    """Did the vma ever hold an anonymous page?"""
    vma = v.args["vma"]
    if v.answer:
        return v.say("has", v.text("read_anon_vma.has", vma=vma))
    return v.say("none", v.text("read_anon_vma.none", vma=vma), v.text("read_anon_vma.why_none"))


@tells("page_add_new_anon_rmap", "page_add_anon_rmap", "page_add_file_rmap", "page_dup_rmap")
def rmap(v: View) -> Narration:
    """One mapping more."""
    what = v.text("mapcount.more", page=frame(v.args["page"]), mapcount=v.answer)
    return v.say("", what, mapcount=v.answer)


@tells("dec_mapcount")
def dec_mapcount(v: View) -> Narration:
    """One mapping less."""
    what = v.text("mapcount.less", page=frame(v.args["page"]), mapcount=v.answer)
    if v.answer < 0:
        return v.say("negative", what, v.text("mapcount.why_negative"))
    return v.say("", what, mapcount=v.answer)


@tells("copy_user_highpage")
def copy_user_highpage(v: View) -> Narration:
    """Page to page."""
    to, source = v.args["to"], v.args["source"]
    what = v.text("copy_user_highpage", source=frame(source), to=frame(to))
    why = v.text("copy_user_highpage.why")
    return v.say("", what, why, to=f"{to:#x}", source=f"{source:#x}")


@tells("copy_from_user_inatomic")
def copy_from_user(v: View) -> Narration:
    """Through the user's own mapping."""
    to = v.args["to"]
    if v.answer is None:
        what = v.text("copy_from_user.fails", place=v.place())
        return v.say("fails", what, v.because(v.changed(), v.pte_cell))
    what = v.text("copy_from_user", to=frame(to), place=v.place())
    why = v.text("copy_from_user.why", frame=frame(v.answer))
    return v.say("", what, why, to=f"{to:#x}", source=f"{v.answer:#x}")


@tells("clear_user_highpage")
def clear_user_highpage(v: View) -> Narration:
    """Zeroes."""
    failed = v.seen("copy_from_user_inatomic")
    why = v.text("clear_user_highpage.why", step=at(failed)) if failed else ""
    return v.say("", v.text("clear_user_highpage", frame=frame(v.args["page"])), why)


@tells("pfn_valid")
def pfn_valid(v: View) -> Narration:
    """Has it a struct page?"""
    pfn = frame(v.args["pfn"])
    if v.answer:
        return v.say("valid", v.text("pfn_valid.valid", frame=pfn))
    return v.say("invalid", v.text("pfn_valid.invalid", frame=pfn))


@tells("add_mm_counter")
def add_mm_counter(v: View) -> Narration:
    """rss."""
    amount, counter = v.args["amount"], v.args["counter"]
    of = {"mm": v.args["mm"], "counter": counter}
    what = v.text("add_mm_counter", amount=amount, total=v.answer, **of)
    return v.say("", what, amount=amount, counter=counter)
