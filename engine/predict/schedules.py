"""Whether any schedule breaks a rule: asked of the explorer, within a budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.errors import EngineError
from engine.explore import explore
from engine.kernels import HISTORY
from engine.predict.fact import Choice, Option, Question, Scene
from engine.predict.past import Past
from engine.predict.rules import broken, titled
from engine.predict.words import say
from engine.trace import run

MAX_STATES = 6000
"""Enough for every race of the gallery, and a third of a second."""

MAX_WORK = 2_000_000
"""States times cells: what looking at the ends of a search costs grows with both."""

RULES = ("tlb_agrees", "overwrite", "lost_dirty", "cow_isolation", "freed_page", "counts",
         "no_deadlock")  # fmt: skip
"""The rules that are asked about, the most telling first."""


def question(past: Past, kin: dict[str, Past]) -> Question | None:
    """One question about all schedules, at the end of the run; None if it cannot be settled.

    kin: the same scenario and schedule under other kernels. Where this run breaks a rule itself,
    the question is about the next kernel under which the same schedule does not.
    """
    if len(past.trace.sim.threads) < 2 or not past.last:
        return None
    own = [rule for rule in RULES if rule in broken(past)]
    for rule in own:
        kernel = _mended(past, kin, rule)
        if kernel:
            return _about(past, kernel, rule, [past])
    if own:
        return None  # as this schedule breaks it under every later kernel, there is nothing to ask
    return _about(past, past.kernel, None, list(kin.values()))


def _mended(past: Past, kin: dict[str, Past], rule: str) -> str | None:
    ids = [kernel.id for kernel in HISTORY]
    for id in ids[ids.index(past.kernel) + 1 :]:
        if id in kin and rule not in broken(kin[id]):
            return id
    return None


def _about(past: Past, kernel: str, rule: str | None, breakers: list[Past]) -> Question | None:
    """rule: the one to ask about; None: one that some schedule breaks, or some of the breakers.

    breakers: runs by the same schedule, of which one that breaks the rule shows a wrong "yes".
    """
    budget = min(MAX_STATES, MAX_WORK // len(past.trace.cells))
    try:
        found = explore(past.trace.scenario, kernel, max_states=max(budget, 1))
    except EngineError:
        return None
    breaking = {v["invariant"]: v for v in found["violations"]}
    how = "kept" if rule is None else "mended"
    rule = rule or _telling(breaking, breakers)
    if rule not in breaking and not found["complete"]:
        return None
    params = {"kernel": kernel, "rule": titled(past)[rule], "states": found["states"]}
    if rule in breaking:
        options = [_yes(breaking[rule], params), Option("no", say("any.no"), say("any.no.wrong"))]
        scene: Scene | None = _found(past, kernel, rule, breaking[rule])
    else:
        why = say("any.no.right", **params), say("any.yes.wrong", **params)
        options = [Option("no", say("any.no"), why[0]), Option("yes", say("any.yes"), why[1])]
        scene = next((_broken_there(b, rule) for b in breakers if rule in broken(b)), None)
    return Question(f"any@{past.last}", "any_schedule", past.last, past.last,
                    say(f"any.ask.{how}", **params), tuple(_choices(options, scene)))  # fmt: skip


def _telling(breaking: dict[str, Any], breakers: list[Past]) -> str:
    """The rule to ask about: one that this kernel may break, or another does, or the first."""
    there = {rule for breaker in breakers for rule in broken(breaker)}
    choices = [r for r in RULES if r in breaking] + [r for r in RULES if r in there]
    return [*choices, RULES[0]][0]


def _broken_there(breaker: Past, rule: str) -> Scene:
    title = say("scene.kernel", kernel=breaker.kernel)
    return Scene(None, breaker.kernel, broken(breaker)[rule][0], title)


def _yes(violation: dict[str, Any], params: dict[str, Any]) -> Option:
    words = say("any.yes.right", schedule=violation["schedule"], text=violation["text"], **params)
    return Option("yes", say("any.yes"), words)


def _choices(options: list[Option], scene: Scene | None) -> Iterator[Choice]:
    for place, option in enumerate(options):
        shown = scene if option.key == "yes" else None
        yield Choice(option.text, place == 0, option.because, shown)


def _found(past: Past, kernel: str, rule: str, violation: dict[str, Any]) -> Scene:
    """The schedule that the search found, at the step that breaks the rule."""
    played = Past(run(past.trace.scenario, kernel, violation["schedule"]))
    step = broken(played)[rule][0]
    return Scene(None, kernel, step, say("scene.schedule", kernel=kernel), violation["link"])
