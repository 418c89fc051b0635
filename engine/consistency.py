"""What must add up between the parts of a scenario; each fault told in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from engine.model.arch import ARCHES
from engine.model.pte import PAGE_SIZE
from engine.ops import OPS

if TYPE_CHECKING:
    from engine.scenario import Act, Note, Process, Question, Scenario, ThreadSpec, VmaSpec

NOPAGE_ERRORS = {"SIGBUS": 0, "OOM": -1, "REFAULT": -2}
"""Names for what a ->nopage may return besides a page (include/linux/mm.h, 2.6.19)."""


Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """What does not add up. path: the place of the fault in the scenario."""

    path: Path
    text: str


def split_place(place: str) -> tuple[str, int | None]:
    """("mspec", 3) for "mspec[3]", ("mspec", None) for "mspec"."""
    match = re.fullmatch(r"([^\[]+)(?:\[(\d+)\])?", place)
    assert match is not None
    return match[1], None if match[2] is None else int(match[2])


def problems(s: Scenario) -> list[Problem]:
    """What does not add up between the parts of a scenario."""
    found = _name_problems(s) + _file_problems(s)
    for number, process in enumerate(s.processes):
        found += _process_problems(s, process, ("processes", number))
    threads = [t.name for _, t in s.threads()]
    found += _kill_problems(s)
    for number, switch in enumerate(s.schedule):
        if switch.run not in threads:
            text = f"schedule: there is no thread {switch.run!r}; there are {', '.join(threads)}"
            found.append(Problem(("schedule", number, "run"), text))
    remarks: list[tuple[str, int, Note | Question]]
    remarks = [("notes", number, note) for number, note in enumerate(s.notes)]
    remarks += [("questions", number, question) for number, question in enumerate(s.questions)]
    for where, number, remark in remarks:
        if remark.thread not in threads or remark.op not in OPS:
            field = "op" if remark.thread in threads else "thread"
            text = f"{where}: there is no thread {remark.thread!r} or no op {remark.op!r}"
            found.append(Problem((where, number, field), text))
    vmas = {v.name for p in s.processes for v in p.vmas}
    for kernel, expect in s.expect.items():
        for place in expect.pte:
            if split_place(place.rpartition("/")[2])[0] not in vmas:
                path = ("expect", kernel, "pte", place)
                found.append(Problem(path, f"expect: there is no vma in {place!r}"))
    return found


def _name_problems(s: Scenario) -> list[Problem]:
    """Threads, address spaces and what backs a vma are told apart by name."""
    found = []
    threads = [t.name for _, t in s.threads()]
    if not 1 <= len(threads) <= 8:
        text = f"a scenario has 1 to 8 threads, this one has {len(threads)}"
        found.append(Problem(("processes",), text))
    if len(set(threads)) != len(threads):
        found.append(Problem(("processes",), "two threads have the same name"))
    if len({p.name for p in s.processes}) != len(s.processes):
        found.append(Problem(("processes",), "two processes have the same name"))
    forks = [act.fork for _, t in s.threads() for act in t.do if act.fork]
    mms = forks + [p.name for p in s.processes]
    if len(set(mms)) != len(mms):
        text = "a forked child needs a name that no process and no other child has"
        found.append(Problem(("processes",), text))
    if both := set(s.files) & set(s.drivers):
        text = f"{min(both)!r} is a file and a driver; give them different names"
        found.append(Problem(("files", min(both)), text))
    return found


def _kill_problems(s: Scenario) -> list[Problem]:
    """Who is killed only reads and writes: no signal is found on the way out of a system call."""
    group = {t.name: p.threads for p, t in s.threads()}
    found = []
    for number, process in enumerate(s.processes):
        for place, spec in enumerate(process.threads):
            for nth, victim in enumerate(act.kill for act in spec.do):
                text = _kill_problem(spec.name, victim, group) if victim else None
                if text:
                    path = ("processes", number, "threads", place, "do", nth, "kill")
                    found.append(Problem(path, f"thread {spec.name}: {text}"))
    return found


def _kill_problem(name: str, victim: str, group: dict[str, tuple[ThreadSpec, ...]]) -> str | None:
    """Why the thread `name` cannot kill `victim`. group: each thread's whole process."""
    if victim not in group or victim == name:
        others = ", ".join(t for t in group if t != name) or "nobody"
        return f"it cannot kill {victim!r}; there is {others}"
    if caller := calls_the_system(group[victim]):
        return f"it cannot kill {victim!r}, for {caller!r} of the same process makes system calls"
    return None


