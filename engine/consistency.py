"""What must add up between the parts of a scenario; each fault told in a sentence."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.model.arch import ARCHES
from engine.model.pte import PAGE_SIZE
from engine.ops import OPS

if TYPE_CHECKING:
    from engine.scenario import Act, Process, Scenario, VmaSpec

NOPAGE_ERRORS = {"SIGBUS": 0, "OOM": -1, "REFAULT": -2}
"""Names for what a ->nopage may return besides a page (include/linux/mm.h, 2.6.19)."""


def split_place(place: str) -> tuple[str, int | None]:
    """("mspec", 3) for "mspec[3]", ("mspec", None) for "mspec"."""
    match = re.fullmatch(r"([^\[]+)(?:\[(\d+)\])?", place)
    assert match is not None
    return match[1], None if match[2] is None else int(match[2])


def problems(s: Scenario) -> list[str]:
    """What does not add up between the parts of a scenario, as sentences."""
    found = []
    threads = [t.name for _, t in s.threads()]
    if not 1 <= len(threads) <= 8:
        found.append(f"a scenario has 1 to 8 threads, this one has {len(threads)}")
    if len(set(threads)) != len(threads):
        found.append("two threads have the same name")
    if len({p.name for p in s.processes}) != len(s.processes):
        found.append("two processes have the same name")
    forks = [act.fork for _, t in s.threads() for act in t.do if act.fork]
    mms = forks + [p.name for p in s.processes]
    if len(set(mms)) != len(mms):
        found.append("a forked child needs a name that no process and no other child has")
    if both := set(s.files) & set(s.drivers):
        found.append(f"{min(both)!r} is a file and a driver; give them different names")
    found += _file_problems(s)
    for process in s.processes:
        found += _process_problems(s, process)
    for switch in s.schedule:
        if switch.run not in threads:
            found.append(
                f"schedule: there is no thread {switch.run!r}; there are {', '.join(threads)}"
            )
    for note in s.notes:
        if note.thread not in threads or note.op not in OPS:
            found.append(f"notes: there is no thread {note.thread!r} or no op {note.op!r}")
    return found


def _file_problems(s: Scenario) -> list[str]:
    """->nopage answers with a struct page or one of three errors; anything else is no answer."""
    found = []
    for name, file in s.files.items():
        for answer in file.nopage:
            value = answer.value
            page = isinstance(value, str) and value.startswith("0x")
            if page and not 0 < int(str(value), 16) < s.memory.ram_pages:
                found.append(f"file {name}: frame {value} has no struct page, so it is no page")
            elif value is not None and not page and value not in NOPAGE_ERRORS:
                found.append(f"file {name}: {value!r} is none of {', '.join(NOPAGE_ERRORS)}")
    return found


def _process_problems(s: Scenario, process: Process) -> list[str]:
    found = []
    top = 1 << (ARCHES[s.arch].levels[0].high + 1)
    vmas = {v.name: v for v in process.vmas}
    if len(vmas) != len(process.vmas):
        found.append(f"process {process.name}: two vmas have the same name")
    ordered = sorted(process.vmas, key=lambda v: v.first)
    for vma, after in pairwise(ordered):
        if vma.end > after.first:
            found.append(f"vmas {vma.name} and {after.name} overlap; move one of them")
    for vma in process.vmas:
        where = f"vma {vma.name}"
        if vma.first % PAGE_SIZE:
            found.append(f"{where}: start {vma.start} is not on a page; use a multiple of 0x1000")
        if vma.end > top:
            found.append(f"{where}: ends beyond the {s.arch} address space ({top:#x})")
        if vma.swapped and max(vma.swapped) >= vma.pages:
            found.append(f"{where}: it has {vma.pages} pages; none beyond can be swapped out")
        if vma.file and vma.file not in s.files:
            found.append(f"{where}: there is no file {vma.file!r}")
        if vma.driver and vma.driver not in s.drivers:
            found.append(f"{where}: there is no driver {vma.driver!r}")
    for thread in process.threads:
        children = {act.fork for act in thread.do if act.fork}
        for act in thread.do:
            found += [f"thread {thread.name}: {p}" for p in _act_problems(act, vmas, children)]
    return found


def _act_problems(act: Act, vmas: dict[str, VmaSpec], children: set[str]) -> list[str]:
    if act.as_ and act.as_ not in children:
        return [f"{act.words()!r} acts in {act.as_!r}, which this thread never forks"]
    if act.fork:
        return []
    name, page = split_place(getattr(act, act.verb))
    if name not in vmas:
        return [f"{act.words()!r}: there is no vma {name!r}; there are {', '.join(vmas)}"]
    if page is not None and page >= vmas[name].pages:
        return [f"{act.words()!r}: {name} has {vmas[name].pages} pages, counted from 0"]
    if (act.pages or 0) > vmas[name].pages:
        return [f"{act.words()!r}: {name} has only {vmas[name].pages} pages"]
    if page is None and act.verb in ("read", "write"):
        return [f"{act.words()!r}: say which page, like {name}[0]"]
    return []
