"""What is said to decide an outcome, held against runs at random."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from scenes import GALLERY, anonymous, device, fickle, private_file, read, write

from engine.explore import explore
from engine.explore.atlas import Atlas
from engine.explore.decisive import Decisions, Event
from engine.explore.explorer import look
from engine.explore.fates import Horizon
from engine.explore.scene import Scene
from engine.explore.search import Budget, Exact
from engine.kernels.parts import PARTS, real_name
from engine.layout import simulate
from engine.scenario import Scenario

RUNS = 150
SCENES = {
    "device": fickle([read(), read()], [write()]),
    "anonymous": anonymous([read(), write()], [write(), read()]),
    "file": private_file([write(), read(1)], [{"truncate": "v[0]"}]),
    "munmap": anonymous([write()], [{"munmap": "v"}]),
    "killed": device([read()], [{"kill": "A"}]),
    "killed twice": device([read(), write()], [{"kill": "A"}]),
}
KERNELS = ("nopfn-v2", "nopfn-v3", "2.6.19")


def happened(scenario: Scenario, kernel: str, threads: list[str]) -> list[Event]:
    """What came when in a run, by the engine's own steps; accesses that come through counted."""
    sim, events = simulate(scenario, kernel), list[Event]()
    came: dict[Any, int] = {}
    for thread in threads:
        step = sim.step(thread)
        op, stack = step.node.op, [real_name(id.split("@")[0]) for id, _ in step.node.stack]
        assert op is not None
        if op.name == "access":
            mm, address, stores = op.args
            place = mm, address & ~0xFFF
            if step.answer[0] != "killed":
                events.append(Event(thread, "touch", place, ""))
            if step.answer[0] == "ok":
                done = "write" if stores else "read"
                came[thread, done, place] = nth = came.get((thread, done, place), 0) + 1
                events += [Event(thread, done, place, "", n) for n in (nth, 0)]
        else:
            where = [name for name in stack if name != op.name] or [""]
            events.append(Event(thread, op.name, op.args[:2], where[-1]))
            events.append(Event(thread, op.name, None, where[-1]))
    return events


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", SCENES)
def test_every_run_to_an_outcome_has_the_orders_that_are_said_to_decide_it(
    name: str, kernel: str
) -> None:
    scenario, chance = SCENES[name], Random(name + kernel)
    search = Exact(Atlas(Scene(scenario, kernel)))
    search.run(Budget(20_000))
    outcomes: dict[str, int] = {}
    outcome_of = {
        state: outcomes.setdefault(repr(look(search.atlas, state, None)[0]), len(outcomes))
        for state, _ in search.ends
    }
    decisions = Decisions(search, outcome_of, Horizon(search, outcome_of).fates)
    orders = decisions.of_outcomes()
    assert sum(bool(some) for some in orders) >= len(orders) - 1
    for _ in range(RUNS):
        state, threads = search.levels[0][0], list[str]()
        while ways := list(search.after(state)):
            thread, state = chance.choice(ways)
            threads.append(search.atlas.names[thread])
        events = happened(scenario, kernel, threads)
        for order in orders[outcome_of[state]]:
            assert events.index(order.first) < events.index(order.then), order


def test_who_dies_before_its_access_has_not_touched_the_page() -> None:
    for outcome in explore(device([read()], [{"kill": "A"}]), "nopfn-v3")["outcomes"]:
        said = " ".join(outcome["because"])
        assert outcome["returns"]["A"] or "touch" not in said
        assert outcome["saw"]["A"] or "’s read" not in said


def test_orders_name_functions_that_the_kernel_has() -> None:
    for scenario in (anonymous([write()], [{"munmap": "v"}]), private_file([read()], [write()])):
        for outcome in explore(scenario, "2.6.19")["outcomes"]:
            assert not [name for name in PARTS if f"`{name}`" in " ".join(outcome["because"])]


def test_the_drivers_answers_come_first_where_they_part_outcomes_as_well() -> None:
    found = explore(GALLERY["second-answer-is-sigbus"], "nopfn-v3")["outcomes"]
    for killed, other in ("AB", "BA"):
        [outcome] = [one for one in found if killed in one["signals"]]
        said = f"@{other} gets its frame from ->nopfn before @{killed} gets its frame from ->nopfn"
        assert outcome["because"] == [said]


def test_an_order_is_told_only_where_another_outcome_does_without() -> None:
    for outcome in explore(anonymous([write()], [write()]), "2.6.19")["outcomes"]:
        assert outcome["because"]
    assert explore(anonymous([write()]), "2.6.19")["outcomes"][0]["because"] == []


def test_the_overwrite_is_decided_by_who_sets_the_pte_last() -> None:
    found = explore(fickle([read()], [write()]), "nopfn-v2")
    stale = [outcome for outcome in found["outcomes"] if outcome["stale"]]
    assert stale
    for outcome in stale:
        late = "A" if outcome["stale"] == ["tlb/1/0x40000"] else "B"
        early = "AB".replace(late, "")
        said = f"@{early} sets the pte in `do_no_pfn` before @{late} sets the pte in `do_no_pfn`"
        assert said in outcome["because"]
