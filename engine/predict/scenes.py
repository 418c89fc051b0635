"""Where a wrong answer would be right: the same scenario under another kernel, or another scenario.

Nothing here is written down by hand: runs are made, and the same question is looked at there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice

from engine.content import content
from engine.errors import EngineError
from engine.gallery import gallery
from engine.kernel import short_name
from engine.kernels import HISTORY
from engine.layout import simulate
from engine.predict import accesses, changes, ends, handlers, locks, ptes, rules
from engine.predict.fact import Fact, Option, Scene
from engine.predict.past import Past
from engine.scenario import Scenario
from engine.schedule import play
from engine.trace import run

KINDS = (handlers, ptes, changes, locks, ends, accesses, rules)
MAX_STEPS = 600
"""A longer run is not made again under the other kernels."""

Place = tuple[str, str, str]
"""(kind, topic, key) of a fact."""


def facts(past: Past) -> list[Fact]:
    """Everything that can be asked about a run."""
    return [fact for kind in KINDS for fact in kind.facts(past)]


def kin(past: Past) -> dict[str, Past]:
    """The same scenario and schedule under the other kernels, the nearest in history first."""
    if past.last > MAX_STEPS:
        return {}
    ids, language = [kernel.id for kernel in HISTORY], past.trace.words.language
    here = ids.index(past.kernel)
    found = {}
    for place in sorted(range(len(ids)), key=lambda n: (abs(n - here), n < here)):
        id = ids[place]
        if id == past.kernel:
            continue
        try:
            if _short(past.trace.scenario, id):
                found[id] = Past(run(past.trace.scenario, id, language=language))
        except EngineError:
            continue
    return found


def _short(scenario: Scenario, kernel: str) -> bool:
    """Whether the run is one to make; to find out costs a thirtieth of making it."""
    steps = play(simulate(scenario, kernel), scenario.schedule)
    return sum(1 for _ in islice(steps, MAX_STEPS + 1)) <= MAX_STEPS


class Scenes:
    """Finds scenes for one run's wrong answers."""

    def __init__(self, past: Past, others: dict[str, Past]) -> None:
        self.facts = {kernel: facts(other) for kernel, other in others.items()}
        self.past, self.title, self.kernel = past, past.trace.scenario.title, past.kernel

    def find(self, fact: Fact, wrong: Option) -> Scene | None:
        """A run in which this wrong answer to this question is right."""
        for kernel, known in self.facts.items():
            for other in known:
                same = other.place == fact.place and other.right.key == wrong.key
                if same and other.right.text == wrong.text:
                    title = self.past.say("scene.kernel", kernel=short_name(kernel))
                    return Scene(None, kernel, other.step, title)
        return self._elsewhere(fact, wrong)

    def _elsewhere(self, fact: Fact, wrong: Option) -> Scene | None:
        """In the gallery. What is writable there may be dirty too."""
        keys = [wrong.key, f"{wrong.key}d"] if wrong.key.endswith(":rw") else [wrong.key]
        for all_kernels in (False, True):
            shown = _shown(all_kernels, self.past.trace.words.language)
            found = [entry for key in keys for entry in shown.get((fact.kind, fact.topic, key), ())]
            known = [scene for scene, title in found if title != self.title]
            if known:
                return next((scene for scene in known if scene.kernel == self.kernel), known[0])
        return None


@cache
def _shown(all_kernels: bool, language: str) -> dict[Place, tuple[tuple[Scene, str], ...]]:
    """Where the gallery's runs show what, in the gallery's order, each with its title.

    all_kernels: under each kernel; else as they are. A second at most, and once in a process and
    language.
    """
    found: dict[Place, list[tuple[Scene, str]]] = {}
    said = content(language).say
    for id, title, past in _runs(all_kernels, language):
        for fact in facts(past):
            words = past.say("scene.gallery", title=said(title), kernel=past.called)
            place = fact.kind, fact.topic, fact.right.key
            scene = Scene(id, past.kernel, fact.step, words)
            found.setdefault(place, []).append((scene, title))
    return {place: tuple(known) for place, known in found.items()}


def _runs(all_kernels: bool, language: str) -> Iterator[tuple[str, str, Past]]:
    for id, scenario in gallery():
        for kernel in [k.id for k in HISTORY] if all_kernels else [scenario.kernel]:
            try:
                yield id, scenario.title, Past(run(scenario, kernel, language=language))
            except EngineError:
                continue