def calls_the_system(threads: Iterable[ThreadSpec]) -> str | None:
    """The first of these threads that does more than reads, writes and kills."""
    quiet = ("read", "write", "kill")
    return next((t.name for t in threads if any(act.verb not in quiet for act in t.do)), None)


def _file_problems(s: Scenario) -> list[Problem]:
    """->nopage answers with a struct page or one of three errors; anything else is no answer."""
    found = []
    for name, file in s.files.items():
        for number, answer in enumerate(file.nopage):
            path = ("files", name, "nopage", number, "value")
            value = answer.value
            page = isinstance(value, str) and value.startswith("0x")
            if page and not 0 < int(str(value), 16) < s.memory.ram_pages:
                text = f"file {name}: frame {value} has no struct page, so it is no page"
                found.append(Problem(path, text))
            elif value is not None and not page and value not in NOPAGE_ERRORS:
                text = f"file {name}: {value!r} is none of {', '.join(NOPAGE_ERRORS)}"
                found.append(Problem(path, text))
    return found


def _process_problems(s: Scenario, process: Process, path: Path) -> list[Problem]:
    found = []
    vmas = {v.name: v for v in process.vmas}
    if len(vmas) != len(process.vmas):
        text = f"process {process.name}: two vmas have the same name"
        found.append(Problem((*path, "vmas"), text))
    ordered = sorted(process.vmas, key=lambda v: v.first)
    for vma, after in pairwise(ordered):
        if vma.end > after.first:
            text = f"vmas {vma.name} and {after.name} overlap; move one of them"
            found.append(Problem((*path, "vmas", process.vmas.index(after), "start"), text))
    for number, vma in enumerate(process.vmas):
        for field, text in _vma_problems(s, vma):
            place = (*path, "vmas", number, field)
            found.append(Problem(place, f"vma {vma.name}: {text}"))
    copied = [vma.name for vma in ordered if "VM_DONTCOPY" not in vma.flags]
    if any(inject.fail == "pte_alloc_one" for inject in s.inject):
        copied = copied[:1]
    for number, thread in enumerate(process.threads):
        forks: dict[str, Act] = {}
        for nth, act in enumerate(thread.do):
            told = _act_problems(act, vmas) or _child_problems(act, forks, copied)
            place = (*path, "threads", number, "do", nth, act.verb)
            found += [Problem(place, f"thread {thread.name}: {problem}") for problem in told]
            if act.fork:
                forks[act.fork] = act
    return found


def _vma_problems(s: Scenario, vma: VmaSpec) -> list[tuple[str, str]]:
    """What is wrong with one vma: the field, and a sentence."""
    found = []
    top = 1 << (ARCHES[s.arch].levels[0].high + 1)
    if vma.first % PAGE_SIZE:
        found.append(("start", f"start {vma.start} is not on a page; use a multiple of 0x1000"))
    if vma.end > top:
        found.append(("pages", f"ends beyond the {s.arch} address space ({top:#x})"))
    if vma.swapped and max(vma.swapped) >= vma.pages:
        found.append(("swapped", f"it has {vma.pages} pages; none beyond can be swapped out"))
    if vma.file and vma.file not in s.files:
        found.append(("file", f"there is no file {vma.file!r}"))
    if vma.driver and vma.driver not in s.drivers:
        found.append(("driver", f"there is no driver {vma.driver!r}"))
    return found


def _child_problems(act: Act, forks: dict[str, Act], copied: list[str]) -> list[str]:
    """What acts in a child needs the child. copied: the vmas that every child has."""
    if act.as_ is None:
        return []
    if act.as_ not in forks:
        return [f"{act.words()!r} acts in {act.as_!r}, which this thread has not forked by then"]
    if act.anyway and not forks[act.as_].anyway:
        return [f"{act.words()!r} is done anyway, so {act.as_!r} must be forked anyway"]
    place = act.mprotect or act.remap
    if place and split_place(place)[0] not in copied:
        return [f"{act.words()!r}: fork may leave {act.as_!r} without it"]
    return []


def _act_problems(act: Act, vmas: dict[str, VmaSpec]) -> list[str]:
    if act.fork or act.kill:
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
