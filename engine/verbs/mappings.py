"""What the ops on vmas, drivers and files do."""

from __future__ import annotations

from engine.model import pte as bits
from engine.model.cells import Machine
from engine.model.vma import VM_LOCKED, VM_SHARED, Vma, VmOps
from engine.verbs.world import World, fails, page_cell, verb


def vma_cell(mm: str, vma: str, what: str) -> str:
    """The cell of one field of a vma."""
    return f"vma/{mm}/{vma}/{what}"


def snapshot(m: Machine, mm: str, vma: str) -> Vma:
    """A vma as it is now."""
    ops = m.look(vma_cell(mm, vma, "ops"))
    return Vma(
        vma,
        m.look(vma_cell(mm, vma, "start")),
        m.look(vma_cell(mm, vma, "end")),
        m.look(vma_cell(mm, vma, "flags")),
        m.look(vma_cell(mm, vma, "prot")),
        m.look(vma_cell(mm, vma, "pgoff")),
        None if ops is None else VmOps(*(name in ops for name in VmOps._fields)),
        m.look(vma_cell(mm, vma, "file")),
        m.look(vma_cell(mm, vma, "driver")),
    )


@verb
def find_vma(m: Machine, w: World, t: str, mm: str, address: int) -> Vma | None:
    for vma in m.look(f"mm/{mm}/vmas"):
        start, end = w.vma_ranges[t][vma]
        if start <= address < end:
            return snapshot(m, mm, vma)
    return None


@verb
def read_vma(m: Machine, w: World, t: str, mm: str, vma: str) -> Vma:
    return snapshot(m, mm, vma)


@verb
def read_vmas(m: Machine, w: World, t: str, mm: str) -> tuple[Vma, ...]:
    return tuple(snapshot(m, mm, vma) for vma in m.look(f"mm/{mm}/vmas"))


@verb
def begin_fork(m: Machine, w: World, t: str, mm: str, child: str) -> None:
    """Nothing has happened yet."""


@verb
def new_mm(m: Machine, w: World, t: str, mm: str, child: str) -> None:
    m.put(f"mm/{child}/vmas", ())
    m.put(f"rss/{child}/anon", 0)
    m.put(f"rss/{child}/file", 0)


@verb
def copy_vma(m: Machine, w: World, t: str, mm: str, child: str, vma: str) -> None:
    for what in ("start", "end", "flags", "prot", "pgoff", "ops", "file", "driver", "anon_vma"):
        now = m.look(vma_cell(mm, vma, what))
        m.put(vma_cell(child, vma, what), now & ~VM_LOCKED if what == "flags" else now)
    m.put(f"mm/{child}/vmas", (*m.look(f"mm/{child}/vmas"), vma))


@verb
def anon_vma_prepare(m: Machine, w: World, t: str, mm: str, vma: str) -> str | None:
    if m.look(vma_cell(mm, vma, "anon_vma")):
        return "have"
    if fails(m, w, "anon_vma_prepare"):
        return None
    m.put(vma_cell(mm, vma, "anon_vma"), 1)
    return "new"


@verb
def read_anon_vma(m: Machine, w: World, t: str, mm: str, vma: str) -> int:
    return m.look(vma_cell(mm, vma, "anon_vma")) or 0


@verb
def set_vma_flags(m: Machine, w: World, t: str, mm: str, vma: str, flags: int) -> None:
    m.put(vma_cell(mm, vma, "flags"), flags)
    m.put(vma_cell(mm, vma, "prot"), w.arch.protection_map(flags))


@verb
def set_vma_prot(m: Machine, w: World, t: str, mm: str, vma: str, flags: int) -> None:
    m.put(vma_cell(mm, vma, "prot"), w.arch.protection_map(flags & ~VM_SHARED))


@verb
def set_vma_pgoff(m: Machine, w: World, t: str, mm: str, vma: str, pgoff: int) -> None:
    m.put(vma_cell(mm, vma, "pgoff"), pgoff)


# --- drivers and files


def page_index(w: World, t: str, vma: str, address: int) -> int:
    """Which page of its source the address shows. The vma's pgoff never moves after mmap here."""
    start, _ = w.vma_ranges[t][vma]
    return (address - start) >> bits.PAGE_SHIFT


@verb
def nopfn_call(m: Machine, w: World, t: str, vma: str, address: int) -> None:
    """Inside the driver; it decides at its own pace."""


@verb
def nopfn_ret(
    m: Machine, w: World, t: str, driver: str, vma: str, address: int
) -> tuple[int, int | None]:
    source = w.sources[driver]
    call = m.add(f"driver/{driver}/calls", 1)
    pfn, type = source.nopfn[min(call, len(source.nopfn)) - 1]
    if pfn is None:
        pfn = source.base + page_index(w, t, vma, address)
    return pfn, type


@verb
def nopage_call(m: Machine, w: World, t: str, vma: str, address: int) -> None:
    """Inside the file or driver; it may sleep."""


@verb
def nopage_ret(
    m: Machine, w: World, t: str, source: str, vma: str, address: int
) -> tuple[int, int]:
    owner = w.sources[source]
    call = m.add(f"driver/{source}/calls", 1)
    page, type = owner.nopage[min(call, len(owner.nopage)) - 1]
    if page is None:
        page = owner.pages.get(page_index(w, t, vma, address), 0)
    if page > 0:
        m.add(page_cell(page, "count"), 1)
    return page, 2 if type is None else type


@verb
def page_mkwrite_call(m: Machine, w: World, t: str, vma: str, page: int) -> None:
    """Inside the file system."""


@verb
def page_mkwrite_ret(m: Machine, w: World, t: str, source: str, page: int) -> int:
    return w.sources[source].mkwrite


@verb
def read_truncate_count(m: Machine, w: World, t: str, file: str) -> int:
    return m.look(f"file/{file}/truncate_count") or 0


@verb
def bump_truncate_count(m: Machine, w: World, t: str, file: str) -> None:
    m.add(f"file/{file}/truncate_count", 1)


@verb
def mapping_cap_account_dirty(m: Machine, w: World, t: str, file: str) -> bool:
    return w.sources[file].counts_dirty


@verb
def install_nonlinear(m: Machine, w: World, t: str, mm: str, vma: str, address: int) -> int:
    raise NotImplementedError("->populate: scenarios with VM_NONLINEAR are refused")
