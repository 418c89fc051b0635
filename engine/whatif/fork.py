"""Make a fork: the same past, another future, as a scenario that can be run and shared."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.content import content
from engine.errors import EngineError
from engine.gallery import scenario_of
from engine.layout import simulate
from engine.scenario import Scenario
from engine.schedule import play
from engine.simulation import Step
from engine.trace import Trace
from engine.whatif import flags
from engine.whatif.moment import Cut, cut
from engine.whatif.offers import (
    MOST_ANSWERS,
    Offer,
    calls_before,
    failing,
    next_answer,
    offers,
    owner,
    times,
)
from engine.whatif.words import plain, story, title

HEX = re.compile(r"0x[0-9a-fA-F]{1,16}")


@dataclass(frozen=True)
class Fork:
    """A fork of a run. restarts: the past may differ as well; said: what was changed.

    What the scenario told of the run before is gone (notes, questions, expectations); its story is
    what was changed, the newest change first.
    """

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
        found = next((o for o in known.values() if o.kind == "answer"), None)
    if found is None or not found.possible:
        raise _refusal(here, found, offer, [o.id for o in known.values() if o.possible])
    data = here.content
    said = CHANGES[kind](here, data, what)
    before, words = trace.scenario, trace.words
    name = content(words.language).say(before.title)
    data["title"], data["story"] = title(words, name), story(words, name, before.story, said)
    made = scenario_of(data, "edit")
    told = said if _differs(trace, made) else here.say("no_effect", said=said)
    return Fork(made, kind == "flag", told)


def _refusal(here: Cut, found: Offer | None, offer: str, possible: list[str]) -> EngineError:
    """Why this is no fork, and what would be one."""
    what = here.say("unknown", offer=repr(offer[:60]))
    if found:
        why = found.why_not.removesuffix(".")
        what = plain(here.trace.words, here.say("impossible", offer=found.title, why=why))
    offers = ", ".join(possible)
    instead = here.say("instead", offers=offers) if possible else here.say("instead_step")
    refusal = EngineError("edit", what, instead)
    refusal.language = here.trace.words.language
    return refusal


def _differs(trace: Trace, scenario: Scenario) -> bool:
    """Whether any step of the scenario's run is another than the trace's."""
    sim = simulate(scenario, trace.kernel.id)
    told = iter(trace.steps)
    for step in play(sim, scenario.schedule):
        one = next(told, None)
        if one is None or _told(step) != _told(one.moment.step):
            return True
    return next(told, None) is not None


def _told(step: Step) -> tuple[Any, ...]:
    """What a step did. The vma that find_vma answers with is left out: it shows every flag."""
    op = step.node.op
    answer = None if op and op.name == "find_vma" else step.answer
    return step.thread, op, answer, step.delta


def _run(here: Cut, data: dict[str, Any], thread: str) -> str:
    data["schedule"] = [*data["schedule"], {"run": thread, "until": "end"}]
    return here.after("run.said", who=f"@{thread}")


def _answer(here: Cut, data: dict[str, Any], value: str) -> str:
    moment = next_answer(here)
    assert moment is not None
    name, nth = owner(moment), calls_before(here, owner(moment))
    place = "drivers" if name in data.get("drivers", {}) else "files"
    method = "nopfn" if place == "drivers" else "nopage"
    spec = data[place][name]
    given = spec.get(method) or [{}]
    answers = [given[min(i, len(given) - 1)] for i in range(nth)]
    changed = {**given[min(nth, len(given) - 1)], "value": value}
    spec[method] = [*answers, changed, *(given[nth + 1 :] or given[-1:])][:MOST_ANSWERS]
    data["schedule"] += here.rest()
    shown = here.say("answer.frame", frame=f"`{value}`") if value.startswith("0x") else value
    return here.after("answer.said", name=name, answer=shown)


def _fail(here: Cut, data: dict[str, Any], op: str) -> str:
    nth = times(here, op) + 1
    others = [one for one in data.get("inject", []) if one["fail"] != op]
    data["inject"] = [*others, {"fail": op, "nth": sorted({*(failing(here, op) or ()), nth})}]
    data["schedule"] += here.rest()
    return here.after("fail.said", op=op)


def _kill(here: Cut, data: dict[str, Any], victim: str) -> str:
    taken = {thread.name for _, thread in here.trace.scenario.threads()}
    killer = next(n for n in ("kill", *(f"kill{i}" for i in range(2, 9))) if n not in taken)
    cpu = len(taken) % 8
    spec = {"name": killer, "cpu": cpu, "do": [{"kill": victim}]}
    last = dict(data["processes"][-1])
    last["threads"] = [*last.get("threads", []), spec]
    data["processes"] = [*data["processes"][:-1], last]
    data["schedule"] += [{"run": killer, "until": "end"}, *here.rest()]
    return here.after("kill.said", who=f"@{victim}")


def _flag(here: Cut, data: dict[str, Any], what: str) -> str:
    place, _, flag = what.partition(":")
    mm, _, name = place.partition("/")
    had = next(flag in v.flags for p, v in here.vmas() if (p.name, v.name) == (mm, name))
    flags.turn(data, place, flag)
    data["schedule"] = here.switches(len(here.trace.steps))
    also = flags.TOGETHER.get(flag, "")
    key = f"flag.said_{'off' if had else 'on'}{'_both' if also else ''}"
    return here.say(key, vma=name, flag=flag, also=also, why=here.say("flag.why"))


CHANGES: dict[str, Callable[[Cut, dict[str, Any], str], str]] = {
    "run": _run,
    "answer": _answer,
    "fail": _fail,
    "kill": _kill,
    "flag": _flag,
}
