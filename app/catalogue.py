"""What the server can tell without running anything: made once, when it starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine
from app import payload
from app.content import content
from app.explain import Trouble, nearest
from app.payload import Payload
from app.problems import Problem
from engine import Scenario
from engine.content import Content
from engine.listing import Entry
from engine.model.vma import FLAGS, VM_HUGETLB, VM_NONLINEAR
from engine.ops import OPS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
UNMODELLED = (VM_NONLINEAR, VM_HUGETLB)
VOCABULARY = {
    "x-ops": {name: spec.doc for name, spec in OPS.items()},
    "x-flags": [name for name, flag in FLAGS.items() if flag not in UNMODELLED],
}
"""Names that a scenario may use and that its schema leaves to the validator: for completion."""


class Catalogue:
    """The kernels, the gallery and the schema, as payloads."""

    def __init__(self, gallery: dict[str, Scenario]) -> None:
        self.gallery = gallery
        self._told: dict[tuple[str, str], Payload] = {}
        self.scenarios = {name: payload.make(gallery[name].content()) for name in gallery}
        schema = {"$schema": DIALECT, **Scenario.model_json_schema(), **VOCABULARY}
        self.schema = payload.make(schema, media_type="application/schema+json")

    def kernels(self, language: str) -> Payload:
        """The kernels, in order of history."""
        return self._make("kernels", language, lambda: engine.kernels_json(language))

    def listing(self, language: str) -> Payload:
        """The gallery's list."""
        return self._make("listing", language, lambda: entries(self.gallery, language))

    def _make(self, what: str, language: str, make: Callable[[], Any]) -> Payload:
        key = what, language
        if key not in self._told:
            self._told[key] = payload.make(make(), language=language)
        return self._told[key]

    def one(self, name: str) -> Payload:
        """The scenario called `name`."""
        if name in self.scenarios:
            return self.scenarios[name]
        what = f"there is no scenario {name[:60]!r}"
        trouble = Trouble("id", what, nearest(name, list(self.scenarios)))
        raise Problem(404, "There is no such scenario", str(trouble), [trouble], "unknown-scenario")


def entries(gallery: dict[str, Scenario], language: str) -> list[dict[str, str | int]]:
    """The gallery's list: what each scenario is, and where it stands."""
    known = content(language)
    found: list[dict[str, str | int]] = []
    for claim in engine.listing(gallery):
        group = {"claim": claim.id, "group": known.say(claim.group)}
        for at in claim.entries:
            found.append({**entry(at.id, gallery[at.id], known), **group, **place(at)})
    return found


def entry(name: str, scenario: Scenario, known: Content) -> dict[str, str]:
    """What the list tells of one scenario; lang, where that is not the reader's."""
    told = {"title": known.say(scenario.title), "story": known.say(scenario.story)}
    lang = known.lang(scenario.story) or known.lang(scenario.title)
    found = {"id": name, **told, "kernel": scenario.kernel, "arch": scenario.arch}
    return {**found, "lang": lang} if lang else found


def place(at: Entry) -> dict[str, str | int]:
    """For whom a scenario is, how long it takes, and whether one begins with it."""
    start = {"start": True} if at.start else {}
    return {"level": at.level, "minutes": at.minutes, **start}
