"""Who maps a page: the one place where a mapcount can go wrong."""

from engine.ops import BUG_ON, dec_mapcount


def page_remove_rmap(k, page):
    """One mapping less; below zero somebody unmapped what was never mapped (mm/rmap.c, 2.6.17)."""
    mapcount = yield dec_mapcount(page)
    if mapcount < 0:
        yield BUG_ON(True, "negative mapcount (page_remove_rmap)")
