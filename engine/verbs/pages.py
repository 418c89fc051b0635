"""What the ops on struct pages, swap slots and rss counters do."""

from __future__ import annotations

from engine.model.cells import Machine
from engine.verbs.world import (
    World,
    contents,
    fails,
    frame_cell,
    has_page,
    new_page,
    page_cell,
    verb,
)


def get(m: Machine, page: int, what: str) -> int:
    """A number in a struct page."""
    return m.look(page_cell(page, what)) or 0


def _count_mapping(m: Machine, w: World, page: int, amount: int) -> int:
    was = m.look(page_cell(page, "mapcount"))
    now: int = (w.blank_mapcount if was is None else was) + amount
    m.put(page_cell(page, "mapcount"), now)
    return now


@verb
def alloc_page_vma(m: Machine, w: World, t: str, mm: str, address: int) -> int | None:
    return None if fails(m, w, "alloc_page_vma") else new_page(m, "anon")


@verb
def alloc_zeroed_user_highpage(m: Machine, w: World, t: str, mm: str, address: int) -> int | None:
    return None if fails(m, w, "alloc_zeroed_user_highpage") else new_page(m, "anon")


@verb
def get_page(m: Machine, w: World, t: str, page: int) -> int:
    return m.add(page_cell(page, "count"), 1)


@verb
def put_page(m: Machine, w: World, t: str, page: int) -> int:
    return m.add(page_cell(page, "count"), -1)


@verb
def free_page(m: Machine, w: World, t: str, page: int) -> None:
    m.put(page_cell(page, "kind"), "free")


@verb
def tlb_remove_page(m: Machine, w: World, t: str, page: int) -> None:
    """Gathered; the reference is dropped after the flush."""


@verb
def read_page_anon(m: Machine, w: World, t: str, page: int) -> int:
    return get(m, page, "anon")


@verb
def set_page_dirty(m: Machine, w: World, t: str, page: int) -> None:
    m.put(page_cell(page, "dirty"), 1)


@verb
def set_page_dirty_balance(m: Machine, w: World, t: str, page: int) -> None:
    m.put(page_cell(page, "dirty"), 1)


@verb
def lru_cache_add_active(m: Machine, w: World, t: str, page: int) -> None:
    m.put(page_cell(page, "lru"), 1)


@verb
def page_add_new_anon_rmap(m: Machine, w: World, t: str, page: int, vma: str, address: int) -> int:
    m.put(page_cell(page, "anon"), 1)
    m.put(page_cell(page, "mapcount"), 1)
    return 1


@verb
def page_add_anon_rmap(m: Machine, w: World, t: str, page: int, vma: str, address: int) -> int:
    m.put(page_cell(page, "anon"), 1)
    return _count_mapping(m, w, page, 1)


@verb
def page_add_file_rmap(m: Machine, w: World, t: str, page: int) -> int:
    return _count_mapping(m, w, page, 1)


@verb
def page_dup_rmap(m: Machine, w: World, t: str, page: int) -> int:
    return _count_mapping(m, w, page, 1)


@verb
def dec_mapcount(m: Machine, w: World, t: str, page: int) -> int:
    return _count_mapping(m, w, page, -1)


@verb
def copy_user_highpage(m: Machine, w: World, t: str, to: int, source: int, address: int) -> None:
    m.put(frame_cell(to), contents(m, w, source))


@verb
def clear_user_highpage(m: Machine, w: World, t: str, page: int, address: int) -> None:
    m.put(frame_cell(page), 0)


@verb
def pfn_valid(m: Machine, w: World, t: str, pfn: int) -> bool:
    return has_page(w, pfn)


@verb
def add_mm_counter(m: Machine, w: World, t: str, mm: str, counter: str, amount: int) -> int:
    return m.add(f"rss/{mm}/{counter}", amount)


# --- swap: a slot has references, maybe a page in the swap cache, and contents


@verb
def lookup_swap_cache(m: Machine, w: World, t: str, slot: int) -> int | None:
    page: int | None = m.look(f"swap/{slot}/page")
    if page is not None:
        m.add(page_cell(page, "count"), 1)
    return page


@verb
def swapin_readahead(m: Machine, w: World, t: str, slot: int) -> None:
    """A hint; the model reads the one page that matters."""


@verb
def read_swap_cache_async(
    m: Machine, w: World, t: str, slot: int, mm: str, address: int
) -> int | None:
    if fails(m, w, "read_swap_cache_async"):
        return None
    page = lookup_swap_cache(m, w, t, slot)
    if page is None:
        page = new_page(m, "swapcache", m.look(f"swap/{slot}/contents"))
        m.add(page_cell(page, "count"), 1)
        m.put(f"swap/{slot}/page", page)
        m.put(page_cell(page, "slot"), slot)
    return int(page)


@verb
def grab_swap_token(m: Machine, w: World, t: str, mm: str) -> None:
    """Reclaim is not modelled."""


@verb
def read_page_uptodate(m: Machine, w: World, t: str, page: int) -> bool:
    return not m.look(page_cell(page, "read_error"))


@verb
def can_share_swap_page(m: Machine, w: World, t: str, page: int) -> int:
    users = get(m, page, "mapcount")
    slot = m.look(page_cell(page, "slot"))
    if users <= 1 and slot is not None:
        users += m.look(f"swap/{slot}/refs")
    return int(users == 1)


@verb
def swap_free(m: Machine, w: World, t: str, slot: int) -> int:
    return m.add(f"swap/{slot}/refs", -1)


@verb
def swap_duplicate(m: Machine, w: World, t: str, slot: int) -> int:
    return m.add(f"swap/{slot}/refs", 1)
