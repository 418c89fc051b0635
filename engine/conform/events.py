"""The ordered events of a run and of a row, in one vocabulary: tuples, a class member each.

Classes compared (the rows' FORMAT, last section): mmap_sem, ptl and page-lock operations; driver
calls and returns; page allocation; copies; pte stores; TLB flushes; references; rss; rmap; return
codes; BUG.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from engine.conform.outcome import KINDS, PAGE_ADDRESS
from engine.model import pte as bits
from engine.outcomes import return_name
from engine.simulation import Simulation, Step

Event = tuple[Any, ...]

SEM = ("down_read", "up_read", "down_write", "up_write")
SILENT = frozenset(
    [
        "find_vma",
        "read_pmd",
        "read_pte",
        "read_vma",
        "read_vmas",
        "new_mm",
        "copy_vma",
        "read_page_anon",
        "read_anon_vma",
        "pfn_valid",
        "read_page_uptodate",
        "read_truncate_count",
        "count_fault",
        "ptep_get_and_clear",
        "pte_clear_high",
        "set_vma_prot",
        "set_vma_pgoff",
        "mapping_cap_account_dirty",
        "force_sig",
        "do_exit",
    ]
)
"""Ops after which the rows' harness records nothing, so that it never switches threads there."""


def recorded(step: Step) -> bool:
    """Whether the harness would have recorded an event here, and so could have switched threads."""
    op = step.node.op
    assert op is not None
    if op.name == "access":
        return bool(step.answer[0] == "ok")
    if op.name == "BUG_ON":
        return bool(op.args[0])
    return op.name not in SILENT


# --- of a row


def of_row(row: dict[str, Any]) -> list[Event]:
    """The events of a row's example trace, by T0 and T1, setup left out."""
    texts = row["events"]
    if row["scenario"]["vma"] == "anon_swapped":
        first = next((i for i, t in enumerate(texts) if " access " in t or "down_write" in t), 0)
        texts = texts[first:]
    events = []
    for text in texts:
        thread, _, rest = text.partition(" ")
        event = _parse(rest)
        if event is not None:
            events.append((thread, *event))
    return events


PATTERNS: tuple[tuple[str, Callable[[re.Match[str]], Event]], ...] = (
    (r"(down_read|up_read|down_write|up_write) mmap_sem mm\d", lambda m: (m[1],)),
    (r"(lock|unlock) (?:src_)?ptl.*", lambda m: (m[1], "ptl")),
    (r"(lock_page|unlock_page) (\w+)#\d+", lambda m: (m[1], m[2])),
    (r"trylock_page (\w+)#\d+ -> (\d)", lambda m: ("trylock_page", m[1], int(m[2]))),
    (r"(nopfn|nopage|page_mkwrite)\.call", lambda m: (f"{m[1]}.call",)),
    (r"nopfn\.ret (0x\w+)", lambda m: ("nopfn.ret", _frame(m[1]))),
    (
        r"nopage\.ret (\w+)#\d+ count=(\d+)(?: \*type=(\w+))?",
        lambda m: ("nopage.ret", m[1], int(m[2]), m[3]),
    ),
    (r"nopage\.ret (SIGBUS|OOM|REFAULT)", lambda m: ("nopage.ret", m[1])),
    (r"page_mkwrite\.ret (-?\d+)", lambda m: ("page_mkwrite.ret", int(m[1]) < 0)),
    (r"(alloc_page|alloc_zeroed_page|pte_alloc_one) -> NULL", lambda m: (m[1], None)),
    (r"(alloc_page|alloc_zeroed_page|pte_alloc_one) (\w+)#\d+", lambda m: (m[1], m[2])),
    (r"pte_free .*", lambda m: ("pte_free",)),
    (r"read_swap_cache_async -> (NULL|swapcache).*", lambda m: ("read_swap", m[1])),
    (r"copy_user_highpage (\w+)#\d+ <- (\w+)#\d+", lambda m: ("copy", m[1], m[2])),
    (r"copy_from_user\(user va\) reads pfn=.*", lambda m: ("copy_from_user", True)),
    (r"copy_from_user\(user va\) FAILS.*", lambda m: ("copy_from_user", False)),
    (
        r"set_pte_at mm(\d) pfn=(0x\w+) ([PRWDA|]*)( OVERWRITES)?",
        lambda m: ("set_pte_at", int(m[1]), _frame(m[2]), m[3]),
    ),
    (r"set_pte_at mm(\d) pfn=\w+ (swap|none).*", lambda m: ("set_pte_at", int(m[1]), m[2])),
    (
        r"(ptep_establish|ptep_set_access_flags) pfn=(0x\w+) ([PRWDA|]*)",
        lambda m: (m[1], _frame(m[2]), m[3]),
    ),
    (r"ptep_clear_flush old pfn=(0x\w+) .*", lambda m: ("ptep_clear_flush", _frame(m[1]))),
    (
        r"ptep_set_wrprotect mm(\d) pfn=(0x\w+) ([PRWDA|]*)",
        lambda m: ("ptep_set_wrprotect", _frame(m[2]), m[3]),
    ),
    (r"(flush_tlb_page|flush_tlb_range|flush_tlb_mm)", lambda m: (m[1],)),
    (r"tlb_finish \(flush\)", lambda m: ("tlb_finish",)),
    (r"(get_page|put_page) (\w+)#\d+ count=(-?\d+)", lambda m: (m[1], m[2], int(m[3]))),
    (r"free_page (\w+)#\d+", lambda m: ("free_page", m[1])),
    (r"rss mm(\d) (anon|file)_rss([+-]\d+)", lambda m: ("rss", int(m[1]), m[2], int(m[3]))),
    (r"rmap\.(\w+) (\w+)#\d+ mapcount=(-?\d+)", lambda m: ("rmap", m[1], m[2], int(m[3]))),
    (r"return (\S+)", lambda m: ("return", m[1])),
    (r"\*\*\* (.*)", lambda m: ("BUG", m[1].partition(" (")[0])),
)
COMPILED = tuple((re.compile(pattern + "$"), make) for pattern, make in PATTERNS)


