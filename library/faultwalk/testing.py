"""Assertions about every schedule of a scenario; a failure brings the run that shows it.

    def test_the_driver_keeps_its_promise():
        assert_holds("my-race.yaml", kernel="2.6.19", rules=["overwrite", "lost_dirty"])

With pytest the run is in the report too: a link and, on request, a file. See pytest_faultwalk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine import BadScenario, Found, Run
from engine.invariants import INVARIANTS
from engine.library import What, explore
from engine.searched import extent
from engine.text import plain


class Shown(AssertionError):
    """A failed assertion. run: what shows it, None if nothing does; at: the step to look at."""

    def __init__(self, lines: Iterable[str], run: Run | None = None, at: int = 0) -> None:
        self.run, self.at = run, at
        replay = [f"  replay: {run.address(at)}"] if run else []
        super().__init__("\n".join([*lines, *replay]))


def assert_holds(
    scenario: What,
    kernel: str | None = None,
    *,
    rules: Iterable[str] | None = None,
    complete: bool = True,
    **options: Any,
) -> Found:
    """No schedule breaks a rule. rules: only these; else all that are the kernel's to keep.

    complete: whether a search that was cut fails too, since it proves nothing. options: of
    `faultwalk.explore`, such as max_states or seconds. Raises Shown.
    """
    wanted = None if rules is None else set(rules)
    for rule in sorted((wanted or set()) - set(INVARIANTS)):
        raise BadScenario("rules", f"there is no {rule!r}", f"there are {', '.join(INVARIANTS)}")
    found = explore(scenario, kernel, **options)
    broken = [
        violation
        for violation in found["violations"]
        if (violation["invariant"] in wanted if wanted is not None else not violation["promise"])
    ]
    if broken:
        run = found.run(broken[0])
        at = _step(run, broken[0]["invariant"])
        raise Shown([f"{_name(found)} breaks a rule:", *_told(broken)], run, at)
    if complete and not found["complete"]:
        raise Shown([_undecided(found)])
    return found


def assert_exists(
    scenario: What, expression: str, kernel: str | None = None, **options: Any
) -> Run:
    """Some schedule ends so; answers its run. expression: as for `faultwalk explore --exists`.

    Raises Shown, with the scenario's own run.
    """
    found = explore(scenario, kernel, exists=expression, **options)
    if not found["exists"]["holds"]:
        none = "has no schedule with" if found["complete"] else "was not seen with"
        lines = [f"{_name(found)} {none} {expression}", f"  {extent(found)}"]
        raise Shown(lines, found.run({"schedule": None}))
    return found.run(found["exists"]["way"])


def assert_never(
    scenario: What, expression: str, kernel: str | None = None, **options: Any
) -> Found:
    """No schedule ends so. Raises Shown, with the best one that does, or if not all were tried."""
    found = explore(scenario, kernel, exists=expression, **options)
    if found["exists"]["holds"]:
        way = found["exists"]["way"]
        run = found.run(way)
        lines = [f"{_name(found)} can end with {expression}", f"  schedule: {way['schedule']}"]
        raise Shown(lines, run, len(run.steps))
    if not found["complete"]:
        raise Shown([_undecided(found)])
    return found


def _name(found: Found) -> str:
    return f"{found.scenario.title!r} under {found.kernel}"


def _told(broken: list[Mapping[str, Any]]) -> Iterable[str]:
    for violation in broken:
        yield f"  {violation['invariant']}: {plain(violation['text'])}"
        yield f"    schedule: {violation['schedule']}"


def _step(run: Run, rule: str) -> int:
    found = next((r["step"] for r in run.invariants if r["id"] == rule and not r["holds"]), None)
    return found or len(run.steps)


def _undecided(found: Found) -> str:
    return f"{_name(found)}: nothing is proved, for {extent(found)}"
