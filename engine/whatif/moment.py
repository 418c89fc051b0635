"""A run cut at a step: what has happened, what comes next, and how to get here again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.layout import simulate
from engine.ledger import Moment
from engine.scenario import Process, VmaSpec
from engine.schedule import play
from engine.simulation import Simulation
from engine.trace import Trace
from engine.whatif.words import after, names, sentence

ANSWERS = ("nopfn_ret", "nopage_ret")


def allocates(moment: Moment, op: str) -> bool:
    """Whether this is a call of the op that allocates, and so could fail."""
    return moment.op == op and moment.answer != "have"


@dataclass(frozen=True)
class Cut:
    """A trace and how many of its steps have been taken. sim: standing there."""

    trace: Trace
    at: int
    sim: Simulation

    @property
    def past(self) -> list[Moment]:
        """The steps taken."""
        return [told.moment for told in self.trace.steps[: self.at]]

    @property
    def future(self) -> list[Moment]:
        """The steps to come in this run."""
        return [told.moment for told in self.trace.steps[self.at :]]

    @property
    def content(self) -> dict[str, Any]:
        """The run's scenario as data, to be changed, without what was said of that run alone."""
        data = self.trace.scenario.content()
        for told in ("expect", "notes", "questions", "watch_under"):
            data.pop(told, None)
        return {**data, "kernel": self.trace.kernel.id, "schedule": self.switches(self.at)}

    def say(self, key: str, /, **fields: Any) -> str:
        """The message whatif.`key`, in the run's language."""
        return sentence(self.trace.words, key, **fields)

    def after(self, key: str, /, **fields: Any) -> str:
        """The message that says what was changed here."""
        return after(self.trace.words, key, self.at, **fields)

    def names(self, threads: Sequence[str]) -> str:
        """@A, @B and @C."""
        return names(self.trace.words, threads)

    def vmas(self) -> Iterator[tuple[Process, VmaSpec]]:
        """Every vma of the scenario with its process."""
        return ((p, v) for p in self.trace.scenario.processes for v in p.vmas)

    def switches(self, count: int) -> list[dict[str, str]]:
        """The schedule of the first `count` steps; the last turn ends with the last of them."""
        found: list[dict[str, str]] = []
        done: Counter[tuple[str, str]] = Counter()
        for told in self.trace.steps[:count]:
            moment = told.moment
            done[moment.thread, moment.op] += 1
            until = f"{moment.op}#{done[moment.thread, moment.op]}"
            if found and found[-1]["run"] == moment.thread:
                found[-1]["until"] = until
            else:
                found.append({"run": moment.thread, "until": until})
        return found

    def rest(self) -> list[dict[str, str]]:
        """The turns still to come in this run."""
        whole = self.switches(len(self.trace.steps))
        taken = self.switches(self.at)
        going_on = bool(taken) and taken[-1] not in whole
        return whole[len(taken) - going_on :]


def cut(trace: Trace, at: int) -> Cut:
    """The run after `at` steps. Raises EngineError if it has fewer."""
    if not 0 <= at <= len(trace.steps):
        raise EngineError("at", f"there is no step {at}", f"this run has {len(trace.steps)} steps")
    sim = simulate(trace.scenario, trace.kernel.id)
    steps = play(sim, trace.scenario.schedule)
    for _ in range(at):
        next(steps)
    return Cut(trace, at, sim)
