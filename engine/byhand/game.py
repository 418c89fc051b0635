"""A fault in the student's hands: each move made on the real machine, others by the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.actors import program
from engine.byhand.deeds import ASK, by_hand
from engine.byhand.hand import Hand
from engine.byhand.moves import read_move, refusal, resolve, spelled
from engine.byhand.reference import counts_against
from engine.byhand.tasks import Task, task_scene
from engine.kernel import Handler
from engine.kernels import find_kernel
from engine.layout import _operation, simulate
from engine.ledger import Ledger
from engine.messages import Messages
from engine.scenario import Switch
from engine.simulation import Simulation, Step
from engine.trace import Told, Trace, tell
from engine.unfold import Node, Program
from engine.verdicts import INFO, Judge

YOURS = "do_page_fault@you"
"""The student's handler, on the stack of his steps; its lines are his moves."""


class Hands:
    """A running kernel whose n-th fault is the student's. Made anew for each run of a program."""

    def __init__(self, kernel: Any, fault: int) -> None:
        self.kernel, self.left = kernel, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kernel, name)

    def do_page_fault(self, mm: str, address: int, error_code: int) -> Handler:
        """The student's, if it is this one; else the revision's own."""
        self.left -= 1
        if self.left == 0:
            return by_hand(self.kernel, mm, address)
        handler: Handler = self.kernel.do_page_fault(mm, address, error_code)
        return handler


class ByHand(Program):
    """A program of which one fault is by hand; its nodes there have the moves for lines."""

    def _advance(self, generator: Handler, parent: Node | None, answer: Any) -> Node:
        node = super()._advance(generator, parent, answer)
        if node.op is not None and _inside(generator):
            made = 1
            at = parent
            while at is not None:
                made += at.op is ASK
                at = at.parent
            line = made if node.op is ASK else made - 1
            node.stack = ((YOURS, line), *node.stack)
        return node


def _inside(generator: Handler) -> bool:
    inner: Any = generator
    while inner is not None and hasattr(inner, "gi_frame"):
        if inner.gi_code is by_hand.__code__:
            return True
        inner = inner.gi_yieldfrom
    return False


class Broken(NamedTuple):
    """An invariant that a move broke: which, and what is said of it."""

    rule: str
    text: str


class Made(NamedTuple):
    """A move that was made, or refused. first, last: its steps and the others' meanwhile.

    idle: it changed nothing in the machine. key: the move with pages by where they came from.
    """

    text: str
    key: str
    code: str
    first: int
    last: int
    refused: str
    idle: bool
    broken: tuple[Broken, ...]


