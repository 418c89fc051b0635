"""The scenario: everything a run starts from, as data that anybody may write and share.

Addresses, frame numbers and contents are hex strings: 64-bit numbers do not survive JavaScript.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from engine.consistency import problems
from engine.model.pte import PAGE_SIZE
from engine.model.vma import FLAGS, VM_HUGETLB, VM_NONLINEAR
from engine.ops import OPS

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,23}$")]
HEX = r"^0x[0-9a-fA-F]{1,16}$"
Hex = Annotated[str, Field(pattern=HEX)]
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _visible(text: str) -> str:
    """Refuse control characters, and those that turn the direction of what follows."""
    found = UNSEEN.search(text)
    if found:
        raise ValueError(f"character {found.start() + 1} cannot be seen; leave it out")
    return text


Text = Annotated[str, Field(max_length=500), AfterValidator(_visible)]
Place = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,23}(\[[0-9]{1,4}\])?$")]
"""A vma, or one page of it: "mspec[3]"."""
NAME = r"[A-Za-z][A-Za-z0-9_-]{0,23}"
PteName = Annotated[str, Field(pattern=rf"^({NAME}/)?{NAME}\[[0-9]{{1,4}}\]$")]
"""The pte of a page: "mspec[3]", or in a forked child "child/mspec[3]"."""

Word = Annotated[str, Field(max_length=60)]
Words = Annotated[tuple[Word, ...], Field(max_length=400)]
KernelId = Annotated[str, Field(max_length=40)]

ERRORS = {"SIGBUS": -1, "OOM": -2, "REFAULT": -3, "ENOMEM": -12, "EFAULT": -14, "EINVAL": -22}
"""Names for what a ->nopfn may return besides a pfn."""

FAILABLE = (
    "alloc_page_vma",
    "alloc_zeroed_user_highpage",
    "anon_vma_prepare",
    "pte_alloc_one",
    "read_swap_cache_async",
)


def misfit(path: tuple[str | int, ...], text: str) -> PydanticCustomError:
    """The error to raise for what does not add up at `path`, counted from the validator's place."""
    return PydanticCustomError("misfit", "{text}", {"text": text, "path": path})


class Strict(BaseModel):
    """Unknown fields are errors; values never change after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(Strict):
    """What a driver answers once: a pfn or page (hex), an error by name or number, or its own way.

    type: what the driver leaves in *type (2 MINOR, 3 MAJOR; 2.6.17 to v3 only for ->nopfn).
    """

    value: Hex | Annotated[int, Field(ge=-4096, le=-1)] | str | None = None
    type: Annotated[int, Field(ge=0, le=255)] | None = None

    @field_validator("value")
    @classmethod
    def _known(cls, value: str | int | None) -> str | int | None:
        if isinstance(value, str) and not re.fullmatch(HEX, value) and value not in ERRORS:
            raise ValueError(f"an answer is a hex pfn or one of {', '.join(ERRORS)}")
        return value


class Ram(Strict):
    """Frames with a struct page that a driver owns: `pages` of them from `first` on."""

    first: Hex
    pages: Annotated[int, Field(ge=1, le=64)] = 1
    contents: Hex = "0x0"


class Driver(Strict):
    """A device driver. nopfn, nopage: its answers in order of calls, the last one repeats.

    A null answer means: the frame `base` + page index. No list means: it has no such method.
    """

    base: Hex = "0x70000"
    nopfn: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=16)] | None = None
    ram: Ram | None = None


class File(Strict):
    """A file in the page cache. pages: index -> contents. nopage: answers other than its pages."""

    pages: Annotated[dict[Annotated[int, Field(ge=0, le=4095)], Hex], Field(max_length=64)] = {}
    nopage: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=16)] = (Answer(),)
    page_mkwrite: Literal["none", "allows", "refuses"] = "none"
    counts_dirty: bool = False


class VmaSpec(Strict):
    """A mapping: `pages` pages from `start`, of a file, a driver, both, or nothing (anonymous)."""

    name: Name
    start: Hex
    pages: Annotated[int, Field(ge=1, le=4096)] = 16
    flags: Annotated[tuple[Word, ...], Field(max_length=16)]
    file: Name | None = None
    driver: Name | None = None
    pgoff: Hex | None = None
    swapped: Annotated[dict[Annotated[int, Field(ge=0, le=4095)], Swap], Field(max_length=16)] = {}

    @field_validator("flags")
    @classmethod
    def _flags(cls, flags: tuple[str, ...]) -> tuple[str, ...]:
        for number, flag in enumerate(flags):
            if flag not in FLAGS:
                known = ", ".join(FLAGS)
                raise misfit((number,), f"{flag!r} is no vma flag; take some of {known}")
            if FLAGS[flag] in (VM_NONLINEAR, VM_HUGETLB):
                raise misfit((number,), f"{flag} is not modelled yet")
        return flags

    @property
    def first(self) -> int:
        """Its first address."""
        return int(self.start, 16)

    @property
    def end(self) -> int:
        """The address after its last."""
        return self.first + self.pages * PAGE_SIZE


class Swap(Strict):
    """A page that was swapped out: its slot's references and contents."""

    refs: Annotated[int, Field(ge=1, le=8)] = 1
    contents: Hex = "0x5a5a"


