"""The moves: how a link has them, how the kernel spells them, what each needs, who refuses it.

A move is a text: its name, then what it is about, split by dots: read_pte, put.new,
set_pte.told.PUA, ret.MINOR. It is about pages by where they came from, see `hand`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from engine.byhand.hand import BITS, NAMES, PAGES, Hand, bits_of
from engine.errors import EngineError
from engine.kernels.linux_2_6_17.codes import (
    VM_FAULT_MAJOR,
    VM_FAULT_MINOR,
    VM_FAULT_OOM,
    VM_FAULT_SIGBUS,
    VM_FAULT_WRITE,
)
from engine.messages import Message
from engine.model.pte import PAGE_SHIFT
from engine.model.vma import VM_PFNMAP, is_cow_mapping
from engine.ops import ptl_of
from engine.simulation import Simulation
from engine.verbs.locks import sem_cell
from engine.verbs.world import has_page, pmd_cell


class Kind(NamedTuple):
    """A move by name. takes: "" for nothing, else page, pte, check or code. code: in the kernel."""

    name: str
    group: str
    takes: str
    code: str


GROUPS = ("locks", "look", "driver", "pages", "pte", "return")
KINDS: dict[str, Kind] = {
    name: Kind(name, group, takes, code)
    for name, group, takes, code in (
        ("down_read", "locks", "", "down_read(&mm->mmap_sem)"),
        ("up_read", "locks", "", "up_read(&mm->mmap_sem)"),
        ("spin_lock", "locks", "", "spin_lock(ptl)"),
        ("spin_unlock", "locks", "", "spin_unlock(ptl)"),
        ("find_vma", "look", "", "find_vma(…)"),
        ("walk", "look", "", "pte_alloc_map(…)"),
        ("read_pte", "look", "", "entry = *pte"),
        ("read_truncate_count", "look", "", "mapping->truncate_count"),
        ("can_share", "look", "page", "can_share_swap_page({page})"),
        ("check", "look", "check", "BUG_ON({check})"),
        ("nopage", "driver", "", "vma->vm_ops->nopage(…)"),
        ("nopfn", "driver", "", "vma->vm_ops->nopfn(…)"),
        ("anon_vma_prepare", "pages", "", "anon_vma_prepare(vma)"),
        ("alloc_page", "pages", "", "alloc_page_vma(…)"),
        ("alloc_zeroed", "pages", "", "alloc_zeroed_user_highpage(…)"),
        ("get", "pages", "page", "get_page({page})"),
        ("put", "pages", "page", "page_cache_release({page})"),
        ("copy", "pages", "page", "copy_user_highpage({page})"),
        ("add_anon", "pages", "page", "page_add_new_anon_rmap({page})"),
        ("add_file", "pages", "page", "page_add_file_rmap({page})"),
        ("remove_rmap", "pages", "page", "page_remove_rmap({page})"),
        ("set_pte", "pte", "pte", "set_pte_at({pte})"),
        ("establish", "pte", "pte", "ptep_establish({pte})"),
        ("access_flags", "pte", "pte", "ptep_set_access_flags({pte})"),
        ("clear", "pte", "", "ptep_clear_flush(…)"),
        ("flush", "pte", "", "flush_tlb_page(…)"),
        ("ret", "return", "code", "return {code}"),
        ("iret", "return", "", "iret"),
        ("bad_area", "return", "", "force_sig(SIGSEGV)"),
    )
}
"""Every move, in the order in which they are offered."""

SPELLED = {"zero": "ZERO_PAGE", "new": "new_page", "told": "page", "old": "old_page"}

CHECKS = {
    "pfnmap_missing": ("!(vm_flags & VM_PFNMAP)", "VM_PFNMAP missing (do_no_pfn)"),
    "cow": ("is_cow_mapping(vm_flags)", "COW mapping (do_no_pfn)"),
    "pfnmap_set": ("vm_flags & VM_PFNMAP", "VM_PFNMAP set (do_no_page)"),
}
"""Assertions: as the kernel writes them, and as the engine names them."""

CODES = {
    "MINOR": VM_FAULT_MINOR,
    "MAJOR": VM_FAULT_MAJOR,
    "WRITE": VM_FAULT_MINOR | VM_FAULT_WRITE,
    "SIGBUS": VM_FAULT_SIGBUS,
    "OOM": VM_FAULT_OOM,
}

CHOICES = {"page": PAGES, "check": tuple(CHECKS), "code": tuple(CODES)}

MOVE = re.compile(r"([a-z_]+)(?:\.([A-Za-z_]+)(?:\.([A-Z]*))?)?")

FOR_NO_PAGE = ("copy", "get", "put", "add_anon", "add_file", "remove_rmap", "can_share")
NEEDS_VMA = ("nopage", "nopfn", "anon_vma_prepare", "add_anon", "read_truncate_count", "check")
NEEDS_TABLE = ("read_pte", "spin_lock", "set_pte", "establish", "access_flags", "clear")
MAPPED = ("establish", "access_flags", "clear")

Resolved = tuple[str, tuple[Any, ...]]


def read_move(text: str) -> tuple[Kind, str, str]:
    """A move's kind, what it is about, and its bits. Raises EngineError if there is none such."""
    match = MOVE.fullmatch(text)
    kind = KINDS.get(match[1]) if match else None
    if match is None or kind is None:
        raise EngineError("moves", f"there is no move {text[:60]!r}", "see what is offered")
    about, bits = match[2] or "", match[3] or ""
    known = CHOICES.get("page" if kind.takes == "pte" else kind.takes, ("",))
    if about not in known or (kind.takes != "pte" and match[3]) or not set(bits) <= set(BITS):
        says = f"{kind.name} is about {', '.join(known) or 'nothing else'}"
        raise EngineError("moves", f"there is no move {text[:60]!r}", says)
    return kind, about, bits


