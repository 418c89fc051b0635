"""What a run knows besides its cells: constants of the scenario, and the cells' names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.model.arch import Arch
from engine.model.cells import Machine

PREFIX_DEVICE = 0xDE << 56
"""Device memory reads as this, or'ed with its pfn, until somebody writes to it."""


@dataclass(frozen=True)
class Source:
    """Who answers a fault of a vma: a driver or a file.

    nopfn, nopage: the answers in order of calls (the last repeats), each (value, type); a value is
    a pfn, an error, or None for `base` + page index. pages: page index -> pfn in the page cache.
    """

    name: str
    nopfn: tuple[tuple[int | None, int | None], ...] = ((None, None),)
    nopage: tuple[tuple[int | None, int | None], ...] = ((None, None),)
    base: int = 0
    pages: dict[int, int] = field(default_factory=dict)
    mkwrite: int = 1
    counts_dirty: bool = False


@dataclass(frozen=True)
class World:
    """Constants of a run. ram_pages: frames below this number have a struct page.

    blank_mapcount: the mapcount of a struct page that nobody has allocated.
    vma_ranges: thread -> vma -> (start, end), for two processes may have vmas of one name.
    victims: thread -> the threads of its process, for those that somebody kills.
    """

    arch: Arch
    ram_pages: int
    cpus: int
    cpu_of: dict[str, int]
    sources: dict[str, Source]
    vma_ranges: dict[str, dict[str, tuple[int, int]]]
    fails: dict[str, frozenset[int] | None]
    blank_mapcount: int = 0
    victims: dict[str, tuple[str, ...]] = field(default_factory=dict)


Verb = Callable[..., Any]
"""verb(machine, world, thread, *args) -> answer: performs one op."""

VERBS: dict[str, Verb] = {}


def verb(function: Verb) -> Verb:
    """Register what an op does, under the op's own name."""
    VERBS[function.__name__] = function
    return function


def pte_cell(mm: str, address: int) -> str:
    """The cell of a pte."""
    return f"pte/{mm}/{address >> 12:#x}"


def pmd_cell(world: World, mm: str, address: int) -> str:
    """The cell of the entry that points to a page-table page."""
    return f"pmd/{mm}/{world.arch.pte_page(address):#x}"


def tlb_cell(cpu: int, address: int) -> str:
    """The cell of a CPU's TLB entry for a page."""
    return f"tlb/{cpu}/{address >> 12:#x}"


def page_cell(page: int, what: str) -> str:
    """The cell of one field of a struct page."""
    return f"page/{page:#x}/{what}"


def has_page(world: World, pfn: int) -> bool:
    """Whether a frame has a struct page."""
    return pfn < world.ram_pages


def new_page(m: Machine, kind: str, contents: int = 0) -> int:
    """Take the next free frame: count 1, mapped nowhere."""
    page: int = m.look("memory/next_free")
    m.put("memory/next_free", page + 1)
    m.put(page_cell(page, "kind"), kind)
    m.put(page_cell(page, "count"), 1)
    m.put(page_cell(page, "mapcount"), 0)
    m.put(frame_cell(page), contents)
    return page


def frame_cell(pfn: int) -> str:
    """The cell of a frame's contents."""
    return f"frame/{pfn:#x}"


def contents(m: Machine, world: World, pfn: int) -> int:
    """The first eight bytes of a frame."""
    value = m.look(frame_cell(pfn))
    if value is None:
        return 0 if has_page(world, pfn) else PREFIX_DEVICE | pfn
    return int(value)


def fails(m: Machine, world: World, op: str) -> bool:
    """Whether the scenario makes this call of the op fail (inject); counts the calls if it must."""
    if op not in world.fails:
        return False
    which = world.fails[op]
    return which is None or m.add(f"inject/{op}", 1) in which
