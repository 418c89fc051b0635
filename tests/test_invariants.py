"""The invariants: what each must catch, and what is legal and must not be taken for a break."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from broken_kernels import CASES, Case
from scenes import anonymous, device, fickle, private_file, read, scene, shared_file, write

from engine.explore import explore
from engine.gallery import gallery
from engine.invariants import INVARIANTS, Violation, watch
from engine.kernels import KERNELS
from engine.layout import simulate
from engine.messages import messages
from engine.reading import reading
from engine.scenario import Scenario
from engine.schedule import parse_schedule, play
from engine.trace import run

NAMES = [f"{case.broken.__name__}-{'-'.join(sorted(case.caught_by))}" for case in CASES]
FIXED = ("nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19", "2.6.20")


def broken_by(scenario: Scenario, kernel: str) -> set[str]:
    """The invariants that some schedule breaks."""
    found = explore(scenario, kernel)
    assert found["complete"]
    return {violation["invariant"] for violation in found["violations"]}


def watched(scenario: Scenario, kernel: str, schedule: str) -> list[tuple[int, Violation]]:
    """What one run breaks, and at which step; the end counts as one step more."""
    sim = simulate(scenario, kernel)
    watcher, found, number = watch(sim), [], 0
    for step in play(sim, parse_schedule(schedule, sim.threads)):
        number += 1
        found += [(number, violation) for violation in watcher.after(step)]
    return found + [(number + 1, violation) for violation in watcher.finish()]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_broken_kernel_is_caught_and_the_sound_one_is_not(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KERNELS, case.kernel.id, case.kernel)
    assert case.caught_by <= broken_by(case.scene, case.kernel.id)
    assert not case.caught_by & broken_by(case.scene, case.sound)


def test_every_invariant_can_fail() -> None:
    caught = set().union(*(case.caught_by for case in CASES))
    by_scenario = {"one_pfn"}  # a promise of drivers, which a scenario breaks
    assert caught | by_scenario == set(INVARIANTS)


def test_every_invariant_says_what_and_why() -> None:
    for name, invariant in INVARIANTS.items():
        assert invariant.id == name
        assert messages().say(invariant.title).endswith(".")
        assert "Source:" in invariant.source


def test_a_page_whose_ptes_nobody_counts_is_not_said_to_be_unmapped() -> None:
    """vm_normal_page answers NULL for a VM_PFNMAP vma, so its munmap leaves mapcount as it is."""
    unmaps = {"munmap": "v[0]"}
    for acts, said in (([read()], "counts none of its ptes"), ([read(), unmaps], "should be 0")):
        trace = run(device(acts), "2.6.17")
        (text,) = [rule["text"] for rule in trace.invariants if rule["id"] == "counts"]
        assert said in text


@pytest.mark.parametrize(
    ("act", "again"),
    [({"fork": "C"}, "write"), ({"mprotect": "v", "rights": "r"}, "write"),
     ({"munmap": "v[0]"}, "read")],
)  # fmt: skip
def test_an_old_entry_is_news_while_its_flush_is_owed(act: dict[str, Any], again: str) -> None:
    until = "spin_unlock#2" if "fork" in act else "spin_unlock#1"
    schedule = [("B", "access#2"), ("A", until), ("B", "end"), ("A", "end")]
    turns = [{"run": who, "until": to} for who, to in schedule]
    programs = [act], [write(), {again: "v[0]"}]
    trace = run(anonymous(*programs, schedule=turns), "2.6.17")
    (used,) = [v for found in trace.verdicts.values() for v in found if v.id == "stale_used"]
    assert used.level == "info" and all(rule["holds"] for rule in trace.invariants)
    assert not [line for line in reading(trace) if line.rules]


def test_who_uses_an_entry_that_nobody_flushes_breaks_a_rule() -> None:
    verdicts = run(dict(gallery())["two-threads-one-page"], "nopfn-v2").verdicts.values()
    (used,) = [v for found in verdicts for v in found if v.id == "stale_used"]
    assert used.level == "bad"


def test_a_violation_names_its_invariant_and_cells() -> None:
    found = watched(fickle([read()], [write()]), "nopfn-v2", "A until nopfn_ret#1; B until end")
    kinds = defaultdict(list)
    for step, violation in found:
        assert violation.invariant in INVARIANTS
        assert violation.text
        kinds[violation.invariant].append((step, violation.cells))
    assert kinds["overwrite"] == [(31, ("pte/P/0x40000",))]
    assert "driver/d/calls" in kinds["one_pfn"][0][1]


def test_a_clean_run_breaks_nothing() -> None:
    assert watched(fickle([read()], [write()]), "nopfn-v3", "A until end") == []


@pytest.mark.parametrize("kernel", ["nopfn-v1", "nopfn-v2"])
def test_the_first_two_postings_lose_the_race(kernel: str) -> None:
    found = broken_by(fickle([read()], [write()]), kernel)
    assert {"overwrite", "tlb_agrees", "one_pfn"} == found


@pytest.mark.parametrize("kernel", FIXED)
def test_the_recheck_cures_the_race(kernel: str) -> None:
    assert broken_by(fickle([read()], [write()]), kernel) == {"one_pfn"}


@pytest.mark.parametrize("kernel", ["nopfn-v1", "nopfn-v2"])
def test_even_an_honest_driver_loses_a_dirty_bit_without_the_recheck(kernel: str) -> None:
    assert broken_by(device([read()], [write()]), kernel) == {"lost_dirty"}


@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_ordinary_memory_keeps_every_invariant(kernel: str) -> None:
    """mprotect, munmap and truncate flush late: that is legal and no break."""
    protect = [{"mprotect": "v", "rights": "none"}, {"mprotect": "v", "rights": "rw"}]
    assert broken_by(anonymous([read(), write()], [write()]), kernel) == set()
    assert broken_by(anonymous([write(), write()], protect), kernel) == set()
    assert broken_by(anonymous([write()], [read(), {"munmap": "v"}]), kernel) == set()
    assert broken_by(private_file([read(), write()], [{"truncate": "v[0]"}]), kernel) == set()
    assert broken_by(shared_file([read(), write()], [write()]), kernel) == set()


def test_a_write_before_forks_flush_counts_as_older_than_the_fork() -> None:
    forker = [write(), {"fork": "K"}]
    assert broken_by(anonymous(forker, [write()]), "2.6.17") == set()


@pytest.mark.parametrize("kernel", ["2.6.17", "2.6.19"])
def test_rmap_before_the_switch_lets_another_mm_write_to_a_shared_page(kernel: str) -> None:
    """The race that 945754a1754 closed in 2.6.26, found in the kernels that have it."""
    forker = [write(), {"fork": "K"}, write(who="K")]
    found = explore(anonymous(forker, [write()]), kernel, max_preemptions=2)
    assert [v["invariant"] for v in found["violations"]] == ["cow_isolation"]


def test_the_base_kernel_lets_a_device_mapping_write_to_the_page_of_zeroes() -> None:
    assert {"zero_page", "counts"} == broken_by(device([write()], [read()]), "2.6.17")


def test_a_private_device_page_is_written_in_place_until_v4_refuses_it() -> None:
    private = {"flags": ["VM_READ", "VM_WRITE", "VM_MAYREAD", "VM_MAYWRITE", "VM_PFNMAP"]}
    drivers = {"d": {"nopfn": [{"value": "0x7000a"}]}}
    scenario = scene({**private, "driver": "d"}, [write()], drivers=drivers)
    assert broken_by(scenario, "nopfn-v3") == {"cow_isolation"}
    assert broken_by(scenario, "nopfn-v4") == {"no_bug"}


def test_two_processes_may_have_mappings_of_one_name() -> None:
    """Each finds its own by its own address."""
    data = anonymous([write()]).content()
    other = {**data["processes"][0], "name": "Q"}
    other["threads"] = [{"name": "B", "do": [write()]}]
    other["vmas"] = [{**other["vmas"][0], "start": "0x50000000"}]
    both = Scenario.model_validate({**data, "processes": [*data["processes"], other]})
    sim = simulate(both, "2.6.17")
    assert all(step.thread in "AB" for step in play(sim, ()))
    assert [sim.machine[f"task/{t}/min_flt"] for t in "AB"] == [1, 1]
    assert broken_by(both, "2.6.17") == set()
