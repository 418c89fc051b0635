"""What the server can tell without running anything: made once, when it starts."""

from __future__ import annotations

import engine
from app import payload
from app.explain import Trouble, nearest
from app.payload import Payload
from app.problems import Problem
from engine import Scenario
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
        self.kernels = payload.make(engine.kernels_json())
        self.listing = payload.make(entries(gallery))
        self.scenarios = {name: payload.make(gallery[name].content()) for name in gallery}
        schema = {"$schema": DIALECT, **Scenario.model_json_schema(), **VOCABULARY}
        self.schema = payload.make(schema, media_type="application/schema+json")

    def one(self, name: str) -> Payload:
        """The scenario called `name`."""
        if name in self.scenarios:
            return self.scenarios[name]
        what = f"there is no scenario {name[:60]!r}"
        trouble = Trouble("id", what, nearest(name, list(self.scenarios)))
        raise Problem(404, "There is no such scenario", str(trouble), [trouble], "unknown-scenario")


def entries(gallery: dict[str, Scenario]) -> list[dict[str, str | int]]:
    """The gallery's list: what each scenario is, and where it stands."""
    return [
        {**entry(at.id, gallery[at.id]), "claim": claim.id, "group": claim.group, **place(at)}
        for claim in engine.listing(gallery)
        for at in claim.entries
    ]


def entry(name: str, scenario: Scenario) -> dict[str, str]:
    """What the list tells of one scenario."""
    told = {key: getattr(scenario, key) for key in ("title", "story", "kernel", "arch")}
    return {"id": name, **told}


def place(at: Entry) -> dict[str, str | int]:
    """For whom a scenario is, and how long it takes."""
    return {"level": at.level, "minutes": at.minutes}
