"""From a scenario to the first cells of the machine, the world's constants, and the programs."""

from __future__ import annotations

from typing import Any

from engine.actors import Operation
from engine.consistency import NOPAGE_ERRORS, split_place
from engine.errors import BadScenario
from engine.kernels import find_kernel
from engine.kernels.linux_2_6_17.codes import ZERO_PAGE
from engine.model.arch import ARCHES, Arch
from engine.model.pte import PAGE_SIZE
from engine.model.vma import (
    FLAGS,
    VM_EXEC,
    VM_INSERTPAGE,
    VM_PFNMAP,
    VM_READ,
    VM_SHARED,
    VM_WRITE,
)
from engine.scenario import ERRORS, Act, Answer, Process, Scenario, VmaSpec
from engine.simulation import Simulation
from engine.verbs import Source, World
from engine.verbs.locks import FREE_SEM, sem_cell

FIRST_FREE = 0x100
"""The allocator hands out frames from here on, well away from what exists at the start."""

RIGHTS = {"r": VM_READ, "w": VM_WRITE, "x": VM_EXEC}


def simulate(scenario: Scenario, kernel_id: str | None = None) -> Simulation:
    """A simulation standing before its first step. Raises UnknownKernel or BadScenario."""
    arch = ARCHES[scenario.arch]
    kernel = find_kernel(kernel_id or scenario.kernel)
    builder = _Builder(scenario, arch, kernel.id)
    operations = {t.name: tuple(_operation(p, act) for act in t.do) for p, t in scenario.threads()}
    return Simulation(builder.world(), builder.cells, kernel.on(arch), operations)


def flags_of(spec: VmaSpec) -> int:
    """vm_flags as a number."""
    return sum(FLAGS[name] for name in set(spec.flags))


