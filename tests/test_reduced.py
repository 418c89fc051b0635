"""The reduced search against the exact one: same ends, same broken rules, far fewer states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from broken_kernels import CASES, Case
from scenes import GALLERY, Acts, anonymous, device, fickle, private_file, read, swapped, write

from benchmarks.race import Race
from benchmarks.random_programs import EVERY_WAY, RandomSystem, compared
from engine.explore import explore
from engine.explore.atlas import Atlas
from engine.explore.reduced import Reduced, Reductions
from engine.explore.scene import Scene
from engine.explore.search import Budget, Exact
from engine.invariants import watch
from engine.kernels import KERNELS
from engine.layout import simulate
from engine.scenario import Scenario
from engine.schedule import parse_schedule, play

GOLDEN = Path(__file__).parent / "golden"
KERNEL_IDS = ("2.6.17", "nopfn-v1", "nopfn-v2", "nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19")
RACES = {name: s for name, s in GALLERY.items() if len(list(s.threads())) > 1}
TOO_LARGE = {"rmap-before-the-switch"}
"""Gallery scenes with more states than this test can pay for; the benchmark has them."""


def exact(system: Any, most: int = 200_000) -> Exact:
    search = Exact(Atlas(system))
    search.run(Budget(most))
    return search


def reduced(system: Any, how: Reductions = EVERY_WAY[0]) -> Reduced:
    search = Reduced(Atlas(system), how)
    search.run(Budget(200_000))
    assert search.limit is None
    return search


def ends(search: Exact | Reduced) -> set[str]:
    states = [s for s, _ in search.ends] if isinstance(search, Exact) else search.ends
    return {repr(renamed(search, *search.atlas.at(state))) for state in states}


def renamed(search: Exact | Reduced, machine: Any, places: Any) -> Any:
    """An outcome with twins in the order of what they met, so that names do not matter."""
    outcome = search.system.outcome(machine, places)
    groups = {group for group in search.atlas.alike if len(group) > 1}
    if not groups or not isinstance(search.system, Scene):
        return outcome
    return sorted(str(sorted(outcome[key].items())) for key in ("ptes",)), [
        sorted(map(len, outcome["returns"].values())),
        sorted(str(codes) for codes in outcome["returns"].values()),
        sorted(str(sorted(outcome["bugs"].values()))),
        len(outcome["stale"]),
        len(outcome["stuck"]),
    ]


# --- model F: counts that SPIN and TLC have confirmed, and what the reductions leave of them

FULL = {
    (2, False, 1): (232, 378), (3, False, 1): (5_414, 11_817), (4, False, 1): (148_597, 389_664),
    (2, True, 1): (206, 350), (3, True, 1): (3_323, 8_022), (4, True, 1): (57_901, 178_832),
    (4, True, 2): (110_211, 358_448), (4, False, 2): (164_079, 507_248),
}  # fmt: skip
STORED = {
    (2, False, 1): 14, (3, False, 1): 79, (4, False, 1): 527, (5, False, 1): 3_623,
    (2, True, 1): 10, (3, True, 1): 28, (4, True, 1): 82, (5, True, 1): 234, (6, True, 1): 635,
    (7, True, 1): 1_640, (8, True, 1): 4_064, (9, True, 1): 9_746,
    (4, True, 2): 112, (4, False, 2): 298,
}  # fmt: skip


@pytest.mark.parametrize("shape", FULL)
def test_the_race_has_the_states_that_spin_and_tlc_count(shape: tuple[int, bool, int]) -> None:
    search = exact(Race(*shape))
    assert (len(search.seen), search.edges) == FULL[shape]
    assert ("overwrite" in search.broken) == (not shape[1])


@pytest.mark.parametrize("shape", STORED)
def test_the_race_is_decided_with_few_states(shape: tuple[int, bool, int]) -> None:
    search = reduced(Race(*shape))
    assert len(search.came) <= STORED[shape]
    assert ("overwrite" in search.broken) == (not shape[1])


@pytest.mark.parametrize("threads", [4, 6, 8, 9])
def test_the_walks_before_the_search_leave_nothing_to_repeat_it_for(threads: int) -> None:
    assert reduced(Race(threads, True, 1)).rounds == 1


@pytest.mark.parametrize("how", EVERY_WAY)
@pytest.mark.parametrize("shape", [(3, False, 1), (3, True, 1), (3, False, 2)])
def test_the_race_ends_the_same_ways(shape: tuple[int, bool, int], how: Reductions) -> None:
    full, few = exact(Race(*shape)), reduced(Race(*shape), how)

    def tables(search: Exact | Reduced) -> set[Any]:
        states = [s for s, _ in search.ends] if isinstance(search, Exact) else search.ends
        found = [search.system.outcome(*search.atlas.at(state)) for state in states]
        return {str(sorted(v for c, v in o.items() if c.startswith("pte"))) for o in found}

    assert tables(full) == tables(few)


# --- random programs


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_programs_end_and_break_the_same(first: int) -> None:
    found = [(seed, *compared(seed)) for seed in range(first, first + 50)]
    assert sum(whole for _, whole, _ in found) > 40
    assert [(seed, differs) for seed, _, differs in found if differs] == []


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_places_merged_by_what_matters_are_places_merged_by_all_answers(first: int) -> None:
    for seed in range(first, first + 20):
        if RandomSystem(seed).loops:
            continue  # a loop has ever new places if all answers count
        merged, apart = exact(RandomSystem(seed), 5_000), exact(RandomSystem(seed, False), 5_000)
        if merged.limit or apart.limit:
            continue
        assert ends(merged) == ends(apart)
        assert set(merged.broken) == set(apart.broken)


# --- the gallery and the scenes of the argument


PINNED: dict[str, dict[str, int]] = json.loads((GOLDEN / "stored-states.json").read_text())
"""How many states decide a scene: more would mean that a reduction was lost."""


def test_every_race_of_the_gallery_is_pinned() -> None:
    assert set(PINNED) == set(RACES) - TOO_LARGE


@pytest.mark.parametrize("name", sorted(set(RACES) - TOO_LARGE))
def test_the_gallery_comes_to_the_same(name: str) -> None:
    stored: dict[str, int] = {}
    for kernel in KERNEL_IDS:
        full = exact(Scene(RACES[name], kernel))
        for how in EVERY_WAY:
            few = reduced(Scene(RACES[name], kernel), how)
            stored.setdefault(kernel, len(few.came))  # that of the first way, which leaves out most
            assert ends(few) == ends(full), (kernel, how)
            assert set(few.broken) == set(full.broken), (kernel, how)
            if not few.symmetry:
                outcomes = {repr(few.system.outcome(*few.atlas.at(s))) for s in few.ends}
                whole = {repr(full.system.outcome(*full.atlas.at(s))) for s, _ in full.ends}
                assert outcomes == whole, (kernel, how)
    assert stored == PINNED[name]


PAIRS: dict[str, Scenario] = {
    "fickle": fickle([read()], [write(), read()]),
    "anonymous": anonymous([read(), write()], [write()]),
    "file": private_file([write()], [{"truncate": "v[0]"}]),
    "swap": swapped([write()], [read()]),
}


def test_where_fork_fails_no_schedule_has_a_child() -> None:
    failing = [{"fail": "pte_alloc_one", "nth": [1]}]
    fork = [{"fork": "C"}, write(0, "C"), write()]
    scene = anonymous([write(), *fork], [read()], inject=failing)
    assert ends(exact(Scene(scene, "2.6.17"))) == ends(reduced(Scene(scene, "2.6.17")))


@pytest.mark.parametrize("name", PAIRS)
def test_merging_by_what_matters_changes_nothing_that_is_found(name: str) -> None:
    merged, apart = (exact(Scene(PAIRS[name], "2.6.19", merge=how)) for how in (True, False))
    assert merged.limit is None and apart.limit is None
    assert len(merged.seen) <= len(apart.seen)
    found = [
        ({repr(s.system.outcome(*s.atlas.at(state))) for state, _ in s.ends},
         {rule: broken.goal.steps for rule, broken in s.broken.items()})
        for s in (merged, apart)
    ]  # fmt: skip
    assert found[0] == found[1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kernel.id}-{case.replaces}")
def test_kernels_broken_on_purpose_are_caught_by_few_states_too(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KERNELS, case.kernel.id, case.kernel)
    few = reduced(Scene(case.scene, case.kernel.id))
    assert case.caught_by <= set(few.broken)
    for hit in few.broken.values():
        names = [few.atlas.names[t] for t in few.path(hit.state, hit.moved)]
        assert hit.violation.invariant in broken_by(case.scene, case.kernel.id, names)


def broken_by(scene: Scenario, kernel: str, threads: list[str]) -> set[str]:
    """What a schedule breaks, by the engine's own player."""
    sim = simulate(scene, kernel)
    watcher = watch(sim)
    found = [violation.invariant for t in threads for violation in watcher.after(sim.step(t))]
    return {*found, *(violation.invariant for violation in watcher.finish())}


