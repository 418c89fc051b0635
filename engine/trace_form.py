"""A trace as JSON: what the page and the command line receive."""

from __future__ import annotations

from typing import Any

from engine import encode, source
from engine.consistency import split_place
from engine.content import content
from engine.ending import ending
from engine.history import marks, parting
from engine.invariants.order import bug_message
from engine.ledger import Moment
from engine.messages import ENGLISH, Message
from engine.ops import OPS
from engine.scenario import Process, Scenario, VmaSpec
from engine.share import encode_link
from engine.trace import MARKED, Told, Trace
from engine.verdicts import Verdict

FORMAT = 1


def trace_json(trace: Trace, told: str | None = None) -> dict[str, Any]:
    """The trace as the page and the command line receive it.

    told: the check of the link that it was opened from; `drift` says whether it ran the same way.
    """
    used = dict.fromkeys(id for told in trace.steps for id, _ in told.moment.stack)
    check = trace.check
    return {
        "format": FORMAT,
        "scenario": scenario_json(trace.scenario),
        "kernel": source.kernel_json(trace.kernel, trace.words.language),
        "arch": encode.arch_json(trace.arch, trace.words),
        "threads": _threads(trace),
        "processes": [_process(trace, process) for process in trace.scenario.processes],
        "focus": _focus(trace.scenario),
        "cells": {cell: encode.cell_value(cell, value) for cell, value in trace.cells.items()},
        "steps": [_step(told, trace.verdicts) for told in trace.steps],
        "functions": source.listings(used, trace.kernel),
        "outcome": _outcome(trace),
        "check": check,
        "link": encode_link(trace.scenario, trace.witness),
        "drift": drift(trace, told),
        **_translated(trace),
    }


def _translated(trace: Trace) -> dict[str, Any]:
    """For a reader of another language: what the scenario says, and what of it is in English."""
    if trace.words.language == ENGLISH:
        return {}
    told, scenario = content(trace.words.language).told, trace.scenario
    notes = [told(note.text) for note in scenario.notes]
    return {"told": {"title": told(scenario.title), "story": told(scenario.story), "notes": notes}}


def drift(trace: Trace, told: str | None) -> dict[str, Any] | None:
    """None if a link's run and this one are the same, else the first event that differs."""
    if told is None or told[:11] == trace.check:
        return None
    events = [(number, e) for number, t in enumerate(trace.steps, 1) for e in t.events]
    at = parting(told[12:], marks(e for _, e in events[:MARKED]))
    if not told[12:] or at >= len(events):
        return {"step": None, "event": None}
    return {"step": events[at][0], "event": events[at][1]}


def scenario_json(scenario: Scenario) -> dict[str, Any]:
    """The scenario, defaults dropped except the kernel and the schedule that were followed."""
    followed = [s.model_dump(mode="json") for s in scenario.schedule]
    return {**scenario.content(), "kernel": scenario.kernel, "schedule": followed}


def _threads(trace: Trace) -> list[dict[str, Any]]:
    cpu_of = trace.sim.world.cpu_of
    found = []
    for process, thread in trace.scenario.threads():
        program = [act.words() for act in thread.do]
        cpu = cpu_of[thread.name]
        found.append({"id": thread.name, "process": process.name, "cpu": cpu, "program": program})
    return found


def _process(trace: Trace, process: Process) -> dict[str, Any]:
    forks = [act.fork for thread in process.threads for act in thread.do if act.fork]
    ordered = sorted(process.vmas, key=lambda vma: vma.first)
    vmas = [_vma(trace, process.name, vma) for vma in ordered]
    return {"id": process.name, "vmas": vmas, "children": forks}


def _vma(trace: Trace, mm: str, vma: VmaSpec) -> dict[str, Any]:
    say = trace.words.say
    owners = [say("vmas.of_file", name=vma.file)] if vma.file else []
    owners += [say("vmas.of_driver", name=vma.driver)] if vma.driver else []
    return {
        "id": vma.name,
        "start": f"{vma.first:#x}",
        "pages": vma.pages,
        "flags": list(vma.flags),
        "ops": list(trace.cells.get(f"vma/{mm}/{vma.name}/ops") or ()),
        "backing": trace.words.listed(owners) if owners else say("vmas.anonymous"),
    }


def _focus(scenario: Scenario) -> dict[str, Any]:
    """The page that is touched first; else the first page of the first vma."""
    for process, thread in scenario.threads():
        for act in thread.do:
            if act.fork is None and act.kill is None:
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
        "threads": {thread: thread_outcome(trace, thread) for thread in trace.sim.threads},
        "invariants": trace.invariants,
        "deadlock": trace.deadlock,
        "text": ending(trace),
    }


def thread_outcome(trace: Trace, thread: str) -> dict[str, Any]:
    """What became of a thread."""
    cells = trace.sim.machine
    own = [told.moment for told in trace.steps if told.moment.thread == thread]
    bug, signal = cells.get(f"task/{thread}/bug"), cells.get(f"task/{thread}/signal")
    done = trace.sim.finished(thread)
    return {
        "returns": [encode.fault_code(m.args["ret"]) for m in own if m.op == "vm_fault"],
        "signal": signal,
        "bug": bug and _bug(trace, bug),
        "min_flt": cells.get(f"task/{thread}/min_flt", 0),
        "maj_flt": cells.get(f"task/{thread}/maj_flt", 0),
        "state": "dead" if bug or signal else "done" if done else "blocked",
        "saw": [_saw(m) for m in own if m.op == "access" and m.answer[0] == "ok"],
    }


def _bug(trace: Trace, bug: str) -> str:
    told = bug_message(bug)
    return trace.words.read(told) if isinstance(told, Message) else told


def _saw(moment: Moment) -> str:
    return f"{'write' if moment.args['write'] else 'read'} {moment.answer[1]:#x}"