class Game:
    """A task under a kernel, after as many moves as were made."""

    def __init__(self, task: Task, kernel: str, words: Messages) -> None:
        self.task, self.words = task, words
        self.scenario, self.kernel = task_scene(task.id), find_kernel(kernel)
        self.sim = sim = simulate(self.scenario, kernel)
        self.cells = dict(sim.machine)
        self._take_over()
        self.ledger, self.judge = Ledger(sim, words), Judge(sim, words)
        self.steps: list[Told] = []
        self.stacks: dict[str, tuple[str, ...]] = {}
        self.flow = flow(sim, self.scenario.schedule)
        self.over = False
        self.late: tuple[Broken, ...] = ()
        self.made: list[Made] = []
        self.hand = Hand("", 0, False, sim.world.arch)
        self._go_on()
        op = self.newest().node.op
        assert op is not None
        mm, address, write = op.args
        self.hand = Hand(mm, address, write, sim.world.arch)

    def _take_over(self) -> None:
        thread, sim = self.task.thread, self.sim
        k = self.kernel.on(sim.world.arch)
        own = next((p, t) for p, t in self.scenario.threads() if t.name == thread)
        operations = tuple(_operation(own[0], act) for act in own[1].do)
        fault = self.task.fault
        sim.programs[thread] = ByHand(lambda: program(Hands(k, fault), operations))
        sim.position[thread] = sim.programs[thread].root

    def newest(self) -> Step:
        """The newest step of the student's thread."""
        return next(t.moment.step for t in reversed(self.steps)
                    if t.moment.thread == self.task.thread)  # fmt: skip

    @property
    def dead(self) -> bool:
        """Whether the student's thread has oopsed."""
        return f"task/{self.task.thread}/bug" in self.sim.machine

    def make(self, text: str) -> Made:
        """Make one move, and let the others run as far as the schedule says."""
        kind, about, bits = read_move(text)
        code, first = spelled(text, self.hand), len(self.steps) + 1
        no = self.refusal(text)
        if no:
            made = Made(text, text, code, first, first - 1, no, True, ())
            self.made.append(made)
            return made
        key = text
        if kind.takes in ("page", "pte"):
            origin = self.hand.origin(self.hand.pages[about])
            bits = "".join(letter for letter in "PWUAD" if letter in bits)
            key = ".".join([kind.name, origin, *([bits] if kind.takes == "pte" else [])])
        thread, sim = self.task.thread, self.sim
        before = set(self.judge.broken)
        sim.position[thread] = sim.programs[thread].step(
            sim.position[thread], resolve(text, self.hand)
        )
        self._go_on()
        own = [t.moment for t in self.steps[first - 1 :] if t.moment.thread == thread]
        idle = not any(moment.delta for moment in own) and kind.group != "return"
        broken = tuple(self._broken(first, before))
        made = Made(text, key, code, first, len(self.steps), "", idle, broken)
        self.made.append(made)
        return made

    def refusal(self, text: str) -> str:
        """Why a move cannot be made now, in words; "" if it can."""
        if self.over or not self.asked:
            return self.words.say("byhand.no_over")
        no = refusal(text, self.hand, self.sim, self.task.thread)
        return self.words.read(no) if no else ""

    @property
    def asked(self) -> bool:
        """Whether the student is to move."""
        return self.sim.position[self.task.thread].op is ASK and not self.dead

    def _go_on(self) -> None:
        """Until the student is asked, or nobody can move any more."""
        for step in self.flow:
            if step is None:
                return
            moment = self.ledger.add(step)
            self.steps.append(tell(moment, self.ledger, self.judge, self.stacks))
            op = step.node.op
            inside = step.node.stack and step.node.stack[0][0] == YOURS
            if step.thread == self.task.thread and inside and op is not None:
                self.hand.note(op, step.answer)
        self.over = True
        before = set(self.judge.broken)
        self.judge.finish(len(self.steps))
        self.late = tuple(
            Broken(rule, self.judge.broken[rule][1])
            for rule in self.judge.broken
            if rule not in before and rule not in INFO
        )

    def _broken(self, first: int, before: set[str]) -> Iterator[Broken]:
        """The rules that were broken from this step on."""
        told = {broken.rule for broken in self.late}
        for rule, (number, text) in self.judge.broken.items():
            fresh = rule not in before | told and (number or 0) >= first
            if fresh and rule not in INFO:
                told.add(rule)
                yield Broken(rule, text)
        for number in range(first, len(self.steps) + 1):
            for verdict in self.judge.verdicts.get(number, ()):
                if counts_against(verdict) and verdict.id in INVARIANT_VERDICTS - told:
                    told.add(verdict.id)
                    yield Broken(verdict.id, verdict.text)

    def trace(self) -> Trace:
        """The run so far, as the page's panes draw one."""
        scenario = self.scenario.as_run(self.kernel.id, self.scenario.schedule)
        found = Trace(scenario, self.kernel, self.sim.world.arch, self.cells, self.sim, self.words,
                      self.steps)  # fmt: skip
        found.verdicts.update(self.judge.verdicts)
        if self.over:
            found.invariants.extend(self.judge.invariants())
        return found


INVARIANT_VERDICTS = frozenset({
    "overwrite", "lost_dirty", "cow_isolation", "zero_page", "counts", "mapcount", "freed_page",
    "locks", "no_sleep", "livelock", "stale_used",
})  # fmt: skip
"""Verdicts that are rules broken, and may come again; a loop is a handler's fault as well."""


def flow(sim: Simulation, schedule: tuple[Switch, ...]) -> Iterator[Step | None]:
    """The steps of a run by its schedule; None whenever the student's thread waits for a move."""
    done: dict[tuple[str, str], int] = {}

    def turn(thread: str, name: str, nth: int | None) -> Iterator[Step | None]:
        while sim.can_move(thread) and (nth is None or done.get((thread, name), 0) < nth):
            if sim.position[thread].op is ASK:
                yield None
                continue
            step = sim.step(thread)
            assert step.node.op is not None
            key = thread, step.node.op.name
            done[key] = done.get(key, 0) + 1
            yield step

    for switch in schedule:
        name, _, nth = switch.until.partition("#")
        yield from turn(switch.run, name, int(nth) if nth else None)
    while ready := sim.runnable():
        yield from turn(ready[0], "", None)
