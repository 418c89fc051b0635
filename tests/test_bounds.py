"""What a hostile scenario may cost, and that every run has a link that opens."""

from __future__ import annotations

import random
import tracemalloc
from time import process_time
from typing import Any

import pytest
from scenes import DEVICE, anonymous, read, scene, write

from engine import BadSchedule, Scenario, decode_link, run, trace_json
from engine.errors import BadLink, BudgetExceeded
from engine.invariants import watch
from engine.layout import simulate
from engine.ledger import Ledger
from engine.model.cells import Machine
from engine.schedule import MAX_SWITCHES, play, rehearse

REMAP = {"remap": "v", "base": "0x70000"}
UNMAP = {"munmap": "v"}


def device(pages: int, *acts: dict[str, Any]) -> Scenario:
    """A device mapping of so many pages."""
    vma = {"flags": DEVICE, "driver": "d", "pages": pages}
    return scene(vma, list(acts), drivers={"d": {}})


def test_a_run_that_is_too_long_is_refused_before_anything_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(Ledger, "add")
    with pytest.raises(BudgetExceeded):
        run(device(4096, REMAP, UNMAP, REMAP))


def test_a_rehearsal_leaves_the_world_as_it_was() -> None:
    sim = simulate(anonymous([write(0), {"fork": "c"}], [write(0)]))
    before = sim.machine.freeze(), dict(sim.position), dict(sim.machine.tlb)
    rehearse(sim, "5A3B20A")
    assert (sim.machine.freeze(), dict(sim.position), sim.machine.tlb) == before
    assert not sim.machine.journal


def test_the_tlbs_are_kept_once_more_and_the_same() -> None:
    sim = simulate(anonymous([write(0), write(1), {"fork": "c"}, read(0)]))
    for _ in play(sim, ()):
        again = Machine(sim.machine)
        assert list(sim.machine.tlb.items()) == list(again.tlb.items())


def test_thousands_of_flushes_owed_do_not_take_hundreds_of_megabytes() -> None:
    sim = simulate(device(1500, REMAP, UNMAP))
    watcher = watch(sim)
    tracemalloc.start()
    for step in play(sim, ()):
        assert watcher.after(step) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_thousands_of_swapped_pages_are_laid_out_at_once() -> None:
    swapped: dict[int, Any] = {index: {} for index in range(16)}
    vmas = [
        {"name": f"v{i}", "start": hex(0x4000_0000 + (i << 24)), "pages": 64,
         "flags": ["VM_READ"], "swapped": swapped}
        for i in range(64)
    ]  # fmt: skip
    threads = [{"name": "A", "do": [{"read": "v0[0]"}]}]
    processes = [{"name": f"P{n}", "vmas": vmas, "threads": threads if not n else []}
                 for n in range(4)]  # fmt: skip
    began = process_time()
    simulate(Scenario.model_validate({"processes": processes}))
    assert process_time() - began < 2


@pytest.mark.parametrize(
    "schedule",
    [
        "A until access#999999",
        "A until access#" + "9" * 5000,
        "A until access#\u0663",
        "A;" * (MAX_SWITCHES + 1),
        [{"run": "A"}] * (MAX_SWITCHES + 1),
        "x" * 100_000,
    ],
    ids=["occurrence", "digits", "script", "parts", "list", "name"],
)
def test_a_schedule_beyond_bounds_is_refused_in_a_short_sentence(schedule: Any) -> None:
    with pytest.raises(BadSchedule) as refusal:
        run(anonymous([read(0)]), schedule=schedule)
    assert len(str(refusal.value)) < 300


def test_letters_that_switch_more_often_than_a_link_can_hold_are_refused() -> None:
    reads = [read(i % 64) for i in range(64)]
    scenario = scene({"flags": ["VM_READ"], "pages": 64}, *[reads] * 8)
    with pytest.raises(BadSchedule, match="at most 4000"):
        run(scenario, schedule="1A1B1C1D1E1F1G1H" * 1500)


def test_no_link_is_made_that_would_not_open() -> None:
    noise = random.Random(0)
    texts = ["".join(chr(noise.randrange(0x4E00, 0x9FFF)) for _ in range(500)) for _ in range(100)]
    notes = [{"thread": "A", "op": "access", "text": text} for text in texts]
    scenario = anonymous([read(0)], notes=notes)
    with pytest.raises(BadLink, match="64 KiB"):
        trace_json(run(scenario))


def test_a_run_of_many_switches_has_a_link_that_opens() -> None:
    reads = [read(i % 64) for i in range(64)]
    scenario = scene({"flags": ["VM_READ"], "pages": 64}, *[reads] * 8)
    made = run(scenario, schedule="1A1B1C1D1E1F1G1H" * 450)
    assert len(made.scenario.schedule) > 2000
    assert decode_link(trace_json(made)["link"]).schedule == made.scenario.schedule
