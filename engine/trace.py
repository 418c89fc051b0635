"""A run from its first step to its last: what happened, why, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from engine import encode, source
from engine.errors import BadSchedule
from engine.history import checksum, events, handlers
from engine.kernel import Kernel
from engine.kernels import find_kernel
from engine.layout import simulate
from engine.ledger import Ledger, Moment, causes
from engine.model.arch import ARCHES, Arch
from engine.narrate import Narration, narrate
from engine.ops import OPS
from engine.schedule import parse_schedule, play, switch_points
from engine.scenario import Scenario, Switch, VmaSpec, split_place
from engine.share import encode_link
from engine.simulation import Simulation
from engine.verdicts import Judge, Verdict

Schedule = str | Iterable[Mapping[str, str]] | None

FORMAT = 1


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

    cells: the first ones. verdicts: by step.
    """

    scenario: Scenario
    kernel: Kernel
    arch: Arch
    cells: dict[str, Any]
    sim: Simulation
    steps: list[Told] = field(default_factory=list)
    verdicts: dict[int, list[Verdict]] = field(default_factory=dict)
    invariants: list[dict[str, Any]] = field(default_factory=list)

    @property
    def check(self) -> str:
        """The checksum of the coarse history."""
        return checksum(event for told in self.steps for event in told.events)

    @property
    def deadlock(self) -> bool:
        """Whether some thread can never finish."""
        return any(not self.sim.finished(thread) for thread in self.sim.threads)


def run(scenario: Scenario, kernel: str | None = None, schedule: Schedule = None) -> Trace:
    """Play a scenario to its end. kernel, schedule: instead of the scenario's own.

    Raises UnknownKernel, BadSchedule, BadScenario or BudgetExceeded.
    """
    chosen = find_kernel(kernel or scenario.kernel)
    followed = switches(scenario, schedule)
    sim = simulate(scenario, chosen.id)
    cells = dict(sim.machine)
    ledger, judge = Ledger(sim), Judge(sim)
    steps: list[Told] = []
    stacks: dict[str, tuple[str, ...]] = {}
    for step in play(sim, followed):
        moment = ledger.add(step)
        steps.append(_tell(moment, ledger, judge, stacks))
    judge.finish(len(steps))
    if isinstance(followed, str):
        followed = switch_points(told.moment.step for told in steps)
    scenario = scenario.model_copy(update={"kernel": chosen.id, "schedule": followed})
    trace = Trace(scenario, chosen, ARCHES[scenario.arch], cells, sim, steps)
    trace.verdicts.update(judge.verdicts)
    trace.invariants.extend(judge.invariants())
    return trace


def switches(scenario: Scenario, schedule: Schedule) -> tuple[Switch, ...] | str:
    """The schedule to follow: the scenario's own, or one given as text, letters or a list."""
    threads = [thread.name for _, thread in scenario.threads()]
    if schedule is None:
        return scenario.schedule
    if isinstance(schedule, str):
        return parse_schedule(schedule, threads)
    try:
        found = tuple(Switch.model_validate(switch) for switch in schedule)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        raise BadSchedule("schedule", message, 'write {"run": "A", "until": "set_pte_at#1"}') from None
    for number, switch in enumerate(found, 1):
        if switch.run not in threads:
            raise BadSchedule(f"schedule, part {number}", f"there is no thread {switch.run!r}",
                              f"there are {', '.join(threads)}")  # fmt: skip
    return found


def _tell(
    moment: Moment, ledger: Ledger, judge: Judge, stacks: dict[str, tuple[str, ...]]
) -> Told:
    found = judge.after(moment)
    because = causes(moment, ledger)
    arch = ledger.sim.world.arch
    happened = events(arch, moment, stacks.get(moment.thread, ()), [v.id for v in found])
    stacks[moment.thread] = handlers(moment)
    return Told(moment, because, narrate(moment, ledger), happened)


# --- as JSON


def trace_json(trace: Trace) -> dict[str, Any]:
    """The trace as the page and the command line receive it."""
    used = dict.fromkeys(id for told in trace.steps for id, _ in told.moment.stack)
    check = trace.check
    return {
        "format": FORMAT,
        "scenario": scenario_json(trace.scenario),
        "kernel": source.kernel_json(trace.kernel),
        "arch": encode.arch_json(trace.arch),
        "threads": _threads(trace),
        "processes": [_process(trace, process) for process in trace.scenario.processes],
        "focus": _focus(trace.scenario),
        "cells": {cell: encode.cell_value(cell, value) for cell, value in trace.cells.items()},
        "steps": [_step(told, trace.verdicts) for told in trace.steps],
        "functions": source.listings(used, trace.kernel),
        "outcome": _outcome(trace),
        "check": check,
        "link": encode_link(trace.scenario, check),
    }


