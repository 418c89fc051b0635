"""What tells the kernels apart, or from a guess, where no oracle row looks."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import scenes
from scenes import read, write

from engine import Scenario, run, trace_json
from engine.ending import ending
from engine.kernel import FUNCTIONS
from engine.kernels import KERNELS
from engine.kernels.parts import PARTS
from engine.layout import simulate
from engine.model.pte import _PAGE_RW
from engine.model.vma import VM_LOCKED

DIFFERENCES = Path(__file__).resolve().parent.parent / "docs" / "known-differences.md"

STORES = {
    "set_pte_high",
    "set_pte_at",
    "ptep_establish",
    "ptep_clear_flush",
    "pte_clear_high",
    "flush_tlb_page",
}


REAL = {
    "do_page_fault", "handle_mm_fault", "__handle_mm_fault", "pte_alloc_map", "__pte_alloc",
    "handle_pte_fault", "do_no_page", "do_no_pfn", "do_anonymous_page", "do_file_page",
    "do_swap_page", "do_wp_page", "cow_user_page", "page_cache_release", "vm_normal_page",
    "page_remove_rmap", "pte_unmap_same", "dup_mmap", "copy_page_range", "copy_pte_range",
    "copy_one_pte", "unmap_mapping_range", "zap_page_range", "zap_pte_range", "sys_mprotect",
    "change_protection", "change_pte_range", "vma_wants_writenotify", "remap_pfn_range",
    "remap_pte_range", "set_pte_at", "ptep_establish", "ptep_set_access_flags",
    "ptep_get_and_clear", "pte_offset_map_lock", "exit_mmap", "nopfn", "nopage", "page_mkwrite",
}  # fmt: skip
"""Names that 2.6.16 to 2.6.20 and the patch have; the last three are vm_operations_struct's."""


def test_every_function_is_the_kernels_or_listed_as_a_piece() -> None:
    chapter = DIFFERENCES.read_text().partition("is shaped unlike the kernel's")[2]
    names = {name for kernel in KERNELS.values() for name in kernel.functions}
    assert names == {*REAL, *PARTS} and set(PARTS.values()) <= {*REAL, "do_munmap", "mmap_mem"}
    for part, whole in PARTS.items():
        assert f"`{part}`" in chapter and f"`{whole}`" in chapter
    for function in FUNCTIONS.values():
        if function.name in PARTS:
            says, whole = inspect.getdoc(function.code) or "", PARTS[function.name]
            assert says.startswith((f"Part of {whole}", f"For {whole}")), says


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


MAY_READ = ["VM_READ", "VM_MAYREAD", "VM_MAYEXEC"]
PROTECTORS = ["2.6.17", "2.6.18", "2.6.19"]


@pytest.mark.parametrize("kernel", PROTECTORS)
@pytest.mark.parametrize("rights", ["rw", "w"])
def test_mprotect_grants_nothing_that_the_mapping_may_not_have(kernel: str, rights: str) -> None:
    """mm/mprotect.c sys_mprotect: newflags & ~(newflags >> 4) is -EACCES."""
    do = [read(), {"mprotect": "v", "rights": rights}, write()]
    trace = run(scenes.scene({"flags": MAY_READ}, do), kernel)
    steps = trace_json(trace)["steps"]
    done = [step["op"] for step in steps]
    refused = steps[done.index("bad_mprotect")]
    assert refused["args"]["error"] == -13
    assert "set_vma_flags" not in done and "flush_tlb_range" not in done
    assert "may not have" in steps[done.index("up_write")]["why"]
    assert trace.sim.machine["task/A/signal"] == "SIGSEGV/ACCERR"


@pytest.mark.parametrize("kernel", PROTECTORS)
def test_mprotect_may_take_and_give_back_what_the_mapping_may_have(kernel: str) -> None:
    do = [{"mprotect": "v", "rights": "none"}, {"mprotect": "v", "rights": "rx"}, read()]
    done = ops(scenes.scene({"flags": MAY_READ}, do), kernel)
    assert "bad_mprotect" not in done and done.count("set_vma_flags") == 2


