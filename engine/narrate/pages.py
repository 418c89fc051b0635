"""struct page: allocated, referenced, mapped, copied, freed; and the rss counters."""

from __future__ import annotations

from engine.ledger import Moment
from engine.narrate.view import Narration, View, frame, tells


@tells("alloc_page_vma", "alloc_zeroed_user_highpage")
def alloc(v: View) -> Narration:
    """A page for user data."""
    zeroed = " of zeroes" if v.moment.op == "alloc_zeroed_user_highpage" else ""
    if v.answer is None:
        what = f"{v.who} asks for a page{zeroed} and gets none."
        return v.say("fails", what, "The scenario makes this allocation fail.")
    what = f"{v.who} allocates a page{zeroed} for {v.place()}: frame {frame(v.answer)}."
    if v.has_any_ptl:
        return v.say("", what)
    return v.say("", what, "No pte lock is held: an allocation may sleep.", page=f"{v.answer:#x}")


@tells("get_page")
def get_page(v: View) -> Narration:
    """A reference."""
    what = f"{v.who} takes a reference to page {frame(v.args['page'])}: count {v.answer}."
    return v.say("", what, "So it cannot be freed while it is in use.")


@tells("put_page")
def put_page(v: View) -> Narration:
    """A reference less."""
    what = f"{v.who} drops its reference to page {frame(v.args['page'])}: count {v.answer}."
    lost = _lost_race(v)
    if lost:
        return v.say("loser", what, lost)
    return v.say("", what, "That was the last one." if v.answer == 0 else "")


def _lost_race(v: View) -> str:
    seen: Moment | None = v.seen("read_pte")
    first = seen.seen.get("read_pte") if seen else None
    stored = v.seen("set_pte_at", "ptep_establish", "ptep_clear_flush")
    if seen is None or first is None or stored or first.answer == seen.answer:
        return ""
    if v.moment.inside("zap_page_range"):
        return ""
    return f"Because #{seen.number} found that the pte had changed; the page is not needed."


@tells("free_page")
def free_page(v: View) -> Narration:
    """The last reference is gone."""
    last = v.seen("put_page")
    why = f"Because its count fell to zero at #{last.number}." if last else ""
    return v.say("", f"{v.who} gives frame {frame(v.args['page'])} back to the allocator.", why)


@tells("tlb_remove_page")
def tlb_remove_page(v: View) -> Narration:
    """Gathered."""
    what = f"{v.who} keeps page {frame(v.args['page'])} aside, to be freed after the flush."
    return v.say("", what, "Until then another CPU may still use it through its TLB.")


@tells("read_page_anon")
def read_page_anon(v: View) -> Narration:
    """PageAnon."""
    yes = "it is" if v.answer else "it is not"
    return v.say("", f"{v.who} asks whether page {frame(v.args['page'])} is anonymous: {yes}.")


@tells("set_page_dirty", "set_page_dirty_balance")
def set_page_dirty(v: View) -> Narration:
    """To be written back."""
    what = f"{v.who} marks page {frame(v.args['page'])} dirty: it must be written back."
    return v.say("", what)


@tells("lru_cache_add_active")
def lru(v: View) -> Narration:
    """Reclaim may find it."""
    what = f"{v.who} puts page {frame(v.args['page'])} on the active list."
    return v.say("", what, "From here reclaim can find it.")


@tells("anon_vma_prepare")
def anon_vma_prepare(v: View) -> Narration:
    """The vma's anon_vma."""
    vma = v.args["vma"]
    if v.answer is None:
        what = f"{v.who} needs an `anon_vma` for `{vma}` and gets none: out of memory."
        return v.say("fails", what, "The scenario makes this allocation fail.")
    if v.answer == "have":
        return v.say("have", f"{v.who} finds that `{vma}` has its `anon_vma` already.")
    why = "It will hold a page of its own, which the kernel must be able to find."
    return v.say("new", f"{v.who} gives `{vma}` an `anon_vma`.", why)


@tells("read_anon_vma")
def read_anon_vma(v: View) -> Narration:
    """Did the vma ever hold an anonymous page?"""
    if v.answer:
        return v.say("has", f"{v.who} sees that `{v.args['vma']}` may hold pages of its own.")
    what = f"{v.who} sees that `{v.args['vma']}` never held a page of its own."
    return v.say("none", what, "So its ptes need no copy: faults will find the pages again.")


@tells("page_add_new_anon_rmap", "page_add_anon_rmap", "page_add_file_rmap", "page_dup_rmap")
def rmap(v: View) -> Narration:
    """One mapping more."""
    page = frame(v.args["page"])
    what = f"{v.who} counts one more mapping of page {page}: mapcount {v.answer}."
    return v.say("", what, mapcount=v.answer)


@tells("dec_mapcount")
def dec_mapcount(v: View) -> Narration:
    """One mapping less."""
    page = frame(v.args["page"])
    what = f"{v.who} counts one mapping less of page {page}: mapcount {v.answer}."
    if v.answer < 0:
        return v.say("negative", what, "This mapping was never counted.")
    return v.say("", what, mapcount=v.answer)


@tells("copy_user_highpage")
def copy_user_highpage(v: View) -> Narration:
    """Page to page."""
    to, source = v.args["to"], v.args["source"]
    what = f"{v.who} copies the contents of page {frame(source)} into {frame(to)}."
    return v.say("", what, "From now on the two may differ.", to=f"{to:#x}", source=f"{source:#x}")


@tells("copy_from_user_inatomic")
def copy_from_user(v: View) -> Narration:
    """Through the user's own mapping."""
    to = v.args["to"]
    if v.answer is None:
        what = f"{v.who} tries to copy by reading {v.place()} as a user; the read faults."
        changed = v.changed()
        return v.say("fails", what, f"Because {v.deed(changed, v.pte_cell)}." if changed else "")
    what = f"{v.who} copies into {frame(to)} by reading {v.place()} as the user would."
    why = f"`vm_normal_page` named no `struct page` for frame {frame(v.answer)} to copy from."
    return v.say("", what, why, to=f"{to:#x}", source=f"{v.answer:#x}")


@tells("clear_user_highpage")
def clear_user_highpage(v: View) -> Narration:
    """Zeroes."""
    failed = v.seen("copy_from_user_inatomic")
    why = f"Because the copy failed at #{failed.number}." if failed else ""
    return v.say("", f"{v.who} fills frame {frame(v.args['page'])} with zeroes.", why)


@tells("pfn_valid")
def pfn_valid(v: View) -> Narration:
    """Has it a struct page?"""
    has = "has a" if v.answer else "has no"
    what = f"{v.who} checks frame {frame(v.args['pfn'])}: it {has} `struct page`."
    return v.say("valid" if v.answer else "invalid", what)


@tells("add_mm_counter")
def add_mm_counter(v: View) -> Narration:
    """rss."""
    amount, counter = v.args["amount"], v.args["counter"]
    what = f"{v.who} adds {amount} to `{v.args['mm']}`'s `{counter}_rss`: {v.answer}."
    return v.say("", what, amount=amount, counter=counter)
