"""A whole sheet: so many exercises of these kinds, from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.errors import EngineError
from engine.messages import ENGLISH
from engine.predict.fact import Fact
from engine.predict.past import Past
from engine.predict.scenes import facts
from engine.share import encode_link
from engine.sheets import orders
from engine.sheets.dice import Dice
from engine.sheets.exercise import Answer, Exercise, setup, so_far
from engine.sheets.scenes import Scene, scene
from engine.trace import Trace, run

KINDS = ("pte", "handler", "order", "returns", "lock", "rule")
"""What may be asked, in the order in which a sheet takes turns."""

OF_FACTS = {"pte": "pte_after", "handler": "next_handler", "returns": "returns", "lock": "lock",
            "rule": "verdict"}  # fmt: skip
MOST = 20
TOO_EASY = "mode"
"""How a fault takes mmap_sem is always the same."""

COMMON = ("rule none", "end MINOR", "mmap_sem shares")
RARE = 70
"""What most runs show is asked in 30 of a hundred exercises, or it would be the answer to guess."""

TRIES, LONGEST = 80, 160
"""Throws for one exercise; steps of a run that is asked about."""


def sheet(
    seed: int | str, kinds: Sequence[str] = KINDS, n: int = 8, language: str = ENGLISH
) -> list[Exercise]:
    """The exercises of a seed. The same arguments are the same sheet, for ever.

    A shorter sheet is the beginning of a longer one.
    """
    wanted = [kind for kind in KINDS if kind in kinds]
    found: list[Exercise] = []
    for number in range(min(n, MOST)):
        kind = wanted[number % len(wanted)]
        made = next(_tries(seed, kind, number, found, language), None)
        if made is not None:
            found.append(made)
    return found


def _tries(
    seed: int | str, kind: str, number: int, before: list[Exercise], language: str
) -> Iterator[Exercise]:
    """Exercises of a kind, none of which is on the sheet already."""
    asked = {_same(exercise) for exercise in before}
    topics = {tag for exercise in before if exercise.kind == kind for tag in exercise.tags}
    rare = Dice("sheet", seed, kind, number).chance(RARE)
    for attempt in range(TRIES):
        dice = Dice("sheet", seed, kind, number, attempt)
        made = orders.exercise(dice, language) if kind == "order" else _of_run(dice, kind, language)
        if made is None or _same(made) in asked:
            continue
        dull = topics.intersection(made.tags) or (rare and made.common)
        if not dull or attempt > TRIES * 3 // 4:  # something new first, while there is time
            yield made


def _same(exercise: Exercise) -> tuple[str, ...]:
    """What makes two exercises one and the same to who solves them."""
    right = exercise.answers[exercise.right].text if exercise.answers else ""
    return exercise.kind, exercise.kernel, exercise.ask, right, *exercise.pieces


def _of_run(dice: Dice, kind: str, language: str) -> Exercise | None:
    """A question of this kind about a run as the dice fall, if it has one."""
    try:
        made = scene(dice)
        trace = run(made.scenario, None, None, language)
    except EngineError:
        return None
    if len(trace.steps) > LONGEST:
        return None
    fits = [fact for fact in facts(Past(trace)) if _fits(fact, kind, trace)]
    return _asked(dice, kind, made, trace, dice.pick(fits)) if fits else None


def _fits(fact: Fact, kind: str, trace: Trace) -> bool:
    """Whether a fact can be told from what has happened, if the thread at hand just goes on.

    The order of turns is not on the sheet, so nobody else may come between, or, where the whole
    run is asked about, after.
    """
    last = len(trace.steps) if kind == "rule" else fact.step
    movers = {told.moment.thread for told in trace.steps[fact.at : last]}
    return (
        fact.kind == OF_FACTS[kind]
        and len(fact.options) > 2
        and fact.topic != TOO_EASY
        and len(movers) == 1
    )


def _asked(dice: Dice, kind: str, made: Scene, trace: Trace, fact: Fact) -> Exercise:
    options = dice.shuffled(fact.options)
    mover = trace.steps[fact.at].moment.thread
    alone = len(trace.sim.threads) < 2
    goes_on = () if alone else (trace.words.say("sheet.goes_on", who=f"@{mover}"),)
    return Exercise(
        kind=kind,
        kernel=trace.kernel.id,
        setup=(*setup(made, trace), *goes_on),
        so_far=so_far(trace, fact.at),
        ask=fact.ask,
        answers=tuple(Answer(o.text, o is fact.right, o.because) for o in options),
        threads=tuple(trace.sim.threads),
        link=encode_link(trace.scenario, trace.witness),
        step=fact.step,
        tags=(f"{made.mapping} {fact.topic} {fact.right.key}",),
        common=f"{fact.topic} {fact.right.key}" in COMMON,
    )
