"""What tells the kernels apart, or from a guess, where no oracle row looks."""

from __future__ import annotations

import pytest
import scenes
from scenes import read, write

from engine import Scenario, run, trace_json
from engine.layout import simulate
from engine.model.pte import _PAGE_RW

STORES = {
    "set_pte_high",
    "set_pte_at",
    "ptep_establish",
    "ptep_clear_flush",
    "pte_clear_high",
    "flush_tlb_page",
}


def ops(scenario: Scenario, kernel: str) -> list[str]:
    """The ops of a run, in order."""
    return [step["op"] for step in trace_json(run(scenario, kernel))["steps"]]


@pytest.mark.parametrize(
    ("kernel", "stores"),
    [
        ("2.6.17", ["ptep_establish", "flush_tlb_page"]),
        ("2.6.18", ["ptep_establish", "flush_tlb_page"]),
        ("2.6.19", ["ptep_clear_flush", "pte_clear_high", "flush_tlb_page", "set_pte_high",
                    "set_pte_at"]),
    ],
)  # fmt: skip
def test_cow_with_pae(kernel: str, stores: list[str]) -> None:
    """One atomic store up to 2.6.18; then two halves out, a flush, and two halves in."""
    done = ops(scenes.anonymous([read(), write()], arch="i386-pae"), kernel)
    copied = done.index("alloc_zeroed_user_highpage")
    assert [op for op in done[copied:] if op in STORES] == stores


@pytest.mark.parametrize(("kernel", "looks"), [("2.6.18", 2), ("2.6.19", 1)])
def test_fork_reads_the_parents_pte(kernel: str, looks: int) -> None:
    done = ops(scenes.anonymous([write(), {"fork": "C"}]), kernel)
    protect = done.index("ptep_set_wrprotect")
    assert done[protect - 1] == "read_pte"
    assert (done[protect + 1] == "read_pte") == (looks == 2)


@pytest.mark.parametrize(("kernel", "first"), [("2.6.19", False), ("2.6.20", True)])
def test_swap_token(kernel: str, first: bool) -> None:
    done = ops(scenes.swapped([read()]), kernel)
    assert (done.index("grab_swap_token") < done.index("swapin_readahead")) == first


@pytest.mark.parametrize(("kernel", "signal"), [("2.6.18", True), ("2.6.19", False)])
def test_reading_what_may_only_be_written(kernel: str, signal: bool) -> None:
    scenario = scenes.scene({"flags": ["VM_WRITE", "VM_MAYWRITE"]}, [read()])
    assert ("force_sig" in ops(scenario, kernel)) == signal


@pytest.mark.parametrize(("flags", "writable"), [(scenes.SHARED, False), (scenes.DEVICE, True)])
def test_raw_frames_are_not_counted_dirty(flags: list[str], writable: bool) -> None:
    """mmap leaves a VM_PFNMAP mapping alone, though its file counts dirty pages (2.6.19)."""
    files = {"f": {"pages": {0: "0x11"}, "counts_dirty": True}}
    scenario = scenes.scene({"flags": flags, "file": "f"}, [read()], files=files)
    prot = simulate(scenario, "2.6.19").machine["vma/P/v/prot"]
    assert bool(prot & _PAGE_RW) == writable


def test_x86_flushes_the_whole_mm_for_a_range() -> None:
    """mprotect of one mapping empties the TLB for another as well (asm-i386/tlbflush.h)."""
    vmas = [{"name": name, "start": start, "pages": 1, "flags": scenes.READ_WRITE}
            for name, start in (("v", "0x40000000"), ("w", "0x40100000"))]  # fmt: skip
    do = [{"write": "w[0]"}, {"mprotect": "v", "rights": "r"}, {"read": "w[0]"}]
    process = {"name": "P", "vmas": vmas, "threads": [{"name": "A", "do": do}]}
    steps = trace_json(run(Scenario.model_validate({"processes": [process]}), "2.6.17"))["steps"]
    last = [step for step in steps if step["op"] == "access"][-1]
    assert last["key"] == "access.walk"
