"""Questions about a run, chosen, joined with the authored ones, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import Any

from engine.predict import authored, scenes, schedules
from engine.predict.fact import Choice, Fact, Question
from engine.predict.past import Past
from engine.trace import Trace

MOST = 8
"""Questions a run, besides the authored ones."""

TRIVIAL, ENOUGH = 35, 3
"""Facts lighter than TRIVIAL are asked only until there are ENOUGH questions."""

OF_A_KIND = {"next_handler": 2, "lock": 1, "verdict": 1}
PREFIX = {"next_handler": "handler", "pte_after": "pte", "verdict": "rule"}


def questions(trace: Trace) -> list[Question]:
    """The questions of a run, in order. The same run has the same questions, for ever.

    The author's own, whose answers hold for some runs alone, join in where they hold.
    """
    past = Past(trace)
    others = scenes.kin(past)
    written = list(authored.questions(past))
    last = schedules.question(past, others)
    taken = {question.reveal for question in written}
    chosen = choose(scenes.facts(past), taken, MOST - (last is not None))
    search = scenes.Scenes(past, others)
    found = [_question(fact, search) for fact in chosen] + written + ([last] if last else [])
    return [_shuffled(q) for q in sorted(found, key=lambda q: (q.at, q.reveal, q.id))]


def asked_at(trace: Trace, at: int) -> str | None:
    """What stands to be answered after so many steps, if anything; found without other runs."""
    past = Past(trace)
    written = list(authored.questions(past))
    chosen = choose(scenes.facts(past), {question.reveal for question in written}, MOST)
    asked = [(fact.at, fact.step, fact.ask) for fact in chosen]
    asked += [(question.at, question.reveal, question.ask) for question in written]
    return next((ask for first, last, ask in sorted(asked) if first <= at < last), None)


def choose(facts: list[Fact], taken: set[int], most: int) -> list[Fact]:
    """The decisive facts: no two shown by one step, none asked while another is still open."""
    chosen: list[Fact] = []
    for fact in sorted(facts, key=lambda f: (-f.weight, f.step, f.kind)):
        if len(chosen) == most or (fact.weight < TRIVIAL and len(chosen) >= ENOUGH):
            break
        alike = sum(other.kind == fact.kind for other in chosen)
        if alike >= OF_A_KIND.get(fact.kind, most) or fact.step in taken:
            continue
        if len(fact.options) > 2 and all(_apart(fact, other) for other in chosen):
            chosen.append(fact)
    return chosen


def _apart(one: Fact, other: Fact) -> bool:
    return one.step != other.step and (one.step <= other.at or other.step <= one.at)


def _question(fact: Fact, search: scenes.Scenes) -> Question:
    choices = tuple(
        Choice(o.text, o is fact.right, o.because,
               None if o is fact.right else search.find(fact, o))
        for o in fact.options
    )  # fmt: skip
    prefix = PREFIX.get(fact.kind, fact.kind)
    if fact.topic.startswith("access"):
        prefix = "access"
    return Question(f"{prefix}@{fact.step}", fact.kind, fact.at, fact.step, fact.ask, choices)


def _shuffled(question: Question) -> Question:
    """Its choices in an order that follows from the question alone."""

    def order(choice: Choice) -> bytes:
        return sha256(f"{question.id} {question.ask} {choice.text}".encode()).digest()

    choices = tuple(sorted(question.choices, key=order))
    return Question(question.id, question.kind, question.at, question.reveal, question.ask, choices)


def questions_json(trace: Trace) -> dict[str, Any]:
    """`questions` as the page receives them."""
    return {"questions": [asdict(question) for question in questions(trace)]}