@pytest.mark.parametrize("kernel", PROTECTORS)
def test_mprotect_to_the_same_rights_touches_nothing(kernel: str) -> None:
    """mprotect_fixup returns before it looks at a pte, so the next write needs no fault."""
    scenario = scenes.anonymous([write(), {"mprotect": "v", "rights": "rw"}, write()])
    steps = trace_json(run(scenario, kernel))["steps"]
    done = [step["op"] for step in steps]
    called = done.index("down_write")
    assert done[called:] == ["down_write", "read_vma", "up_write", "access"]
    assert "has these rights already" in steps[called + 2]["why"]
    assert done.count("vm_fault") == 1


def test_fork_does_not_pass_on_vm_locked() -> None:
    """kernel/fork.c dup_mmap: tmp->vm_flags &= ~VM_LOCKED."""
    scenario = scenes.scene({"flags": [*scenes.READ_WRITE, "VM_LOCKED"]}, [{"fork": "C"}])
    cells = run(scenario, "2.6.17").sim.machine
    assert cells["vma/P/v/flags"] == cells["vma/C/v/flags"] | VM_LOCKED
    assert not cells["vma/C/v/flags"] & VM_LOCKED


@pytest.mark.parametrize("kernel", ["2.6.17", "2.6.19"])
def test_a_fork_that_fails_leaves_no_child(kernel: str) -> None:
    """kernel/fork.c: dup_mm gives the half copy to mmput, and fork(2) returns -ENOMEM."""
    vmas = [{"name": name, "start": start, "pages": 1, "flags": scenes.READ_WRITE}
            for name, start in (("v", "0x40000000"), ("w", "0x40400000"))]  # fmt: skip
    of_it = [{"write": "v[0]", "as": "C"}, {"fork": "D", "as": "C"}, {"write": "w[0]", "as": "D"}]
    do = [write(), {"write": "w[0]"}, {"fork": "C"}, *of_it, write()]
    process = {"name": "P", "vmas": vmas, "threads": [{"name": "A", "do": do}]}
    inject = [{"fail": "pte_alloc_one", "nth": [2]}]
    trace = run(Scenario.model_validate({"processes": [process], "inject": inject}), kernel)
    steps, cells = trace_json(trace)["steps"], trace.sim.machine
    done = [step["op"] for step in steps]
    (failed,) = [step for step in steps if step["op"] == "bad_fork"]
    assert failed["args"]["error"] == -12 and failed["verdicts"][0]["id"] == "fork_failed"
    assert {step["args"]["mm"] for step in steps if step["op"] == "access"} == {"P"}
    assert done.count("begin_fork") == 1 and cells["mm/C/vmas"] == ()
    assert cells["pte/C/0x40000"] == 0 and cells["rss/C/anon"] == 0
    kept = next(step for step in steps[failed["n"] :] if step["op"] == "ptep_set_access_flags")
    assert "one user" in kept["why"], "what the half copy had taken came back, so no copy is made"
    assert all(rule["holds"] for rule in trace.invariants)
    assert "no `C`" in ending(trace)


@pytest.mark.parametrize("kernel", ["2.6.17", "2.6.18", "2.6.19", "2.6.20"])
def test_a_write_asks_once_whether_the_page_is_anonymous(kernel: str) -> None:
    """do_wp_page has one PageAnon before it tries the page lock, in every version."""
    scenario = scenes.anonymous([write(), {"mprotect": "v", "rights": "r"},
                                 {"mprotect": "v", "rights": "rw"}, write()])  # fmt: skip
    done = ops(scenario, kernel)
    assert done.count("read_page_anon") == 1
    assert done[done.index("read_page_anon") + 1] == "trylock_page"
