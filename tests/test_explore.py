"""The explorer against the slow one, and what it must find in the scenes of the argument."""

# Handlers keep the signature of the kernel function they mirror, used or not.
# ruff: noqa: ARG001

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from broken_kernels import CASES, renamed
from scenes import GALLERY, anonymous, device, fickle, private_file, read, swapped, write
from slow_explorer import every_schedule, settled

from engine import ops
from engine.errors import EngineError
from engine.explore import explore
from engine.explore.atlas import Atlas
from engine.explore.bounded import Bounded
from engine.explore.matrix import matrix
from engine.explore.scene import Scene
from engine.explore.search import Budget, Exact
from engine.invariants import watch
from engine.kernel import Handler, Kernel
from engine.kernels import KERNELS, find_kernel
from engine.layout import simulate
from engine.model.pte import pte_none
from engine.scenario import Scenario
from engine.schedule import parse_schedule, play
from engine.share import decode_link


def short_overwrite(k: Any, mm: str, address: int, error_code: int) -> Handler:
    """A page fault of five ops that stores without looking."""
    pfn = yield ops.nopfn_ret("d", "v", address)
    ptl = ops.ptl_of(k.arch, mm, address)
    yield ops.spin_lock(ptl)
    yield ops.set_pte_at(mm, address, k.pfn_pte(pfn[0], 0x27))
    yield ops.spin_unlock(ptl)
    return True


def short_recheck(k: Any, mm: str, address: int, error_code: int) -> Handler:
    """A page fault of six ops that looks again."""
    pfn = yield ops.nopfn_ret("d", "v", address)
    ptl = ops.ptl_of(k.arch, mm, address)
    yield ops.spin_lock(ptl)
    pte = yield ops.read_pte(mm, address)
    if pte_none(pte):
        yield ops.set_pte_at(mm, address, k.pfn_pte(pfn[0], 0x27))
    yield ops.spin_unlock(ptl)
    return True


def short_deadlock(k: Any, mm: str, address: int, error_code: int) -> Handler:
    """A page fault that forgets its lock when the pte is filled."""
    ptl = ops.ptl_of(k.arch, mm, address)
    yield ops.spin_lock(ptl)
    pte = yield ops.read_pte(mm, address)
    if not pte_none(pte):
        return True
    yield ops.set_pte_at(mm, address, k.pfn_pte(0x7000A, 0x25))
    yield ops.spin_unlock(ptl)
    return True


SHORT = [
    renamed(find_kernel("nopfn-v3"), broken, "do_page_fault")
    for broken in (short_overwrite, short_recheck, short_deadlock)
]


def fast(scenario: Scenario, kernel: str, bound: int | None) -> tuple[Any, ...]:
    """What the exact search finds, in the slow one's terms."""
    atlas = Atlas(Scene(scenario, kernel))
    search: Any = Exact(atlas) if bound is None else Bounded(atlas, bound)
    search.run(Budget(100_000))
    ends = [atlas.at(search.plain(state)) for state, _ in search.ends]
    outcomes = {repr(atlas.system.outcome(*end)) for end in ends}
    found = explore(scenario, kernel, max_preemptions=bound)
    shortest = {v["invariant"]: (v["steps"], v["switches"]) for v in found["violations"]}
    return {settled(machine) for machine, _ in ends}, outcomes, shortest


@pytest.mark.parametrize("kernel", SHORT, ids=lambda kernel: kernel.id)
@pytest.mark.parametrize("bound", [None, 0, 1, 3])
def test_it_finds_what_the_slow_one_finds(
    kernel: Kernel, bound: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KERNELS, kernel.id, kernel)
    scenario = fickle([read()], [write()])
    assert fast(scenario, kernel.id, bound) == tuple(every_schedule(scenario, kernel.id, bound))


@pytest.mark.parametrize("kernel", ["nopfn-v2", "nopfn-v3", "2.6.19"])
def test_real_kernels_with_one_preemption_agree_with_the_slow_one(kernel: str) -> None:
    scenario = fickle([read(), write()], [write()])
    assert fast(scenario, kernel, 1) == tuple(every_schedule(scenario, kernel, 1))