class Act(Strict):
    """One operation of a thread: exactly one of the verbs. `as`: in which forked child."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    read: Place | None = None
    write: Place | None = None
    mprotect: Place | None = None
    munmap: Place | None = None
    truncate: Place | None = None
    remap: Place | None = None
    fork: Name | None = None
    kill: Name | None = None
    rights: Annotated[str, Field(pattern=r"^(none|r?w?x?)$")] | None = None
    base: Hex | None = None
    pages: Annotated[int, Field(ge=1, le=4096)] | None = None
    as_: Annotated[Name | None, Field(alias="as")] = None
    anyway: bool = False

    @model_validator(mode="after")
    def _one_verb(self) -> Act:
        if len(self.verbs()) != 1:
            raise ValueError(f"an operation has exactly one of {', '.join(VERB_FIELDS)}")
        if (self.mprotect is None) != (self.rights is None):
            raise ValueError('mprotect and rights go together: {mprotect: "data", rights: "rw"}')
        if (self.remap is None) != (self.base is None):
            raise ValueError('remap and base go together: {remap: "fb", base: "0x70000"}')
        return self

    def verbs(self) -> list[str]:
        """The verbs that are given."""
        return [v for v in VERB_FIELDS if getattr(self, v) is not None]

    @property
    def verb(self) -> str:
        """What the thread does."""
        return self.verbs()[0]

    def words(self) -> str:
        """The operation as a reader sees it: "write mspec[3]"."""
        text = f"{self.verb} {getattr(self, self.verb)}"
        if self.rights:
            text += f" {self.rights}"
        return f"{self.as_}: {text}" if self.as_ else text


VERB_FIELDS = ("read", "write", "mprotect", "munmap", "truncate", "remap", "fork", "kill")


class ThreadSpec(Strict):
    """A thread, the CPU it is pinned to, and what it does in order."""

    name: Name
    cpu: Annotated[int, Field(ge=0, le=7)] | None = None
    do: Annotated[tuple[Act, ...], Field(max_length=64)]


class Process(Strict):
    """An address space. page_tables: whether page-table pages for its vmas are there already."""

    name: Name = "P"
    vmas: Annotated[tuple[VmaSpec, ...], Field(min_length=1, max_length=64)]
    threads: Annotated[tuple[ThreadSpec, ...], Field(max_length=8)] = ()
    page_tables: bool = True


class Switch(Strict):
    """Let `run` move until it has done `until` ("set_pte_at#2": op, occurrence), or "end"."""

    run: Name
    until: Annotated[str, Field(pattern=r"^(end|[A-Za-z_]+#[0-9]{1,5})$")] = "end"

    @field_validator("until")
    @classmethod
    def _known(cls, until: str) -> str:
        if until != "end" and until.partition("#")[0] not in OPS:
            raise ValueError(f"there is no op {until.partition('#')[0]!r}")
        return until


class Inject(Strict):
    """Make an op fail: each time, or only at its nth calls."""

    fail: Literal[FAILABLE]  # type: ignore[valid-type]
    nth: (
        Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], Field(max_length=16)] | None
    ) = None


class Remark(Strict):
    """What an author says at a step: after the nth `op` of `thread`.

    under: the kernels under which it is true; none named, it was written for the scenario's own.
    """

    thread: Name
    op: Annotated[str, Field(max_length=40)]
    nth: Annotated[int, Field(ge=1, le=20_000)] = 1
    under: Annotated[tuple[KernelId, ...], Field(max_length=32)] = ()

    def holds(self, kernel: str) -> bool:
        """Whether it is true of a run under this kernel, which is the scenario's own or named."""
        return not self.under or kernel in self.under


class Note(Remark):
    """A remark at a step."""

    text: Text


