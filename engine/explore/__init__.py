"""Every schedule at once: what can come of a scenario, what breaks, and by which schedule.

`explore` is the door. Behind it a state is one int (`packing`), a thread's position one number in a
learned automaton (`automaton`), and a step something looked up (`moves`); `search` visits every
state, `reduced` only as many as prove the same.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from engine.explore.decisive import told
from engine.explore.explorer import Finding, Limits, Way, search
from engine.explore.questions import read_question
from engine.explore.reduced import Reductions
from engine.explore.scene import Scene
from engine.explore.search import never
from engine.invariants import PROMISES
from engine.layout import simulate
from engine.messages import ENGLISH, messages
from engine.scenario import Scenario
from engine.schedule import MAX_SWITCHES, play, switch_points, text_of
from engine.simulation import Simulation

MANY_OUTCOMES = 500
"""Outcomes that an answer lists; `outcomes_in_all` says how many there are."""


def explore(
    scenario: Scenario,
    kernel: str | None = None,
    *,
    max_states: int = 200_000,
    max_preemptions: int | None = None,
    exists: str | None = None,
    order: bool = True,
    symmetry: bool = True,
    seconds: float | None = None,
    stop: Callable[[int, int], bool] | None = None,
    course: bool = False,
    because: bool = True,
    language: str = ENGLISH,
) -> dict[str, Any]:
    """All schedules of a scenario: outcomes, and the best schedule to each violation.

    max_preemptions: never take the CPU more often than this from a thread that could go on.
    exists: a question about an end (see `questions`). order, symmetry: whether the search may leave
    out what changes nothing, if there is too much for an exact one. stop: asked now and then with
    the states and steps so far. course: also what was still open at each step of the scenario's
    own schedule, and what would have come of another thread's turn. because: also what decides
    each outcome. `limit` in the answer says what cut the search, if anything did; a search that was
    cut proves nothing absent. Raises EngineError for a bad question.
    """
    question = read_question(exists, scenario) if exists is not None else None
    scene = Scene(scenario, kernel, remember=question is not None and question.breaks)
    until = float("inf") if seconds is None else perf_counter() + seconds
    limits = Limits(max_states, max_preemptions, until, stop or never, because)
    along = _path(scene, scenario) if course else None
    found = search(scene, limits, Reductions(order, symmetry, order), question, along)
    report = Report(found, scenario, kernel, language)
    answer: dict[str, Any] = {
        "complete": found.limit is None,
        "limit": found.limit,
        "method": found.method,
        "states": found.stored,
        "edges": found.edges,
        "stored": found.stored,
        "twins": found.twins,
        "schedules": report.schedules(),
        "outcomes_in_all": len(found.endings),
        "outcomes": report.outcomes(),
        "violations": report.violations(),
        "munmaps": scenario.munmaps(),
        "seconds": round(found.seconds, 4),
    }
    if found.course is not None:
        answer["course"] = report.course()
    if question is not None:
        way = None if found.answer is None else report.way(found.answer)
        answer["exists"] = {"question": question.text, "holds": way is not None, "way": way}
    return answer


def _path(scene: Scene, scenario: Scenario) -> list[int]:
    """Who moves when in the scenario's own schedule."""
    sim = scene.sim
    steps = list(play(sim, scenario.schedule))
    for step in reversed(steps):
        sim.back(step)
    number = {thread: n for n, thread in enumerate(sim.threads)}
    return [number[step.thread] for step in steps]


class Report:
    """What a search found, with schedules that anybody can replay."""

    def __init__(
        self, found: Finding, scenario: Scenario, kernel: str | None, language: str
    ) -> None:
        self.found, self.words = found, messages(language)
        self.scenario, self.kernel = scenario, kernel or scenario.kernel
        self.sim = simulate(scenario, kernel)

    def schedules(self) -> str | None:
        """How many schedules there are, in digits (there can be very many); None if not counted."""
        counts = [ending.schedules for ending in self.found.endings]
        return None if None in counts or not counts else str(sum(filter(None, counts)))

    def outcomes(self) -> list[dict[str, Any]]:
        """The distinct outcomes, shortest way first. end_states, schedules: None if not counted.

        because: the orders that decide it, [] if there are none to tell.
        """
        return [
            {
                **ending.outcome,
                "because": self.because(number),
                "end_states": ending.states or None,
                "schedules": None if ending.schedules is None else str(ending.schedules),
                **self.way(ending.way),
            }
            for number, ending in enumerate(self.found.endings[:MANY_OUTCOMES])
        ]

    def because(self, outcome: int) -> list[str]:
        """What comes before what on every way to an outcome, and so decides it."""
        orders = self.found.orders
        if orders is None:
            return []
        ptes = {e.place for some in orders for o in some for e in o if e.place}
        return [self.words.read(told(o, self.scenario, len(ptes) > 1)) for o in orders[outcome]]

    def violations(self) -> list[dict[str, Any]]:
        """The broken invariants, each with its best schedule, the shortest of all first."""
        broken = sorted(self.found.breaks, key=lambda b: (len(b.way.path), b.way.switches))
        return [
            {
                "invariant": violation.invariant,
                "text": self.words.read(violation.text),
                "promise": violation.invariant in PROMISES,
                **self.way(way),
            }
            for violation, way in broken
        ]

    def course(self) -> dict[str, Any]:
        """For each step made, the outcomes that can still come and the rules that can still break;
        for each turn that another thread could have had, what can come of it. Outcomes by their
        place in `outcomes`."""
        run = self.found.course
        assert run is not None
        every = (1 << run.outcomes) - 1

        def rules(fate: int) -> list[str]:
            return [run.rules[n] for n in _numbers(fate >> run.outcomes)]

        return {
            "open": [_numbers(fate & every) for fate in run.open],
            "breakable": [rules(fate) for fate in run.open],
            "branches": [
                {
                    "at": b.at,
                    "thread": self.sim.threads[b.thread],
                    "outcomes": _numbers(b.fate & every),
                    "breakable": rules(b.fate),
                }
                for b in run.branches
            ],
        }

    def way(self, way: Way) -> dict[str, Any]:
        """A way of this scenario, as a schedule and a link."""
        return way_json(self.sim, self.scenario, self.kernel, way)


def way_json(sim: Simulation, scenario: Scenario, kernel: str, way: Way) -> dict[str, Any]:
    """A way as a schedule and a link; link: None if it switches more than a link can hold."""
    from engine.share import encode_link

    steps = [sim.step(sim.threads[thread]) for thread in way.path]
    switches = switch_points(steps)
    for step in reversed(steps):
        sim.back(step)
    fits = len(switches) <= MAX_SWITCHES
    linked = scenario.as_run(kernel, switches) if fits else None
    return {
        "schedule": text_of(switches),
        "steps": len(way.path),
        "switches": way.switches,
        "shortest": way.shortest,
        "link": encode_link(linked) if linked else None,
    }


def _numbers(bits: int) -> list[int]:
    return [n for n in range(bits.bit_length()) if bits >> n & 1]


__all__ = ["explore", "way_json"]
