"""An exercise: a scene in words, what has happened, a question, and its key."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.kernel import short_name
from engine.messages import Messages
from engine.scenario import Act, Scenario
from engine.sheets.scenes import Scene
from engine.trace import Trace


@dataclass(frozen=True)
class Told:
    """A step that has happened, in words."""

    number: int
    text: str


@dataclass(frozen=True)
class Answer:
    """One that may be given, whether it is right, and why."""

    text: str
    right: bool
    because: str


@dataclass(frozen=True)
class Exercise:
    """A question with what one must know for it.

    kind: of KINDS. setup: sentences; so_far: the steps before; ask; answers to choose from. pieces:
    for an order, the pieces to be put in one, and orders: those that are right. link, step: the
    run, where it shows the answer. threads: whose names sentences mark.
    """

    kind: str
    kernel: str
    setup: tuple[str, ...]
    so_far: tuple[Told, ...]
    ask: str
    answers: tuple[Answer, ...]
    threads: tuple[str, ...]
    link: str
    step: int
    pieces: tuple[str, ...] = ()
    orders: tuple[tuple[int, ...], ...] = ()
    possible: int = 0
    because: str = ""
    tags: tuple[str, ...] = field(default=(), compare=False)
    common: bool = field(default=False, compare=False)

    @property
    def right(self) -> int:
        """The number of the right answer."""
        return next(n for n, answer in enumerate(self.answers) if answer.right)

    def graded(self, given: str) -> bool | None:
        """Whether an answer is right; None if none was given.

        It is the number of an answer, or numbers of pieces with commas between them, from 0 on.
        """
        numbers = [part for part in given.split(",") if part]
        if not numbers or not all(part.isdecimal() and len(part) < 3 for part in numbers):
            return None
        if self.pieces:
            return tuple(map(int, numbers)) in self.orders if len(numbers) > 1 else None
        return int(numbers[0]) == self.right


def setup(scene: Scene, trace: Trace) -> tuple[str, ...]:
    """The scene in sentences: machine, mapping, driver, threads."""
    say, scenario = trace.words.say, trace.scenario
    vma = scenario.processes[0].vmas[0].name
    told = [
        say("sheet.machine", kernel=short_name(trace.kernel.id), arch=trace.arch.id),
        say(f"sheet.map.{scene.mapping}", vma=f"`{vma}`"),
    ]
    told += [_answers(scenario, trace.words)] if scenario.drivers else []
    told += [
        say("sheet.thread", who=f"@{thread.name}", does=_does(thread.do, trace.words))
        for _, thread in scenario.threads()
    ]
    return tuple(told)


def _answers(scenario: Scenario, words: Messages) -> str:
    answers = next(iter(scenario.drivers.values())).nopfn or ()
    told = [answer for answer in answers if answer.value is not None]
    kind = next((answer.type for answer in answers if answer.type is not None), None)
    if kind is not None:
        return words.say("sheet.driver.type", type=f"`{kind}`")
    if not told:
        return words.say("sheet.driver.linear", base="`0x70000`")
    values = [f"`{answer.value}`" if str(answer.value).startswith("0x") else f"`-{answer.value}`"
              if str(answer.value) in ERRNOS else f"`{NAMED[str(answer.value)]}`"
              for answer in told]  # fmt: skip
    key = "sheet.driver.each" if len(told) > 1 else "sheet.driver.same"
    return words.say(key, first=values[0], last=values[-1])


ERRNOS = ("ENOMEM", "EFAULT", "EINVAL")
NAMED = {"SIGBUS": "-1", "OOM": "-2", "REFAULT": "-3"}
"""Answers of a driver that have a name only in later kernels, as numbers."""


def _does(acts: tuple[Act, ...], words: Messages) -> str:
    said = []
    for act in acts:
        place = f"`{getattr(act, act.verb)}`"
        key = f"sheet.does.{act.verb}" + (".child" if act.as_ else "")
        said.append(words.say(key, place=place, child=act.as_ or ""))
    return words.say("sheet.then").join(said)


TELLING = frozenset(
    (
        "access", "nopfn_call", "nopfn_ret", "nopage_ret", "spin_lock", "spin_unlock", "set_pte_at",
        "ptep_establish", "ptep_set_access_flags", "ptep_set_wrprotect", "down_write", "up_write",
        "alloc_page_vma", "alloc_zeroed_user_highpage", "vm_fault", "force_sig", "BUG_ON",
        "ptep_get_and_clear", "read_pte", "begin_fork", "down_read",
    )
)  # fmt: skip
"""Ops that are told of in what has happened so far."""

PASSES = ("BUG_ON.passes", "read_pte.scan_none", "down_read.alone")
MOST_TOLD = 12


def so_far(trace: Trace, at: int) -> tuple[Told, ...]:
    """The telling ones of the first `at` steps, the newest few."""
    told = [
        Told(step.moment.number, step.narration.what)
        for step in trace.steps[:at]
        if step.moment.op in TELLING and step.narration.key not in PASSES
    ]
    return tuple(told[-MOST_TOLD:])
