"""Make a fork: the same past, another future, as a scenario that can be run and shared."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.gallery import scenario_of
from engine.scenario import Scenario
from engine.trace import Trace
from engine.whatif import words
from engine.whatif.moment import Cut, allocates, cut
from engine.whatif.offers import calls_before, next_answer, offers, owner

HEX = re.compile(r"0x[0-9a-fA-F]{1,16}")


@dataclass(frozen=True)
class Fork:
    """A fork of a run. restarts: the past may differ as well; said: what was changed."""

    scenario: Scenario
    restarts: bool
    said: str


def fork(trace: Trace, at: int, offer: str) -> Fork:
    """The run with the offer of that id taken after `at` steps; `answer:` takes any hex pfn.

    Its first `at` steps are those of the trace, except after a change of flags, which holds from
    the start. Raises EngineError for what is not offered or not possible, with the reason.
    """
    here = cut(trace, at)
    known = {found.id: found for found in offers(trace, at)}
    found = known.get(offer)
    kind, _, what = offer.partition(":")
    if found is None and kind == "answer" and HEX.fullmatch(what):
        found = next((o for o in known.values() if o.id.startswith("answer:0x")), None)
    if found is None:
        names = ", ".join(o.id for o in known.values() if o.possible)
        raise EngineError("edit", f"{offer[:60]!r} is not offered here", f"take one of {names}")
    if not found.possible:
        raise EngineError("edit", words.impossible(found.title), found.why_not)
    content = here.content
    said = CHANGES[kind](here, content, what)
    content["title"] = words.title(trace.scenario.title)
    return Fork(scenario_of(content, "edit"), kind == "flag", said)


def _run(here: Cut, content: dict[str, Any], thread: str) -> str:
    content["schedule"] = [*content["schedule"], {"run": thread, "until": "end"}]
    return words.said_run(thread, here.at)


def _answer(here: Cut, content: dict[str, Any], value: str) -> str:
    moment = next_answer(here)
    assert moment is not None
    name, nth = owner(moment), calls_before(here, owner(moment))
    place = "drivers" if name in content.get("drivers", {}) else "files"
    method = "nopfn" if place == "drivers" else "nopage"
    spec = content[place][name]
    given = spec.get(method) or [{}]
    answers = [given[min(i, len(given) - 1)] for i in range(nth)]
    spec[method] = [*answers, {"value": value}, *(given[nth + 1 :] or given[-1:])][:16]
    content["schedule"] += here.rest()
    return words.said_answer(name, value, here.at)


def _fail(here: Cut, content: dict[str, Any], op: str) -> str:
    nth = sum(allocates(m, op) for m in here.past) + 1
    injected = [dict(one) for one in content.get("inject", [])]
    mine = next((one for one in injected if one["fail"] == op), None)
    if mine is None:
        injected.append({"fail": op, "nth": [nth]})
    else:
        mine["nth"] = sorted({*mine["nth"], nth})
    content["inject"] = injected
    content["schedule"] += here.rest()
    return words.said_fail(op, here.at)


def _kill(here: Cut, content: dict[str, Any], victim: str) -> str:
    taken = {thread.name for _, thread in here.trace.scenario.threads()}
    killer = next(n for n in ("kill", *(f"kill{i}" for i in range(2, 9))) if n not in taken)
    cpu = len(taken) % 8
    spec = {"name": killer, "cpu": cpu, "do": [{"kill": victim}]}
    last = dict(content["processes"][-1])
    last["threads"] = [*last.get("threads", []), spec]
    content["processes"] = [*content["processes"][:-1], last]
    content["schedule"] += [{"run": killer, "until": "end"}, *here.rest()]
    return words.said_kill(victim, here.at)


def _flag(here: Cut, content: dict[str, Any], what: str) -> str:
    place, _, flag = what.partition(":")
    mm, _, name = place.partition("/")
    for process in content["processes"]:
        for vma in process["vmas"] if process.get("name", "P") == mm else ():
            if vma["name"] == name:
                had = flag in vma["flags"]
                vma["flags"] = [f for f in [*vma["flags"], flag] if f != flag or not had]
                content["schedule"] = here.switches(len(here.trace.steps))
                return words.said_flag(name, flag, not had)
    raise EngineError("edit", f"there is no vma {place[:60]!r}", "name one of the scenario's")


CHANGES: dict[str, Callable[[Cut, dict[str, Any], str], str]] = {
    "run": _run,
    "answer": _answer,
    "fail": _fail,
    "kill": _kill,
    "flag": _flag,
}