def test_three_threads_agree_with_the_slow_one(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = SHORT[0].id
    monkeypatch.setitem(KERNELS, kernel, SHORT[0])
    scenario = fickle([read()], [write()], [read(1), {"munmap": "v[0]"}])
    assert fast(scenario, kernel, 1) == tuple(every_schedule(scenario, kernel, 1))


def test_the_answer_has_the_shape_of_the_contract() -> None:
    found = explore(fickle([read()], [write()]), "nopfn-v2")
    keys = {"complete", "limit", "states", "edges", "stored", "seconds", "outcomes", "violations"}
    assert keys < set(found)
    assert found["complete"] and found["limit"] is None
    assert found["states"] == found["stored"] < found["edges"]
    assert {"invariant", "schedule", "steps", "switches", "link"} <= set(found["violations"][0])
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("kernel", ["nopfn-v1", "nopfn-v2", "nopfn-v3", "2.6.17", "2.6.19"])
def test_a_schedule_it_names_breaks_the_invariant_at_that_step(kernel: str) -> None:
    scenario = fickle([read()], [write()])
    for violation in explore(scenario, kernel)["violations"]:
        sim = simulate(scenario, kernel)
        watcher = watch(sim)
        steps = play(sim, parse_schedule(violation["schedule"], sim.threads))
        broken = [[v.invariant for v in watcher.after(step)] for step in steps]
        if violation["steps"] == len(broken):
            broken[-1] += [v.invariant for v in watcher.finish()]
        assert violation["invariant"] in broken[violation["steps"] - 1]


def test_the_link_of_a_violation_is_the_scenario_with_that_schedule() -> None:
    scenario = fickle([read()], [write()])
    violation = explore(scenario, "nopfn-v2")["violations"][0]
    linked = decode_link(violation["link"])
    assert linked.kernel == "nopfn-v2"
    assert linked.processes == scenario.processes
    text = "; ".join(f"{switch.run} until {switch.until}" for switch in linked.schedule)
    assert text == violation["schedule"]


def test_outcomes_are_distinct_and_each_schedule_leads_to_its_own() -> None:
    scenario = fickle([read()], [write()])
    outcomes = explore(scenario, "nopfn-v2")["outcomes"]
    told = [{k: v for k, v in o.items() if k in ("returns", "saw", "ptes")} for o in outcomes]
    assert all(told.count(one) == 1 for one in told)
    for outcome in outcomes:
        sim = simulate(scenario, "nopfn-v2")
        steps = list(play(sim, parse_schedule(outcome["schedule"], sim.threads)))
        assert len(steps) == outcome["steps"]
        for cell, pte in outcome["ptes"].items():
            assert sim.machine[cell] == int(pte, 16)
    stale = [outcome for outcome in outcomes if outcome["stale"]]
    assert stale and all(o["ptes"]["pte/P/0x40000"].startswith("0x7000") for o in stale)


def test_v1_and_v2_have_the_same_outcomes_and_v4_and_v5_too() -> None:
    scenario = fickle([read()], [write()])
    for one, other in (("nopfn-v1", "nopfn-v2"), ("nopfn-v4", "nopfn-v5")):
        left, right = (explore(scenario, kernel)["outcomes"] for kernel in (one, other))
        for outcome in left + right:
            outcome.pop("link")
        assert left == right


def test_fresh_frames_are_named_by_place_and_not_by_who_came_first() -> None:
    outcomes = explore(anonymous([write(0)], [write(1)]), "2.6.17")["outcomes"]
    assert len(outcomes) == 1
    assert outcomes[0]["ptes"]["pte/P/0x40000"].startswith("fresh")
    assert outcomes[0]["end_states"] > 1


def test_a_limit_is_named_and_the_search_is_then_not_complete() -> None:
    scenario = fickle([read()], [write()])
    cut = explore(scenario, "nopfn-v2", max_states=50)
    assert not cut["complete"] and cut["limit"] == "max_states" and cut["stored"] == 50
    bounded = explore(scenario, "nopfn-v2", max_preemptions=1)
    assert not bounded["complete"] and bounded["limit"] == "max_preemptions"
    whole = explore(scenario, "nopfn-v2", max_preemptions=99)
    assert whole["complete"]
    told = [[(o["saw"], o["ptes"]) for o in found["outcomes"]]
            for found in (whole, explore(scenario, "nopfn-v2"))]  # fmt: skip
    assert all(outcome in told[0] for outcome in told[1])


def test_a_bound_takes_nothing_that_less_pre_emption_reaches() -> None:
    scenario = private_file([read(), write()], [write()])
    few, many = (explore(scenario, "2.6.17", max_preemptions=bound) for bound in (1, 2))
    assert few["states"] < many["states"]
    drop = ("schedule", "steps", "switches", "link", "end_states", "schedules", "shortest")
    kept = [[{k: v for k, v in o.items() if k not in drop} for o in f["outcomes"]]
            for f in (few, many)]  # fmt: skip
    assert all(outcome in kept[1] for outcome in kept[0])


def test_a_deadlock_names_who_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in CASES if "no_deadlock" in case.caught_by)
    monkeypatch.setitem(KERNELS, case.kernel.id, case.kernel)
    found = explore(case.scene, case.kernel.id)
    stuck = [outcome["stuck"] for outcome in found["outcomes"] if outcome["stuck"]]
    assert stuck
    assert any(v["invariant"] == "no_deadlock" for v in found["violations"])