def _parse(text: str) -> Event | None:
    for pattern, make in COMPILED:
        if match := pattern.match(text):
            return make(match)
    return None


def _frame(text: str) -> str:
    """A device frame by number; any RAM frame as one word: its number is the allocator's."""
    pfn = int(text, 16)
    return f"{pfn:#x}" if pfn >= 0x800 else {1: "zero", 2: "pagecache"}.get(pfn, "ram")


# --- of a run


def of_run(sim: Simulation, steps: Iterable[Step]) -> list[Event]:
    """The events of a run. Kinds of pages are read from the machine as it stands at the end.

    A page given to the TLB gather is freed after the flush, as in the kernel; the rows' harness
    frees it at once. Both are written where the page was handed over.
    """
    events: list[Event] = []
    handed_over: dict[tuple[str, int], int] = {}
    for step in steps:
        op = step.node.op
        assert op is not None
        if op.name in ("put_page", "free_page") and (step.thread, op.args[0]) in handed_over:
            at = handed_over.pop((step.thread, op.args[0]))
            for event in _events(sim, step):
                events.insert(at, (step.thread, *event))
                handed_over = {k: v + (v >= at) for k, v in handed_over.items()}
                if op.name == "put_page" and step.answer == 0:
                    handed_over[step.thread, op.args[0]] = at + 1
            continue
        for event in _events(sim, step):
            events.append((step.thread, *event))
        if op.name == "tlb_remove_page":
            handed_over[step.thread, op.args[0]] = len(events)
    return events


def _events(sim: Simulation, step: Step) -> list[Event]:
    op = step.node.op
    assert op is not None
    make = MAKERS.get(op.name)
    if make is None:
        return []
    event = make(sim, step, *op.args)
    return [] if event is None else [event]


Maker = Callable[..., Event | None]
MAKERS: dict[str, Maker] = {}


def _kind(sim: Simulation, page: int) -> str:
    """What the rows call this page. A freed page keeps its last kind."""
    kind = sim.machine.get(f"page/{page:#x}/kind", "ram")
    if kind == "free":
        kind = next(
            was for cell, was, now in reversed(sim.machine.journal)
            if cell == f"page/{page:#x}/kind" and now == "free"
        )  # fmt: skip
    return KINDS.get(str(kind), str(kind))


def _flags(pte: int) -> str:
    names = (
        (bits.pte_present, "P"),
        (bits.pte_write, "RW"),
        (bits.pte_dirty, "D"),
        (bits.pte_young, "A"),
    )
    return "|".join(name for test, name in names if test(pte))


def _mm(mm: str) -> int:
    return int(mm == "child")


def maker(*names: str) -> Callable[[Maker], Maker]:
    """Register how the ops of these names become an event."""

    def register(function: Maker) -> Maker:
        MAKERS.update(dict.fromkeys(names, function))
        return function

    return register


def _pfn(sim: Simulation, pte: int) -> str:
    return _frame(hex(sim.world.arch.pte_pfn(pte)))


@maker(*SEM)
def _sem(sim: Simulation, step: Step, mm: str) -> Event:
    return (step.node.op.name,)  # type: ignore[union-attr]


@maker("spin_lock", "spin_unlock")
def _spin(sim: Simulation, step: Step, lock: str) -> Event | None:
    if not lock.startswith("lock/ptl/"):
        return None
    return (step.node.op.name.removeprefix("spin_"), "ptl")  # type: ignore[union-attr]


@maker("lock_page", "unlock_page", "free_page")
def _on_page(sim: Simulation, step: Step, page: int) -> Event:
    return (step.node.op.name, _kind(sim, page))  # type: ignore[union-attr]


@maker("trylock_page")
def _trylock(sim: Simulation, step: Step, page: int) -> Event:
    return "trylock_page", _kind(sim, page), step.answer


@maker("nopfn_call", "nopage_call", "page_mkwrite_call")
def _call(sim: Simulation, step: Step, *_: Any) -> Event:
    return (step.node.op.name.replace("_call", ".call"),)  # type: ignore[union-attr]