def spelled(text: str, hand: Hand) -> str:
    """A move as the kernel would have it."""
    kind, about, bits = read_move(text)
    page = spelled_page(about, hand)
    return kind.code.format(
        page=page,
        pte=" ".join([page, *(NAMES[letter] for letter in BITS if letter in bits)]),
        check=CHECKS[about][0] if kind.takes == "check" else "",
        code=code_name(about) if kind.takes == "code" else "",
    )


def spelled_page(page: str, hand: Hand) -> str:
    """A page as handlers call it: what ->nopfn answers is a pfn."""
    return "pfn" if page == "told" and hand.asked == "nopfn" else SPELLED.get(page, page)


def code_name(code: str) -> str:
    """VM_FAULT_MINOR | VM_FAULT_WRITE"""
    return "VM_FAULT_MINOR | VM_FAULT_WRITE" if code == "WRITE" else f"VM_FAULT_{code}"


def refusal(text: str, hand: Hand, sim: Simulation, thread: str) -> Message | None:
    """Why the move cannot be made here at all: what it needs is not there."""
    kind, about, bits = read_move(text)
    name, vma = kind.name, hand.vma
    if kind.takes == "pte" and "P" not in bits:
        return _no("present")
    if name in NEEDS_VMA and vma is None:
        return _no("vma")
    if name in ("nopage", "nopfn") and not getattr(vma and vma.vm_ops, name, False):
        return _no("method", method=f"->{name}")
    if name == "read_truncate_count" and not (vma and vma.file):
        return _no("file")
    if name in NEEDS_TABLE and not sim.machine.get(pmd_cell(sim.world, hand.mm, hand.address)):
        return _no("table")
    if kind.takes in ("page", "pte") and about not in hand.pages:
        return _no("page", page=spelled_page(about, hand))
    if name in FOR_NO_PAGE and not _is_page(hand.pages[about], sim):
        return _no("struct", page=spelled_page(about, hand))
    if name == "copy" and "new" not in hand.pages:
        return _no("page", page=spelled_page("new", hand))
    if name in MAPPED and not sim.machine.get(f"pte/{hand.mm}/{hand.address >> PAGE_SHIFT:#x}"):
        return _no("mapped")
    return _refused_by_lock(name, hand, sim, thread)


def _refused_by_lock(name: str, hand: Hand, sim: Simulation, thread: str) -> Message | None:
    """A lock that the thread has already, or never took; a fault that has no answer yet."""
    ptl, sem = ptl_of(sim.world.arch, hand.mm, hand.address), sem_cell(hand.mm)
    lock = ptl if name in ("spin_lock", "spin_unlock") else sem
    held = (
        thread in (sim.machine.get(lock) or ()) if lock == sem else sim.machine.get(ptl) == thread
    )
    if name in ("down_read", "spin_lock") and held:
        return _no("held", lock=lock.removeprefix("lock/"))
    if name in ("up_read", "spin_unlock") and not held:
        return _no("not_held", lock=lock.removeprefix("lock/"))
    return _no("code") if name == "iret" and hand.code is None else None


def _no(key: str, **fields: str) -> Message:
    return Message(f"byhand.no_{key}", fields)


def _is_page(page: int, sim: Simulation) -> bool:
    return page > 0 and has_page(sim.world, page)


def resolve(text: str, hand: Hand) -> Resolved:
    """The move with what it is about as plain values; only for one that is not refused."""
    kind, about, bits = read_move(text)
    name, vma = kind.name, hand.vma
    page = hand.pages.get(about)
    if kind.takes == "pte":
        return name, (hand.arch.pfn_pte(page, bits_of(bits)),)
    if kind.takes == "page" and name not in ("copy", "add_anon"):
        return name, (page,)
    args: dict[str, Any] = {
        "walk": lambda: (hand.write,),
        "read_truncate_count": lambda: (vma and vma.file,),
        "check": lambda: (_holds(about, (vma and vma.flags) or 0), CHECKS[about][1]),
        "nopage": lambda: (vma,),
        "nopfn": lambda: (vma,),
        "anon_vma_prepare": lambda: (vma and vma.id,),
        "copy": lambda: (hand.pages["new"], page),
        "add_anon": lambda: (page, vma and vma.id),
        "ret": lambda: (CODES[about],),
        "iret": lambda: ((hand.code or 0) & ~VM_FAULT_WRITE,),
        "bad_area": lambda: ("ACCERR" if vma else "MAPERR",),
    }
    return name, args[name]() if name in args else ()


def _holds(check: str, flags: int) -> bool:
    if check == "cow":
        return is_cow_mapping(flags)
    return bool(flags & VM_PFNMAP) == (check == "pfnmap_set")