def scenario_json(scenario: Scenario) -> dict[str, Any]:
    """The scenario, defaults dropped except the kernel and the schedule that were followed."""
    followed = [s.model_dump(mode="json") for s in scenario.schedule]
    return {**scenario.content(), "kernel": scenario.kernel, "schedule": followed}


def _threads(trace: Trace) -> list[dict[str, Any]]:
    cpu_of = trace.sim.world.cpu_of
    return [
        {"id": t.name, "process": p.name, "cpu": cpu_of[t.name], "program": [a.words() for a in t.do]}
        for p, t in trace.scenario.threads()
    ]


def _process(trace: Trace, process: Any) -> dict[str, Any]:
    forks = [act.fork for thread in process.threads for act in thread.do if act.fork]
    ordered = sorted(process.vmas, key=lambda vma: vma.first)
    vmas = [_vma(trace, process.name, vma) for vma in ordered]
    return {"id": process.name, "vmas": vmas, "children": forks}


def _vma(trace: Trace, mm: str, vma: VmaSpec) -> dict[str, Any]:
    owners = [f"{kind} {name}" for kind, name in (("file", vma.file), ("driver", vma.driver)) if name]
    return {
        "id": vma.name,
        "start": f"{vma.first:#x}",
        "pages": vma.pages,
        "flags": list(vma.flags),
        "ops": list(trace.cells.get(f"vma/{mm}/{vma.name}/ops") or ()),
        "backing": ", ".join(owners) or "anonymous",
    }


def _focus(scenario: Scenario) -> dict[str, Any]:
    """The page that is touched first; else the first page of the first vma."""
    for process, thread in scenario.threads():
        for act in thread.do:
            if act.fork is None:
                name, page = split_place(getattr(act, act.verb))
                vma = next(v for v in process.vmas if v.name == name)
                return _place(process.name, vma, page or 0)
    return _place(scenario.processes[0].name, scenario.processes[0].vmas[0], 0)


def _place(mm: str, vma: VmaSpec, page: int) -> dict[str, Any]:
    return {"mm": mm, "address": f"{vma.first + (page << 12):#x}", "vma": vma.name, "page": page}


def _step(told: Told, verdicts: dict[int, list[Verdict]]) -> dict[str, Any]:
    moment, words = told.moment, told.narration
    op = moment.step.node.op
    assert op is not None
    return {
        "n": moment.number,
        "thread": moment.thread,
        "op": moment.op,
        "nth": moment.nth,
        "args": encode.arguments(op),
        "answer": encode.answer(moment.op, moment.answer),
        "stack": [list(frame) for frame in moment.stack],
        "kind": OPS[moment.op].kind,
        "delta": [[c, encode.cell_value(c, was), encode.cell_value(c, now)]
                  for c, was, now in moment.step.delta],
        "reads": list(dict.fromkeys(moment.step.reads)),
        "causes": told.causes,
        "runnable": list(moment.runnable),
        "waiting": {t: {"lock": lock.removeprefix("lock/"), "by": list(by)}
                    for t, (lock, by) in moment.waiting.items()},
        "what": words.what,
        "why": words.why,
        "key": words.key,
        "params": words.params,
        "verdicts": [v._asdict() for v in verdicts.get(moment.number, ())],
        "event": "; ".join(told.events) or None,
    }  # fmt: skip


def _outcome(trace: Trace) -> dict[str, Any]:
    return {
        "verdicts": [v._asdict() for n in sorted(trace.verdicts) for v in trace.verdicts[n]],
        "threads": {thread: _thread_outcome(trace, thread) for thread in trace.sim.threads},
        "invariants": trace.invariants,
        "deadlock": trace.deadlock,
    }


def _thread_outcome(trace: Trace, thread: str) -> dict[str, Any]:
    cells = trace.sim.machine
    own = [told.moment for told in trace.steps if told.moment.thread == thread]
    bug, signal = cells.get(f"task/{thread}/bug"), cells.get(f"task/{thread}/signal")
    done = trace.sim.finished(thread)
    return {
        "returns": [encode.fault_code(m.args["ret"]) for m in own if m.op == "vm_fault"],
        "signal": signal,
        "bug": bug,
        "min_flt": cells.get(f"task/{thread}/min_flt", 0),
        "maj_flt": cells.get(f"task/{thread}/maj_flt", 0),
        "state": "dead" if bug or signal else "done" if done else "blocked",
        "saw": [_saw(m) for m in own if m.op == "access" and m.answer[0] == "ok"],
    }


def _saw(moment: Moment) -> str:
    return f"{'write' if moment.args['write'] else 'read'} {moment.answer[1]:#x}"