def test_swap_is_brought_in_once_whoever_wins() -> None:
    found = explore(swapped([read()], [write()]), "2.6.17")
    assert found["violations"] == []
    majors = {sum("MAJOR" in r for t in o["returns"].values() for r in t)
              for o in found["outcomes"]}  # fmt: skip
    assert 1 in majors


def test_one_thread_has_one_schedule() -> None:
    found = explore(device([read(), write()]), "2.6.19")
    assert found["states"] == found["edges"] + 1
    assert [outcome["schedule"] for outcome in found["outcomes"]] == ["A until end"]


def test_questions_are_refused_in_words() -> None:
    with pytest.raises(EngineError, match="exists"):
        explore(device([read()]), exists="import os")


# --- questions


@pytest.mark.parametrize(
    ("question", "kernel", "holds"),
    [
        ('pfn("v[0]") == 0x7000b', "nopfn-v2", True),
        ('pfn("v[0]") == 0x7000b and not broken("overwrite")', "nopfn-v2", False),
        ('pfn("v[0]") == 0x7000a and not broken("overwrite")', "nopfn-v2", True),
        ('broken("overwrite")', "nopfn-v2", True),
        ('broken("overwrite")', "nopfn-v3", False),
        ('broken("lost_dirty")', "nopfn-v2", False),
        ("stale()", "nopfn-v2", True),
        ("stale()", "nopfn-v3", False),
        ('bit("v[0]", "D") == 0', "nopfn-v2", True),
        ('"SIGBUS" in returns("A")', "nopfn-v2", False),
        ('stuck("A") or bug("B") or signal("A") != ""', "nopfn-v2", False),
        ('pte("v[1]") != 0', "nopfn-v2", False),
    ],
)
def test_a_question_is_answered_with_a_schedule_or_with_no(
    question: str, kernel: str, holds: bool
) -> None:
    found = explore(fickle([read()], [write()]), kernel, exists=question)
    assert found["complete"]
    assert found["exists"]["holds"] == holds
    assert (found["exists"]["way"] is not None) == holds