# --- the seed's claims, for two to six threads


def crowd(many: int) -> Scenario:
    """So many threads write to one page of a device that answers each with another frame."""
    programs: list[Acts] = [[write()] for _ in range(many)]
    return fickle(*programs)


@pytest.mark.parametrize("many", [2, 3, 4, 5])
@pytest.mark.parametrize("kernel", ["nopfn-v1", "nopfn-v2"])
def test_v1_and_v2_overwrite_a_present_pte(kernel: str, many: int) -> None:
    found = reduced(Scene(crowd(many), kernel))
    assert set(found.broken) == {"one_pfn", "overwrite", "tlb_agrees"}


@pytest.mark.parametrize("kernel", ["nopfn-v1", "nopfn-v2"])
def test_of_six_threads_too_one_overwrites(kernel: str) -> None:
    found = Reduced(Atlas(Scene(crowd(6), kernel)))
    found.run(Budget(5_000))  # one way is enough for "it can"
    assert "overwrite" in found.broken


@pytest.mark.parametrize("many", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("kernel", ["nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19"])
def test_with_the_second_look_nobody_overwrites(kernel: str, many: int) -> None:
    found = reduced(Scene(crowd(many), kernel))
    assert set(found.broken) == {"one_pfn"}  # the driver's promise, and nothing else


def test_a_long_search_names_its_way_to_what_it_broke() -> None:
    found = explore(crowd(4), "nopfn-v1", max_states=100_000)
    assert found["complete"] and found["method"] == "reduced"
    assert found["twins"] == [["A", "B", "C", "D"]]
    for violation in found["violations"]:
        sim = simulate(crowd(4), "nopfn-v1")
        watcher = watch(sim)
        steps = play(sim, parse_schedule(violation["schedule"], sim.threads))
        broken = {v.invariant for step in steps for v in watcher.after(step)}
        assert violation["invariant"] in broken.union(v.invariant for v in watcher.finish())


def test_what_was_cut_short_proves_nothing() -> None:
    found = explore(crowd(4), "nopfn-v3", max_states=2_000)
    assert not found["complete"] and found["limit"] == "max_states"
    stopped = explore(crowd(4), "nopfn-v3", stop=lambda states, _: states > 500)
    assert stopped["limit"] == "cancelled"
    late = explore(crowd(4), "nopfn-v3", seconds=0.0)
    assert late["limit"] == "seconds"


def test_what_was_cut_short_while_it_learned_still_knows_its_ways() -> None:
    programs: list[Acts] = [
        [write(), write()],
        [read(), {"fork": "C"}, {"write": "v[1]"}],
        [write()],
    ]
    scene = anonymous(*programs, arch="i386-pae", kernel="nopfn-v3")
    found = explore(scene, max_states=10_000)
    assert found["limit"] == "max_states" and found["method"] == "reduced" and found["outcomes"]
    for end in found["outcomes"]:
        sim = simulate(scene)
        steps = list(play(sim, parse_schedule(end["schedule"], sim.threads)))
        assert len(steps) == end["steps"]


def test_a_frame_numbered_like_a_signature_keeps_its_name() -> None:
    scene = device([write()], [write()], answers=("0xa000",))
    full, few = exact(Scene(scene, "nopfn-v2")), reduced(Scene(scene, "nopfn-v2"))
    seen = [
        {str(sorted(few.system.outcome(*s.atlas.at(state))["saw"].values())) for state in states}
        for s, states in ((full, [end for end, _ in full.ends]), (few, few.ends))
    ]
    assert few.symmetry and seen[1] <= seen[0]
    assert all("frame 0xa000" in text for text in seen[1])