@maker("nopfn_ret")
def _nopfn_ret(sim: Simulation, step: Step, *_: Any) -> Event:
    return "nopfn.ret", _frame(hex(sim.world.arch.as_unsigned_long(step.answer[0])))


@maker("nopage_ret")
def _nopage_ret(sim: Simulation, step: Step, *_: Any) -> Event:
    page, type = step.answer
    if page <= 0:
        return "nopage.ret", {0: "SIGBUS", -1: "OOM", -2: "REFAULT"}[page]
    count = next(now for cell, _, now in step.delta if cell.endswith("/count"))
    return "nopage.ret", _kind(sim, page), count, "MAJOR" if type == 3 else None


@maker("page_mkwrite_ret")
def _mkwrite_ret(sim: Simulation, step: Step, *_: Any) -> Event:
    return "page_mkwrite.ret", step.answer < 0


NAMES = {"alloc_page_vma": "alloc_page", "alloc_zeroed_user_highpage": "alloc_zeroed_page"}


@maker("alloc_page_vma", "alloc_zeroed_user_highpage", "pte_alloc_one")
def _alloc(sim: Simulation, step: Step, *_: Any) -> Event:
    name = step.node.op.name  # type: ignore[union-attr]
    if step.answer is None:
        return ("pte_alloc_one" if name == "pte_alloc_one" else "alloc_page"), None
    return NAMES.get(name, name), _kind(sim, step.answer)


@maker("pte_free")
def _pte_free(sim: Simulation, step: Step, page: int) -> Event:
    return ("pte_free",)


@maker("read_swap_cache_async")
def _read_swap(sim: Simulation, step: Step, *_: Any) -> Event:
    return "read_swap", "NULL" if step.answer is None else "swapcache"


@maker("copy_user_highpage")
def _copy(sim: Simulation, step: Step, to: int, source: int, address: int) -> Event:
    return "copy", _kind(sim, to), _kind(sim, source)


@maker("copy_from_user_inatomic")
def _copy_user(sim: Simulation, step: Step, *_: Any) -> Event:
    return "copy_from_user", step.answer is not None


@maker("set_pte_at")
def _set_pte(sim: Simulation, step: Step, mm: str, address: int, pte: int) -> Event | None:
    if address != PAGE_ADDRESS and any("change_pte_range" in f for f, _ in step.node.stack):
        return None  # the rows' mprotect changes one pte only
    if pte == 0:
        return "set_pte_at", _mm(mm), "none"
    if not bits.pte_present(pte):
        return "set_pte_at", _mm(mm), "swap"
    return "set_pte_at", _mm(mm), _pfn(sim, pte), _flags(pte)


@maker("ptep_establish", "ptep_set_access_flags")
def _establish(sim: Simulation, step: Step, mm: str, address: int, pte: int) -> Event:
    return step.node.op.name, _pfn(sim, pte), _flags(pte)  # type: ignore[union-attr]


@maker("ptep_clear_flush")
def _clear(sim: Simulation, step: Step, mm: str, address: int) -> Event:
    old = next((was for cell, was, _ in step.delta if cell.startswith("pte/")), 0)
    return "ptep_clear_flush", _pfn(sim, old)


@maker("ptep_set_wrprotect")
def _wrprotect(sim: Simulation, step: Step, mm: str, address: int) -> Event:
    return "ptep_set_wrprotect", _pfn(sim, step.answer), _flags(step.answer)


@maker("flush_tlb_page", "flush_tlb_range", "flush_tlb_mm")
def _flush(sim: Simulation, step: Step, *_: Any) -> Event:
    return (step.node.op.name,)  # type: ignore[union-attr]


@maker("tlb_finish_mmu")
def _finish(sim: Simulation, step: Step, mm: str) -> Event:
    return ("tlb_finish",)


@maker("get_page", "put_page")
def _count(sim: Simulation, step: Step, page: int) -> Event:
    return step.node.op.name, _kind(sim, page), step.answer  # type: ignore[union-attr]


@maker("add_mm_counter")
def _rss(sim: Simulation, step: Step, mm: str, counter: str, amount: int) -> Event:
    return "rss", _mm(mm), counter, amount


RMAP = {
    "page_add_new_anon_rmap": "add_new_anon",
    "page_add_anon_rmap": "add_anon",
    "page_add_file_rmap": "add_file",
    "page_dup_rmap": "dup",
    "dec_mapcount": "remove",
}


@maker(*RMAP)
def _rmap(sim: Simulation, step: Step, page: int, *_: Any) -> Event | None:
    if step.answer < 0:
        return None
    return "rmap", RMAP[step.node.op.name], _kind(sim, page), step.answer  # type: ignore[union-attr]


@maker("vm_fault")
def _return(sim: Simulation, step: Step, ret: int) -> Event:
    return "return", return_name(ret)


@maker("BUG_ON")
def _bug_on(sim: Simulation, step: Step, condition: bool, text: str) -> Event | None:
    return ("BUG", f"BUG_ON {text}".partition(" (")[0]) if condition else None


@maker("BUG")
def _bug(sim: Simulation, step: Step, text: str) -> Event:
    return "BUG", f"BUG {text}".partition(" (")[0]
