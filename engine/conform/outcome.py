"""The outcome of a run and of a row, in one shape, so that they can be compared.

Fresh pages are named by the order in which the outcome mentions them, device frames by number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.model import pte as bits
from engine.model.vma import VM_PFNMAP, is_cow_mapping
from engine.outcomes import return_name
from engine.simulation import Simulation, Step

RAM = 0x800
PAGE_ADDRESS = 0x40003000


class Frames:
    """Names for frames: zero, pagecache, a device frame's number, or fresh pages in order."""

    def __init__(self) -> None:
        self.fresh: dict[int, str] = {}

    def name(self, pfn: int) -> str:
        if pfn >= RAM:
            return f"{pfn:#x}"
        if pfn in (1, 2):
            return "zero" if pfn == 1 else "pagecache"
        return self.fresh.setdefault(pfn, f"fresh{len(self.fresh)}")


def of_row(final: dict[str, Any]) -> dict[str, Any]:
    """The outcome that a row records."""
    frames = Frames()
    return {
        "pte": _row_pte(final["pte"], frames),
        "pte_child": _row_pte(final["pte_child"], frames),
        "saw": {t: _row_saw(final["saw"][t], frames) for t in ("T0", "T1")},
        "tlb": [e and (e["mm"], frames.name(int(e["pfn"], 16)), e["rw"]) for e in final["tlb"]],
        "ret": final["ret"],
        "signal": final["signal"],
        "bug": final["bug"] and final["bug"].partition(" (")[0],
        "min_flt": final["min_flt"],
        "maj_flt": final["maj_flt"],
        "rss": final["rss"],
        "rss_child": final["rss_child"],
        "zero_page": {k: final["zero_page"][k] for k in ("count", "mapcount")},
        "pagecache_page": {k: final["pagecache_page"][k] for k in ("count", "mapcount")},
        "stale_tlb": final["stale_tlb"],
        "vm_pgoff": final["vm_pgoff"],
        "vm_flags": final["vm_flags"],
        "bad_pte_reports": final["bad_pte_reports"],
        "mmap_sem_readers_left": final["mmap_sem_readers_left"],
    }


def of_run(sim: Simulation, steps: Iterable[Step]) -> dict[str, Any]:
    """The outcome of a run that has come to its end."""
    m, arch, frames = sim.machine, sim.world.arch, Frames()
    saw: dict[str, list[tuple[str, str]]] = {"T0": [], "T1": []}
    ret: dict[str, list[str]] = {"T0": [], "T1": []}
    for step in steps:
        op = step.node.op
        if op is not None and op.name == "access" and step.answer[0] == "ok":
            saw[step.thread].append(("W" if op.args[2] else "R", step.answer[1]))
        elif op is not None and op.name == "vm_fault":
            ret[step.thread].append(return_name(op.args[0]))
    pte = _pte(sim, "mm0", frames)
    child = _pte(sim, "child", frames)
    return {
        "pte": pte,
        "pte_child": child,
        "saw": {t: [(rw, frames.name(pfn)) for rw, pfn in saw[t]] for t in saw},  # type: ignore[arg-type]
        "tlb": [_tlb(m.get(f"tlb/{cpu}/0x40003"), frames) for cpu in (0, 1)],
        "ret": {t: ",".join(ret[t]) for t in ret},
        "signal": {t: m.get(f"task/{t}/signal", "") for t in ret},
        "bug": next((_bug(m[c]) for c in (f"task/{t}/bug" for t in ret) if c in m), None),
        "min_flt": [m[f"task/{t}/min_flt"] for t in ret],
        "maj_flt": [m[f"task/{t}/maj_flt"] for t in ret],
        "rss": {k: m.get(f"rss/mm0/{k}", 0) for k in ("anon", "file")},
        "rss_child": {k: m.get(f"rss/child/{k}", 0) for k in ("anon", "file")},
        "zero_page": _counts(m, 1),
        "pagecache_page": _counts(m, 2) if m.get("page/0x2/kind") == "pagecache" else NO_FILE,
        "stale_tlb": [_stale(sim, arch, cpu) for cpu in (0, 1)],
        "vm_pgoff": f"{m['vma/mm0/v/pgoff']:#x}",
        "vm_flags": f"{m['vma/mm0/v/flags']:#x}",
        "bad_pte_reports": m["log/bad_pte"],
        "mmap_sem_readers_left": len(m["lock/mmap_sem/mm0"]) - 1,
    }


NO_FILE = {"count": 1, "mapcount": 0}


def _row_pte(pte: dict[str, Any] | None, frames: Frames) -> Any:
    if pte is None:
        return "none"
    if pte["none"]:
        return "none"
    if not pte["present"]:
        return "not present"
    page = pte["page"]
    kind = page and (page["name"].partition("#")[0], page["count"], page["mapcount"])
    return pte["rw"], pte["dirty"], pte["accessed"], frames.name(int(pte["pfn"], 16)), kind


KINDS = {"zero": "ZERO", "driver": "ramdrv", "pagetable": "ptepage"}


def _pte(sim: Simulation, mm: str, frames: Frames) -> Any:
    m, arch = sim.machine, sim.world.arch
    pte = m.get(f"pte/{mm}/{PAGE_ADDRESS >> 12:#x}", 0)
    if pte == 0:
        return "none"
    if not bits.pte_present(pte):
        return "not present"
    pfn = arch.pte_pfn(pte)
    page = None
    if is_normal(sim, mm, pfn):
        kind = m.get(f"page/{pfn:#x}/kind", "ram")
        count = m.get(f"page/{pfn:#x}/count", 0)
        mapcount = m.get(f"page/{pfn:#x}/mapcount", sim.world.blank_mapcount)
        page = KINDS.get(kind, kind), count, mapcount
    return (
        int(bits.pte_write(pte)),
        int(bits.pte_dirty(pte)),
        int(bits.pte_young(pte)),
        frames.name(pfn),
        page,
    )


def is_normal(sim: Simulation, mm: str, pfn: int) -> bool:
    """vm_normal_page's rule, 2.6.15 to 2.6.25, for the page that the rows look at."""
    flags = sim.machine[f"vma/{mm}/v/flags"]
    if flags & VM_PFNMAP:
        linear = sim.machine[f"vma/{mm}/v/pgoff"] + 3
        if pfn == linear or not is_cow_mapping(flags):
            return False
    return pfn < sim.world.ram_pages


def _row_saw(text: str, frames: Frames) -> list[tuple[str, str]]:
    parts = [part.split(":") for part in text.split(",") if part]
    return [(rw, frames.name(int(pfn, 16))) for rw, pfn in parts]


def _tlb(entry: Any, frames: Frames) -> Any:
    return entry and (int(entry[0] == "child"), frames.name(entry[1]), entry[2])


def _bug(text: str) -> str:
    return text.partition(" (")[0]


def _counts(m: Any, page: int) -> dict[str, int]:
    return {k: m[f"page/{page:#x}/{k}"] for k in ("count", "mapcount")}


def _stale(sim: Simulation, arch: Any, cpu: int) -> bool:
    entry = sim.machine.get(f"tlb/{cpu}/0x40003")
    if entry is None:
        return False
    pte = sim.machine.get(f"pte/{entry[0]}/0x40003", 0)
    gone = not bits.pte_present(pte) or arch.pte_pfn(pte) != entry[1]
    return gone or bool(entry[2] and not bits.pte_write(pte))
