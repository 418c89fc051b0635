"""A run from its first step to its last: what happened, why, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from engine.errors import BadSchedule
from engine.history import checksum, events, handlers, marks
from engine.kernel import Kernel
from engine.kernels import find_kernel
from engine.layout import simulate
from engine.ledger import Ledger, Moment, causes
from engine.messages import ENGLISH, Messages, messages
from engine.model.arch import ARCHES, Arch
from engine.narrate import Narration, narrate
from engine.scenario import Scenario, Switch
from engine.schedule import parse_schedule, play, rehearse, within_bounds
from engine.simulation import Simulation
from engine.verdicts import Judge, Verdict, stale_entries

CITED = re.compile(r"#(\d+)")
"""A step that a why refers to; it is one of the causes."""

MARKED = 4000
"""How many events a link can tell apart one by one."""

Schedule = str | Iterable[Mapping[str, str]] | None


@dataclass(frozen=True)
class Told:
    """A step with everything that is said about it."""

    moment: Moment
    causes: list[int]
    narration: Narration
    events: list[str]


@dataclass(frozen=True)
class Trace:
    """A finished run. scenario: as it was run, with the kernel and schedule that were chosen.

    cells: the first ones. words: what it is told in. verdicts: by step. stale_cpus: whose TLB
    disagrees in the end.
    """

    scenario: Scenario
    kernel: Kernel
    arch: Arch
    cells: dict[str, Any]
    sim: Simulation
    words: Messages
    steps: list[Told] = field(default_factory=list)
    verdicts: dict[int, list[Verdict]] = field(default_factory=dict)
    invariants: list[dict[str, Any]] = field(default_factory=list)
    stale_cpus: set[str] = field(default_factory=set)

    @property
    def check(self) -> str:
        """The checksum of the coarse history."""
        return checksum(event for told in self.steps for event in told.events)

    @property
    def witness(self) -> str:
        """The checksum, and a mark for each event, by which a link knows where the model moved."""
        events = [event for told in self.steps for event in told.events]
        return f"{checksum(events)}.{marks(events[:MARKED])}"

    @property
    def deadlock(self) -> bool:
        """Whether some thread can never finish."""
        return any(not self.sim.finished(thread) for thread in self.sim.threads)


def run(
    scenario: Scenario,
    kernel: str | None = None,
    schedule: Schedule = None,
    language: str = ENGLISH,
) -> Trace:
    """Play a scenario to its end. kernel, schedule: instead of the scenario's own.

    language: of the sentences; nothing else depends on it. Raises UnknownKernel, BadSchedule,
    BadScenario, BudgetExceeded, UnknownLanguage or BadMessages.
    """
    words = messages(language)
    chosen = find_kernel(kernel or scenario.kernel)
    followed = switches(scenario, schedule)
    sim = simulate(scenario, chosen.id)
    cells = dict(sim.machine)
    expanded = rehearse(sim, followed)
    ledger, judge = Ledger(sim, words), Judge(sim, words)
    steps: list[Told] = []
    stacks: dict[str, tuple[str, ...]] = {}
    for step in play(sim, followed):
        moment = ledger.add(step)
        steps.append(tell(moment, ledger, judge, stacks))
    for verdict in judge.finish(len(steps)):
        steps[-1].events.append(f"! {verdict.id}")
    scenario = scenario.as_run(chosen.id, expanded)
    trace = Trace(scenario, chosen, ARCHES[scenario.arch], cells, sim, words, steps)
    trace.verdicts.update(judge.verdicts)
    trace.invariants.extend(judge.invariants())
    trace.stale_cpus.update(stale.cpu for stale in stale_entries(sim))
    return trace


def switches(scenario: Scenario, schedule: Schedule) -> tuple[Switch, ...] | str:
    """The schedule to follow: the scenario's own, or one given as text, letters or a list."""
    threads = [thread.name for _, thread in scenario.threads()]
    if schedule is None:
        return scenario.schedule
    if isinstance(schedule, str):
        return parse_schedule(schedule, threads)
    try:
        found = tuple(Switch.model_validate(switch) for switch in within_bounds(schedule))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        instead = 'write {"run": "A", "until": "set_pte_at#1"}'
        raise BadSchedule("schedule", message, instead) from None
    for number, switch in enumerate(found, 1):
        if switch.run not in threads:
            raise BadSchedule(f"schedule, part {number}", f"there is no thread {switch.run!r}",
                              f"there are {', '.join(threads)}")  # fmt: skip
    return found


def tell(moment: Moment, ledger: Ledger, judge: Judge, stacks: dict[str, tuple[str, ...]]) -> Told:
    """The newest step with all that is said of it. stacks: each thread's handlers so far."""
    found = judge.after(moment)
    because = causes(moment, ledger)
    words = narrate(moment, ledger)
    cited = {int(n) for n in CITED.findall(words.why)}
    arch = ledger.sim.world.arch
    happened = events(arch, moment, stacks.get(moment.thread, ()), [v.id for v in found])
    stacks[moment.thread] = handlers(moment)
    return Told(moment, sorted(cited.union(because)), words, happened)
