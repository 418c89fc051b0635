"""Rules about struct pages and frames: who counts what, and whose data is whose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.invariants.base import (
    End,
    Found,
    View,
    found,
    normal_page,
    pte_place,
    tlb_entries,
    vma_of,
)
from engine.messages import Message
from engine.model.pte import pte_present
from engine.model.vma import VM_SHARED
from engine.verbs.world import frame_cell, has_page, page_cell, pte_cell

OWNERS = {
    "zero": "cow_isolation.zero",
    "pagecache": "cow_isolation.pagecache",
    "driver": "cow_isolation.driver",
}
"""Kinds of pages that no private mapping may write to, and the message that says why."""

OWN_REFERENCE = {"zero", "pagecache", "driver", "swapcache", "pagetable"}
"""Kinds of pages that somebody besides the ptes holds one reference to."""


def cow_isolation(view: View) -> Iterator[Found]:
    """A write through a private mapping changes nobody else's data.

    Source: mmap(2), MAP_PRIVATE; Linus Torvalds on do_no_pfn, April 2006. While fork owes its flush
    the write counts as older than the fork.
    """
    pfn = _written(view)
    if pfn is None or _shared(view):
        return
    mm, address, _ = view.op.args
    kind = view.machine.get(page_cell(pfn, "kind"))
    did = _wrote(view, pfn, shared=False)
    if not has_page(view.world, pfn):
        yield found("cow_isolation.device", (frame_cell(pfn),), wrote=did)
    elif kind in OWNERS:
        yield found(OWNERS[kind], (frame_cell(pfn), page_cell(pfn, "kind")), wrote=did)
    elif not view.owed(mm, address >> 12):
        for cell in _maps(view, pfn):
            if cell != pte_cell(mm, address):
                yield found("cow_isolation.other", (frame_cell(pfn), cell), wrote=did, cell=cell)


def zero_page(view: View) -> Iterator[Found]:
    """Nobody writes to the page of zeroes.

    Source: do_anonymous_page maps ZERO_PAGE for every read of anonymous memory (mm/memory.c,
    2.6.17); whoever maps it relies on the zeroes.
    """
    pfn = _written(view)
    if pfn is not None and view.machine.get(page_cell(pfn, "kind")) == "zero":
        did = _wrote(view, pfn, shared=_shared(view))
        yield found("zero_page.written", (frame_cell(pfn), page_cell(pfn, "kind")), wrote=did)


def _written(view: View) -> int | None:
    """The frame that this access has written to, if it has."""
    _, _, write = view.op.args
    return view.step.answer[1] if write and view.step.answer[0] == "ok" else None


def _shared(view: View) -> bool:
    mm, address, _ = view.op.args
    vma = vma_of(view.machine, mm, address >> 12)
    return vma is not None and bool(view.machine[f"vma/{mm}/{vma}/flags"] & VM_SHARED)


def _wrote(view: View, pfn: int, shared: bool) -> Message:
    key = "invariants.wrote.by_shared" if shared else "invariants.wrote.by_private"
    return Message(key, {"who": view.thread, "frame": f"{pfn:#x}"})


def _maps(end: End, pfn: int) -> Iterator[str]:
    """The cells of all present ptes that map the frame."""
    for cell, pte in end.machine.under("pte/"):
        if pte_present(pte) and end.world.arch.pte_pfn(pte) == pfn:
            yield cell


def freed_page(view: View) -> Iterator[Found]:
    """A page is freed when no pte, no TLB and no owner knows it, and never used again.

    Source: include/asm-generic/tlb.h, 2.6.17: pages are freed after the flush.
    """
    if view.op.name == "free_page":
        page = view.op.args[0]
        for cell, was, _ in view.step.delta:
            if was in OWN_REFERENCE:
                fields = {"who": view.thread, "frame": f"{page:#x}", "kind": _kind(was)}
                yield found("freed_page.owned", (cell,), **fields)
    elif view.op.name == "access" and view.step.answer[0] == "ok":
        page = view.step.answer[1]
        if view.machine.get(page_cell(page, "kind")) == "free":
            cells = (page_cell(page, "kind"),)
            yield found("freed_page.used", cells, who=view.thread, frame=f"{page:#x}")
        return
    else:
        return
    yield from _known(view, page)


def freed_at_end(end: End) -> Iterator[Found]:
    """At the end no freed page is in a page table or a TLB."""
    for cell, kind in end.machine.items():
        if kind == "free" and cell.endswith("/kind"):
            yield from _known(end, int(cell.split("/")[1], 16))


def _known(end: End, page: int) -> Iterator[Found]:
    for cell in _maps(end, page):
        yield found("freed_page.mapped", (cell,), frame=f"{page:#x}", cell=cell)
    for cell, _, _, pfn, _ in tlb_entries(end.machine):
        if pfn == page:
            yield found("freed_page.in_tlb", (cell,), frame=f"{page:#x}", cell=cell)


def mapcount(view: View) -> Iterator[Found]:
    """No page is unmapped more often than it was mapped.

    Source: page_remove_rmap's BUG_ON(page_mapcount(page) < 0), mm/rmap.c, 2.6.17.
    """
    for cell, _, now in view.step.delta:
        if cell.endswith("/mapcount") and now is not None and now < 0:
            yield found("mapcount.below", (cell,), who=view.thread, count=now)


def counts(view: View) -> Iterator[Found]:
    """No reference is dropped that was not taken.

    Source: put_page_testzero's BUG_ON(atomic_read(&page->_count) == 0), include/linux/mm.h, 2.6.17.
    """
    for cell, _, now in view.step.delta:
        if cell.startswith("page/") and cell.endswith("/count") and now is not None and now < 0:
            yield found("counts.below", (cell,), who=view.thread, count=now)


def counts_at_end(end: End) -> Iterator[Found]:
    """When all programs are done, mapcount, count and rss are what the page tables say.

    Source: mm/rmap.c and the counters of mm_struct (include/linux/sched.h), 2.6.17; vm_normal_page
    says which ptes count. A thread that died in the kernel leaves counters as they were.
    """
    m = end.machine
    if any(end.sim.position[t].op is not None or f"task/{t}/bug" in m for t in end.sim.threads):
        return
    maps: Counter[int] = Counter()
    raw: set[int] = set()
    rss: Counter[str] = Counter()
    for cell, pte in m.items():
        if cell.startswith("pte/") and pte_present(pte):
            mm, number = pte_place(cell)
            page = normal_page(end, mm, number, pte)
            if page is None:
                raw.add(end.world.arch.pte_pfn(pte))
            else:
                maps[page] += 1
                rss[f"rss/{mm}/{'anon' if m.get(page_cell(page, 'anon')) else 'file'}"] += 1
    yield from _page_counts(end, maps, raw)
    for cell, value in m.items():
        if cell.startswith("rss/") and value != rss[cell]:
            yield found("counts.rss", (cell,), cell=cell, value=value, right=rss[cell])


def _page_counts(end: End, maps: Counter[int], raw: set[int]) -> Iterator[Found]:
    """raw: the frames of ptes for which vm_normal_page answers NULL."""
    m = end.machine
    pages = {int(cell.split("/")[1], 16) for cell in m if cell.startswith("page/")}
    for page in sorted(pages.union(maps)):
        kind = m.get(page_cell(page, "kind"), "unmanaged")
        blank = end.world.blank_mapcount if kind == "unmanaged" else 0
        users = maps[page] + (kind in OWN_REFERENCE)
        for field, right in (("mapcount", maps[page] + blank), ("count", users)):
            value = m.get(page_cell(page, field), blank if field == "mapcount" else 0)
            if value != right:
                fields = {
                    "kind": _kind(kind), "page": f"{page:#x}",
                    "counter": field, "value": value, "right": right,
                }  # fmt: skip
                uncounted = page in raw and not maps[page] and value > right
                key = "counts.uncounted" if uncounted else "counts.page"
                yield found(key, (page_cell(page, field),), **fields)


def _kind(kind: str) -> Message:
    """What kind of page it is, in words."""
    return Message(f"kinds.{kind}", {})