class Question(Remark):
    """A question at a step: choices, the right one, and why."""

    ask: Text
    choices: Annotated[tuple[Text, ...], Field(min_length=2, max_length=4)]
    answer: Annotated[int, Field(ge=0, le=3)]
    because: Text = ""

    @model_validator(mode="after")
    def _one_is_right(self) -> Question:
        if self.answer >= len(self.choices):
            raise ValueError(f"answer is the number of a choice, 0 to {len(self.choices) - 1}")
        return self


class Expect(Strict):
    """What must come out under one kernel, and who says so (an oracle row's id or a message).

    How each part is written, and what leaving it out means: engine.expectations.
    """

    source: Text
    returns: Annotated[dict[Name, Words], Field(max_length=8)] = {}
    signals: Annotated[dict[Name, Word], Field(max_length=8)] = {}
    saw: Annotated[dict[Name, Words], Field(max_length=8)] = {}
    pte: Annotated[dict[PteName, Word], Field(max_length=64)] = {}
    bug: Text | None = None
    broken: Annotated[tuple[Word, ...], Field(max_length=40)] = ()
    stale: Annotated[tuple[int, ...], Field(max_length=8)] = ()
    stuck: Annotated[tuple[Name, ...], Field(max_length=8)] = ()


class Memory(Strict):
    """ram_pages: frames below this number have a struct page.

    zeroed_mem_map: struct pages that nobody allocated are all zero, as in the oracle's harness, so
    their mapcount reads as 1; a booted kernel has reset it, and it reads as 0.
    """

    ram_pages: Annotated[int, Field(ge=512, le=1 << 20)] = 2048
    zeroed_mem_map: bool = False


class Scenario(Strict):
    """A setup, who does what in it, in which order, and what to look at.

    story: a headline and the scene; the paragraphs after the first say what to watch.
    watch_under: the kernels under which those are true; none named, the scenario's own.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    title: Annotated[Text, Field(max_length=120)] = "Untitled"
    story: Annotated[str, Field(max_length=1200), AfterValidator(_visible)] = ""
    watch_under: Annotated[tuple[KernelId, ...], Field(max_length=32)] = ()
    kernel: KernelId = "nopfn-v3"
    arch: Literal["i386", "i386-pae", "x86-64"] = "i386"
    memory: Memory = Memory()
    files: Annotated[dict[Name, File], Field(max_length=8)] = {}
    drivers: Annotated[dict[Name, Driver], Field(max_length=8)] = {}
    processes: Annotated[tuple[Process, ...], Field(min_length=1, max_length=4)]
    schedule: Annotated[tuple[Switch, ...], Field(max_length=4000)] = ()
    inject: Annotated[tuple[Inject, ...], Field(max_length=16)] = ()
    notes: Annotated[tuple[Note, ...], Field(max_length=100)] = ()
    questions: Annotated[tuple[Question, ...], Field(max_length=40)] = ()
    expect: Annotated[dict[KernelId, Expect], Field(max_length=32)] = {}

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def _adds_up(self) -> Scenario:
        for problem in problems(self):
            raise misfit(problem.path, problem.text)
        return self

    def content(self) -> dict[str, Any]:
        """The scenario as JSON-ready data, defaults left out."""
        data = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {"schema": 1, **data}

    def as_run(self, kernel: str, schedule: tuple[Switch, ...]) -> Scenario:
        """The scenario as a run followed it, with the remarks that are true of such a run.

        Another kernel makes their own one plain, so that they come back with it; in another order
        of turns none of them need be true, and they stay behind.
        """
        changed: dict[str, Any] = {}
        if schedule != self.schedule:
            scene = self.story.partition("\n")[0]
            changed = {"notes": (), "questions": (), "story": scene, "watch_under": ()}
        elif kernel != self.kernel:
            changed["notes"] = tuple(_bound(note, self.kernel) for note in self.notes)
            changed["questions"] = tuple(_bound(q, self.kernel) for q in self.questions)
            if "\n" in self.story:
                changed["watch_under"] = self.watch_under or (self.kernel,)
        return self.model_copy(update={"kernel": kernel, "schedule": schedule, **changed})

    def munmaps(self) -> bool:
        """Whether some thread unmaps: the vma stays here, unlike a kernel's."""
        return any(act.munmap is not None for _, thread in self.threads() for act in thread.do)

    def threads(self) -> list[tuple[Process, ThreadSpec]]:
        """Every thread with its process, in order."""
        return [(p, t) for p in self.processes for t in p.threads]


R = TypeVar("R", bound=Remark)


def _bound(remark: R, kernel: str) -> R:
    """A remark that says under which kernels it holds, if only under the scenario's own."""
    return remark if remark.under else remark.model_copy(update={"under": (kernel,)})
