"""Whether any schedule breaks a rule: asked of the explorer, within a budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.errors import EngineError
from engine.explore import explore
from engine.kernel import short_name
from engine.kernels import HISTORY
from engine.predict.fact import Choice, Option, Question, Scene
from engine.predict.past import Past
from engine.predict.rules import broken, titled
from engine.trace import run

MAX_STATES = 6000
"""Enough for every race of the gallery, and a third of a second."""

MAX_WORK = 2_000_000
"""States times cells: what looking at the ends of a search costs grows with both."""

RULES = ("tlb_agrees", "overwrite", "lost_dirty", "cow_isolation", "zero_page", "freed_page",
         "counts", "no_deadlock")  # fmt: skip
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
        most, language = max(budget, 1), past.trace.words.language
        found = explore(past.trace.scenario, kernel, max_states=most, language=language)
    except EngineError:
        return None
    breaking = {v["invariant"]: v for v in found["violations"]}
    how = "kept" if rule is None else "mended"
    rule = rule or _telling(breaking, breakers)
    if rule not in breaking and not found["complete"]:
        return None
    params = {"kernel": short_name(kernel), "rule": titled(past)[rule], "states": found["states"]}
    if rule in breaking:
        no = Option("no", past.say("any.no"), past.say("any.no.wrong"))
        options = [_yes(past, breaking[rule], params), no]
        scene: Scene | None = _found(past, kernel, rule, breaking[rule])
    else:
        why = past.say("any.no.right", **params), past.say("any.yes.wrong", **params)
        answers = past.say("any.no"), past.say("any.yes")
        options = [Option("no", answers[0], why[0]), Option("yes", answers[1], why[1])]
        scene = next((_broken_there(b, rule) for b in breakers if rule in broken(b)), None)
    ask, choices = past.say(f"any.ask.{how}", **params), tuple(_choices(options, scene))
    return Question(f"any@{past.last}", "any_schedule", past.last, past.last, ask, choices)


def _telling(breaking: dict[str, Any], breakers: list[Past]) -> str:
    """The rule to ask about: one that this kernel may break, or another does, or the first."""
    there = {rule for breaker in breakers for rule in broken(breaker)}
    choices = [r for r in RULES if r in breaking] + [r for r in RULES if r in there]
    return [*choices, RULES[0]][0]


def _broken_there(breaker: Past, rule: str) -> Scene:
    title = breaker.say("scene.kernel", kernel=breaker.called)
    return Scene(None, breaker.kernel, broken(breaker)[rule][0], title)


def _yes(past: Past, violation: dict[str, Any], params: dict[str, Any]) -> Option:
    shown = {"schedule": violation["schedule"], "text": violation["text"]}
    return Option("yes", past.say("any.yes"), past.say("any.yes.right", **shown, **params))


def _choices(options: list[Option], scene: Scene | None) -> Iterator[Choice]:
    for place, option in enumerate(options):
        shown = scene if option.key == "yes" else None
        yield Choice(option.text, place == 0, option.because, shown)


def _found(past: Past, kernel: str, rule: str, violation: dict[str, Any]) -> Scene:
    """The schedule that the search found, at the step that breaks the rule."""
    language = past.trace.words.language
    played = Past(run(past.trace.scenario, kernel, violation["schedule"], language))
    step = broken(played)[rule][0]
    title = past.say("scene.schedule", kernel=short_name(kernel))
    return Scene(None, kernel, step, title, violation["link"])