class _Builder:
    """Hands out frames and writes the first cells."""

    def __init__(self, scenario: Scenario, arch: Arch, kernel_id: str) -> None:
        self.scenario, self.arch, self.kernel_id = scenario, arch, kernel_id
        self.cells: dict[str, Any] = {"log/bad_pte": 0, "vmstat/pgfault": 0}
        self.taken: set[int] = set()
        self.next_slot = 7
        self.page(ZERO_PAGE, "zero", 0)
        self.sources: dict[str, Source] = {}
        for name, driver in scenario.drivers.items():
            self.driver(name, driver)
        for name, file in scenario.files.items():
            self.file(name, file)
        for process in scenario.processes:
            self.process(process)
        for _, thread in scenario.threads():
            self.cells[f"task/{thread.name}/min_flt"] = 0
            self.cells[f"task/{thread.name}/maj_flt"] = 0
        self.cells["memory/next_free"] = max(FIRST_FREE, max(self.taken) + 1)

    def world(self) -> World:
        """The constants of the run."""
        threads = [t for _, t in self.scenario.threads()]
        cpu_of = {t.name: i if t.cpu is None else t.cpu for i, t in enumerate(threads)}
        fails = {i.fail: None if i.nth is None else frozenset(i.nth) for i in self.scenario.inject}
        ranges = {
            t.name: {v.name: (v.first, v.end) for v in p.vmas} for p, t in self.scenario.threads()
        }
        return World(
            self.arch,
            self.scenario.memory.ram_pages,
            max(cpu_of.values()) + 1,
            cpu_of,
            self.sources,
            ranges,
            fails,
            int(self.scenario.memory.zeroed_mem_map),
            self.victims(),
        )

    def victims(self) -> dict[str, tuple[str, ...]]:
        """The threads of the processes that somebody kills, and all with whom each one dies."""
        killed = {act.kill for _, t in self.scenario.threads() for act in t.do if act.kill}
        groups = [tuple(t.name for t in p.threads) for p in self.scenario.processes]
        return {name: group for group in groups if killed & set(group) for name in group}

    def page(self, pfn: int, kind: str, contents: int) -> int:
        """A frame with a struct page that exists from the start."""
        if pfn in self.taken or pfn >= self.scenario.memory.ram_pages:
            raise BadScenario("ram", f"frame {pfn:#x} is taken or not RAM", "choose a free one")
        self.taken.add(pfn)
        self.cells[f"page/{pfn:#x}/kind"] = kind
        self.cells[f"page/{pfn:#x}/count"] = 1
        self.cells[f"page/{pfn:#x}/mapcount"] = 0
        self.cells[f"frame/{pfn:#x}"] = contents
        return pfn

    def free_frame(self) -> int:
        """The lowest frame nobody has yet."""
        return min(set(range(2, len(self.taken) + 3)) - self.taken)

    def driver(self, name: str, driver: Any) -> None:
        """A driver: its own RAM, and its answers."""
        if driver.ram:
            first = int(driver.ram.first, 16)
            for page in range(driver.ram.pages):
                self.page(first + page, "driver", int(driver.ram.contents, 16))
        answers = tuple(_answer(a, ERRORS) for a in driver.nopfn or (Answer(),))
        self.sources[name] = Source(name, nopfn=answers, base=int(driver.base, 16))
        self.cells[f"driver/{name}/calls"] = 0

    def file(self, name: str, file: Any) -> None:
        """A file: its page cache, and its answers."""
        pages = {}
        for index, contents in sorted(file.pages.items()):
            pages[index] = self.page(self.free_frame(), "pagecache", int(contents, 16))
        self.sources[name] = Source(
            name,
            nopage=tuple(_answer(a, NOPAGE_ERRORS) for a in file.nopage),
            pages=pages,
            mkwrite=-1 if file.page_mkwrite == "refuses" else 1,
            counts_dirty=file.counts_dirty,
        )
        self.cells[f"driver/{name}/calls"] = 0
        self.cells[f"file/{name}/truncate_count"] = 0

    def process(self, process: Process) -> None:
        """An address space: vmas, page-table pages, swapped-out ptes."""
        mm = process.name
        self.cells[sem_cell(mm)] = FREE_SEM
        self.cells[f"rss/{mm}/anon"] = self.cells[f"rss/{mm}/file"] = 0
        ordered = sorted(process.vmas, key=lambda v: v.first)
        self.cells[f"mm/{mm}/vmas"] = tuple(v.name for v in ordered)
        for spec in ordered:
            self.vma(mm, spec)
            if process.page_tables:
                self.tables(mm, spec)
            for index, swap in spec.swapped.items():
                self.swapped(mm, spec, index, swap)

    def vma(self, mm: str, spec: VmaSpec) -> None:
        """One vma's fields."""
        flags = flags_of(spec)
        anonymous = not spec.file and not spec.driver
        pgoff = spec.first >> 12 if anonymous else 0
        fields = {
            "start": spec.first,
            "end": spec.end,
            "flags": flags,
            "prot": self.arch.protection_map(flags & ~VM_SHARED if self.notify(spec) else flags),
            "pgoff": pgoff if spec.pgoff is None else int(spec.pgoff, 16),
            "ops": None if anonymous else self.ops(spec),
            "file": spec.file,
            "driver": spec.driver,
            "anon_vma": 1 if spec.swapped else 0,
        }
        for index in range(min(spec.pages, 64)):
            self.cells[f"pte/{mm}/{(spec.first >> 12) + index:#x}"] = 0
        for what, value in fields.items():
            if value is not None:
                self.cells[f"vma/{mm}/{spec.name}/{what}"] = value

    def ops(self, spec: VmaSpec) -> tuple[str, ...]:
        """Which vm_operations the mapping's owners provide."""
        names = []
        if spec.file:
            names.append("nopage")
            if self.scenario.files[spec.file].page_mkwrite != "none":
                names.append("page_mkwrite")
        if spec.driver and self.scenario.drivers[spec.driver].nopfn is not None:
            names.append("nopfn")
        return tuple(names)

    def notify(self, spec: VmaSpec) -> bool:
        """Whether mmap maps read-only first, to notice the first write (mm/mmap.c).

        Files with page_mkwrite from 2.6.18 on, files whose dirty pages are counted from 2.6.19 on.
        """
        flags, known = flags_of(spec), find_kernel(self.kernel_id).functions
        if not spec.file or flags & (VM_SHARED | VM_WRITE) != VM_SHARED | VM_WRITE:
            return False
        file = self.scenario.files[spec.file]
        told = "wp_page_mkwrite" in known and file.page_mkwrite != "none"
        special = flags & (VM_PFNMAP | VM_INSERTPAGE)
        return told or ("vma_wants_writenotify" in known and file.counts_dirty and not special)

    def tables(self, mm: str, spec: VmaSpec) -> None:
        """The page-table pages of a vma."""
        for number in range(self.arch.pte_page(spec.first), self.arch.pte_page(spec.end - 1) + 1):
            cell = f"pmd/{mm}/{number:#x}"
            if cell not in self.cells:
                self.cells[cell] = self.page(self.free_frame(), "pagetable", 0)

    def swapped(self, mm: str, spec: VmaSpec, index: int, swap: Any) -> None:
        """A pte that names a swap slot."""
        slot, self.next_slot = self.next_slot, self.next_slot + 1
        self.cells[f"swap/{slot}/refs"] = swap.refs
        self.cells[f"swap/{slot}/contents"] = int(swap.contents, 16)
        address = spec.first + index * PAGE_SIZE
        if f"pmd/{mm}/{self.arch.pte_page(address):#x}" not in self.cells:
            raise BadScenario(f"vma {spec.name}", "swapped pages need page tables",
                              "set page_tables: true")  # fmt: skip
        self.cells[f"pte/{mm}/{address >> 12:#x}"] = self.arch.swp_entry(slot)


def _answer(answer: Answer, errors: dict[str, int]) -> tuple[int | None, int | None]:
    value = answer.value
    if isinstance(value, str):
        value = errors[value] if value in errors else int(value, 16)
    return value, answer.type


def _operation(process: Process, act: Act) -> Operation:
    mm = act.as_ or process.name
    if act.fork:
        return Operation("fork", (mm, act.fork), act.anyway)
    if act.kill:
        return Operation("kill", (act.kill,), act.anyway)
    name, page = split_place(getattr(act, act.verb))
    spec = next(v for v in process.vmas if v.name == name)
    first = spec.first + (page or 0) * PAGE_SIZE
    end = spec.end if page is None else first + PAGE_SIZE
    args: dict[str, tuple[Any, ...]] = {
        "read": (mm, first, False),
        "write": (mm, first, True),
        "mprotect": (mm, name, _rights(act.rights or "none")),
        "munmap": (mm, name, first, end),
        "truncate": (mm, name, first, end),
        "remap": (mm, name, int(act.base or "0x0", 16), (act.pages or spec.pages) * PAGE_SIZE),
    }
    kind = "touch" if act.verb in ("read", "write") else act.verb
    return Operation(kind, args[act.verb], act.anyway)


def _rights(text: str) -> int:
    return 0 if text == "none" else sum(RIGHTS[letter] for letter in text)