def test_the_way_of_an_answer_leads_there() -> None:
    scenario = fickle([read()], [write()])
    way = explore(scenario, "nopfn-v2", exists='pfn("v[0]") == 0x7000a and stale()')["exists"][
        "way"
    ]
    sim = simulate(scenario, "nopfn-v2")
    list(play(sim, parse_schedule(way["schedule"], sim.threads)))
    assert sim.world.arch.pte_pfn(sim.machine["pte/P/0x40000"]) == 0x7000A
    assert way["shortest"]


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("pfn(", "cannot be read"),
        ("import os", "cannot be read"),
        ("open('x')", "is not known here"),
        ("[1 for x in 'a']", "is not known here"),
        ("(lambda: 1)()", "is not known here"),
        ("pfn('v[0]').real", "is not known here"),
        ("1 + 1", "is not known here"),
        ('pfn("w[0]")', "no such page"),
        ('pfn("v[9]")', "no such page"),
        ('pfn("v")', "no such page"),
        ('returns("Z")', "no thread"),
        ('broken("luck")', "no rule"),
        ('bit("v[0]", "Q")', "no bit"),
        ("stale(1)", "has 1 arguments"),
        ("not " * 300 + "stale()", "characters"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(question: str, what: str) -> None:
    with pytest.raises(EngineError, match="exists") as error:
        explore(fickle([read()], [write()]), exists=question)
    assert what in str(error.value)


# --- what was open along a run


def test_what_is_open_shrinks_to_what_came() -> None:
    scenario = fickle([read()], [write()]).model_copy(
        update={"schedule": parse_schedule("B until nopfn_call#1; A until end", ["A", "B"])}
    )
    found = explore(scenario, "nopfn-v2", course=True)
    run = found["course"]
    assert run["open"][0] == list(range(found["outcomes_in_all"]))
    assert len(run["open"][-1]) == 1
    assert all(set(b) <= set(a) for a, b in pairwise(run["open"]))
    for branch in run["branches"]:
        assert set(branch["outcomes"]) <= set(run["open"][branch["at"]])


def test_a_branch_leads_where_it_says() -> None:
    scenario = fickle([read()], [write()])
    found = explore(scenario, "nopfn-v2", course=True)
    sim = simulate(scenario, "nopfn-v2")
    steps = list(play(sim, ()))
    branch = found["course"]["branches"][-1]
    for step in reversed(steps[branch["at"] :]):
        sim.back(step)
    sim.step(branch["thread"])
    for _ in play(sim, ()):
        pass
    came = {c: f"{v:#x}" for c, v in sim.machine.items() if c.startswith("pte/") and v}
    assert came in [found["outcomes"][n]["ptes"] for n in branch["outcomes"]]


def test_what_can_still_break_is_what_a_run_from_there_breaks() -> None:
    scenario = fickle([read()], [write()]).model_copy(
        update={"schedule": parse_schedule("B until nopfn_call#1; A until end", ["A", "B"])}
    )
    found = explore(scenario, "nopfn-v2", course=True)
    run, sim = found["course"], simulate(scenario, "nopfn-v2")
    broken = {v["invariant"]: v["promise"] for v in found["violations"]}
    assert set(run["breakable"][0]) == set(broken) and broken["one_pfn"]
    watcher, came = watch(sim), [set[str]()]
    for step in play(sim, scenario.schedule):
        came.append({v.invariant for v in watcher.after(step)})
    came[-1] |= {v.invariant for v in watcher.finish()}
    for at in range(len(came)):  # what this run breaks after a step could still break there
        assert set().union(*came[at + 1 :]) <= set(run["breakable"][at])
    assert all(set(b) <= set(a) for a, b in pairwise(run["breakable"]))
    for branch in run["branches"]:
        assert set(branch["breakable"]) <= set(run["breakable"][branch["at"]])


# --- the table of all kernels


def test_the_table_is_the_argument_of_the_thread() -> None:
    table = matrix(fickle([read()], [write()]), arches=["i386"])
    overwritten = {c["kernel"] for c in table["cells"] if "overwrite" in c["broken"]}
    assert table["complete"] and overwritten == {"nopfn-v1", "nopfn-v2"}
    for cell in table["cells"]:
        alone = explore(fickle([read()], [write()]), cell["kernel"])
        assert set(cell["broken"]) == {v["invariant"] for v in alone["violations"]}


def test_the_table_tells_a_refusal_from_a_bug() -> None:
    scenes = GALLERY
    table = matrix(scenes["dead-thread-holds-mmap-sem"], arches=["i386"])
    refusing = {c["kernel"] for c in table["cells"] if c["refuses"]}
    assert refusing == {"nopfn-v4", "nopfn-v5", "2.6.19"}
    for name in (
        "both-methods-with-pfnmap",
        "both-methods-without-pfnmap",
    ):  # both assertions alike
        both = matrix(scenes[name], arches=["i386"])["cells"]
        hit = {c["kernel"] for c in both if "no_bug" in c["broken"]}
        assert hit and hit == {c["kernel"] for c in both if c["refuses"]}
    odd = matrix(scenes["unknown-fault-code"], arches=["i386"])["cells"]
    assert any("no_bug" in c["broken"] for c in odd) and not any(c["refuses"] for c in odd)
    assert table["munmaps"]


def test_the_table_says_where_a_scenario_cannot_be() -> None:
    high = device([read()], answers=("0x7000a",)).content()
    high["processes"][0]["vmas"][0]["start"] = "0x7f0000000000"
    table = matrix(Scenario.model_validate({**high, "arch": "x86-64"}), kernels=["2.6.19"])
    refused = {cell["arch"] for cell in table["cells"] if "refused" in cell}
    assert refused == {"i386", "i386-pae"}
