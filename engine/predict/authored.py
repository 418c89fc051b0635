"""The questions that a scenario's author wrote, at the steps that they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.content import content
from engine.predict.fact import Choice, Question
from engine.predict.past import Past


def questions(past: Past) -> Iterator[Question]:
    """Each authored question whose step this run has; it is asked after it."""
    places = {(m.thread, m.op, m.nth): m.number for m in past.moments}
    asked: Counter[int] = Counter()
    said = content(past.trace.words.language).say
    for written in past.trace.scenario.questions:
        at = places.get((written.thread, written.op, written.nth))
        if at is None or not written.holds(past.kernel):
            continue
        asked[at] += 1
        choices = tuple(
            Choice(said(text), place == written.answer, said(written.because))
            for place, text in enumerate(written.choices)
        )
        id = f"authored@{at}" + (f".{asked[at]}" if asked[at] > 1 else "")
        reveal = min(at + 1, past.last)
        yield Question(id, "authored", at, reveal, said(written.ask), choices)
