"""Traces: the steps, what is said about them, why, and the golden ones in plain text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import scenes
from scenes import GALLERY, read, write

from engine import BadSchedule, Scenario, UnknownKernel, decode_link, run, trace_json
from engine.explore import explore
from engine.kernels import KERNELS
from engine.narrate import TELLERS
from engine.ops import OPS
from engine.text import lines

GOLDEN = Path(__file__).parent / "golden"
FLAGSHIP = GALLERY["two-threads-one-page"]
GOLDEN_KERNELS = ["nopfn-v1", "nopfn-v2", "nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19"]

Steps = list[dict[str, Any]]


def told(scenario: Scenario, kernel: str, schedule: str | None = None) -> Steps:
    """The steps of a run, as JSON."""
    steps: Steps = trace_json(run(scenario, kernel, schedule))["steps"]
    return steps


def only(steps: Steps, key: str) -> dict[str, Any]:
    """The first step of a template."""
    found = [step for step in steps if step["key"] == key]
    assert found, f"no {key} among {[step['key'] for step in steps]}"
    return found[0]


def same_as_golden(name: str, text: str) -> None:
    """Compare with a golden file; a text that differs is written beside it."""
    golden, changed = GOLDEN / f"{name}.txt", GOLDEN / f"{name}-changed.txt"
    if golden.exists() and golden.read_text() == text:
        changed.unlink(missing_ok=True)
        return
    changed.write_text(text)
    pytest.fail(f"{name} has changed: compare {golden.name} with {changed.name} in tests/golden")


@pytest.mark.parametrize("kernel", GOLDEN_KERNELS)
def test_golden(kernel: str) -> None:
    text = "\n".join(lines(run(FLAGSHIP, kernel), numbers=False)) + "\n"
    same_as_golden(f"two-threads-one-page.{kernel}", text)


# --- the trace as a whole


def test_the_flagship_tells_the_race() -> None:
    trace = trace_json(run(FLAGSHIP, "nopfn-v2"))
    step = only(trace["steps"], "set_pte_at.overwrite")
    assert step["what"] == "@B overwrites the filled pte: `0x7000b` replaces `0x7000a`."
    first = only(trace["steps"], "set_pte_at.fill")["n"]
    looked = next(s["n"] for s in trace["steps"] if s["thread"] == "B" and s["op"] == "read_pte")
    assert f"#{looked} " in step["why"] and f"#{first}," in step["why"]
    assert {looked, first} <= set(step["causes"])
    assert {v["id"] for v in step["verdicts"]} == {"overwrite", "stale"}
    last = trace["steps"][-1]
    assert last["key"] == "access.stale" and [v["id"] for v in last["verdicts"]] == ["stale_used"]
    assert str(step["n"]) in last["why"] and step["n"] in last["causes"]


def test_the_third_version_looks_again() -> None:
    trace = trace_json(run(FLAGSHIP, "nopfn-v3"))
    step = only(trace["steps"], "read_pte.recheck_filled")
    assert step["thread"] == "B" and step["what"].endswith("; it gives way.")
    assert only(trace["steps"], "set_pte_at.fill")["n"] in step["causes"]
    assert not any(v["level"] == "bad" for v in trace["outcome"]["verdicts"])
    assert trace["outcome"]["threads"]["A"]["saw"] == ["read 0x7000a", "read 0x7000a"]


def test_steps_fit_together() -> None:
    trace = trace_json(run(FLAGSHIP, "nopfn-v2"))
    assert json.loads(json.dumps(trace)) == trace
    cells, threads = dict(trace["cells"]), {t["id"] for t in trace["threads"]}
    for number, step in enumerate(trace["steps"], 1):
        assert step["n"] == number and step["thread"] in step["runnable"]
        assert set(step["runnable"]) | set(step["waiting"]) <= threads
        assert all(cause < number for cause in step["causes"])
        for id, line in step["stack"]:
            function = trace["functions"][id]
            assert function["line"] <= line < function["line"] + len(function["source"])
        for cell, was, now in step["delta"]:
            assert cells.get(cell) == was
            cells[cell] = now
    assert cells["pte/P/0x40003"] == "0x7000b067"
    assert cells["tlb/0/0x40003"] == {"mm": "P", "pfn": "0x7000a", "rw": 0}
    assert cells["lock/mmap_sem/P"] == {"readers": [], "writer": None}
    assert trace["focus"] == {"mm": "P", "address": "0x40003000", "vma": "mspec", "page": 3}


def test_listings_show_what_the_revision_changed() -> None:
    functions = trace_json(run(FLAGSHIP, "nopfn-v3"))["functions"]
    listing = functions["do_no_pfn@nopfn-v3"]
    assert listing["changed"] and listing["diff"]["against"] == "do_no_pfn@nopfn-v1"
    added = [listing["source"][n - listing["line"]].strip() for n in listing["diff"]["added"]]
    assert "pte = yield read_pte(mm, address)" in added and "if pte_none(pte):" in added
    assert listing["cites"] == "mm/memory.c in the posting of 2006-04-05 09:34"
    assert (
        functions["set_pte_at@2.6.17"]["inline"] and not functions["do_page_fault@2.6.17"]["diff"]
    )


def test_waiting_names_lock_and_holder() -> None:
    steps = told(FLAGSHIP, "nopfn-v2", "A until spin_lock#1; B until nopfn_ret#1; A until end")
    held = [s for s in steps if s["waiting"]]
    assert held and held[0]["waiting"] == {"B": {"lock": "ptl/P/0x100", "by": ["A"]}}
    freed = next(s for s in steps if s["op"] == "spin_unlock")
    assert freed["what"] == "@A lets `ptl` go; @B can go on."
    taken = next(s for s in steps if s["op"] == "spin_lock" and s["thread"] == "B")
    assert taken["why"] == f"It had to wait: @A gave the lock back at #{freed['n']}."


def test_a_dead_thread_leaves_the_others_waiting() -> None:
    lone = scenes.scene(
        {"flags": scenes.SHARED, "driver": "d"},
        [read()],
        [{"munmap": "v"}],
        drivers={"d": {"nopfn": [{"value": "0x7000a"}]}},
    )
    trace = trace_json(run(lone, "nopfn-v2"))
    fired = only(trace["steps"], "BUG_ON.fires")
    assert "lacks `VM_PFNMAP`; it keeps `mmap_sem`" in fired["what"]
    assert trace["outcome"]["deadlock"]
    last = trace["steps"][-1]
    assert last["verdicts"][-1]["id"] == "deadlock"
    assert last["verdicts"][-1]["text"] == "@B waits for ever for `mmap_sem/P`, held by @A"
    assert last["event"].endswith("! deadlock")
    assert trace["outcome"]["threads"]["A"]["state"] == "dead"
    assert trace["outcome"]["threads"]["B"]["state"] == "blocked"


def test_schedules_come_in_three_forms() -> None:
    text = run(FLAGSHIP, schedule="A until read_pte#1; B until end")
    listed = run(FLAGSHIP, schedule=[{"run": "A", "until": "read_pte#1"}, {"run": "B"}])
    letters = run(FLAGSHIP, schedule="7A99B")
    assert text.check == listed.check == letters.check
    assert run(letters.scenario).check == letters.check
    assert all(switch.run in "AB" for switch in letters.scenario.schedule)


@pytest.mark.parametrize("schedule", ["A until", "Z until end", "3Z", [{"run": "Z"}], [{}]])
def test_bad_schedules(schedule: Any) -> None:
    with pytest.raises(BadSchedule) as error:
        run(FLAGSHIP, schedule=schedule)
    assert error.value.where and error.value.what and error.value.instead


def test_unknown_kernel() -> None:
    with pytest.raises(UnknownKernel):
        run(FLAGSHIP, "2.4.0")


def test_the_checksum_is_of_the_history() -> None:
    assert re.fullmatch(r"[\w-]{11}", run(FLAGSHIP).check)
    assert run(FLAGSHIP, "nopfn-v1").check == run(FLAGSHIP, "nopfn-v2").check
    assert run(FLAGSHIP, "nopfn-v2").check != run(FLAGSHIP, "nopfn-v3").check
    renamed = FLAGSHIP.model_copy(update={"title": "Another"})
    assert run(renamed).check == run(FLAGSHIP).check


# --- the words


def test_every_op_has_a_teller() -> None:
    assert set(TELLERS) == set(OPS)


def forks() -> Scenario:
    """A parent and a child that write to the same page in turn."""
    fork = {"fork": "C"}
    return scenes.anonymous([write(), fork, write(), read(0, "C"), write(0, "C")], [read()])


def private_device(*acts: dict[str, Any], answers: tuple[str, ...] = ("0x7000a",)) -> Scenario:
    """A COW mapping of a device."""
    vma = {"flags": [*scenes.READ_WRITE, "VM_PFNMAP"], "driver": "d"}
    drivers = {"d": {"nopfn": [{"value": a} for a in answers]}}
    return scenes.scene(vma, list(acts), drivers=drivers)


LATE = "A until read_pte#1; B until end; A until end"
"""A reads the pte; B does everything; A goes on with what it knows."""

BACK = {"mprotect": "v", "rights": "rw"}

WORDS: list[tuple[str, Scenario, str, str | None, str, str, str]] = [
    ("first read", scenes.device([read()]), "nopfn-v3", None, "read_pte.none_unlocked",
     "@A reads the pte of `v[0]` without `ptl`: empty, so `do_no_pfn` is next.",
     "Nobody has filled it yet, and without `ptl` that may change at any step."),
    ("loser", scenes.anonymous([write()], [write()]), "2.6.19", LATE, "put_page.loser",
     "@A drops its reference to page `0x101`: count 0.",
     "Because #34 found that the pte had changed; the page is not needed."),
    ("lost dirty bit", scenes.device([read()], [write()]), "nopfn-v1", LATE,
     "set_pte_at.lost_dirty", "@A writes frame `0x7000a` again, clean: the dirty bit is forgotten.",
     "Because it found the pte empty at #7 without the lock, before @B filled it at #20, "
     "and has not looked again."),
    ("error", scenes.device([read()], answers=("EFAULT",)), "nopfn-v2", None, "nopfn_ret.error",
     "The driver `d` answers @A with `-14` (EFAULT); the kernel takes it for an error.",
     "So the fault will return `VM_FAULT_SIGBUS`."),
    ("error as a frame", scenes.device([read()], answers=("EFAULT",)), "nopfn-v5", None,
     "nopfn_ret.negative_frame",
     "The driver `d` answers @A with `-14` (EFAULT), and the kernel takes that for a frame.",
     "It is not one of the values that mean an error here."),
    ("signed", scenes.device([read()], answers=("0x8000000a",)), "nopfn-v3", None,
     "nopfn_ret.error",
     "The driver `d` answers @A with frame `0x8000000a`; the kernel takes it for an error.",
     "In a signed `long` it is negative. So the fault will return `VM_FAULT_SIGBUS`."),
    ("cut off", scenes.device([read()], answers=("0x17000a",)), "nopfn-v3", None,
     "set_pte_at.truncated", "@A fills the empty pte of `v[0]` with frame `0x7000a`, writable.",
     "The driver named `0x17000a` at #11; its upper bits have no room in the "
     "pte's frame number, which is `0x7000a`."),
    ("private write", private_device(write()), "nopfn-v3", None, "access.private_write",
     "@A writes to `v[0]`: it hits frame `0x7000a` itself, although the mapping is private.",
     "Because it itself filled the pte at #14."),
    ("COW refused", private_device(read()), "nopfn-v4", None, "BUG_ON.fires",
     "@A hits `BUG_ON` and oopses: the vma is private and may become writable, a COW mapping; "
     "it keeps `mmap_sem`.", "Because of the vma's flags, found at #3."),
    ("passes", scenes.device([read()]), "nopfn-v3", None, "BUG_ON.passes",
     "@A passes `BUG_ON`: the vma has `VM_PFNMAP`, as found at #3.",
     "It is an assertion: if it failed, the kernel would stop this thread here."),
    ("fork", forks(), "2.6.17", None, "set_pte_at.fork_cow",
     "@A gives `C` the same frame `0x100` at C's `v[0]`, read-only.",
     "Because the parent's pte was write-protected at #39: a write must fault."),
    ("after fork", forks(), "2.6.17", None, "access.fault_readonly",
     "@A writes to P's `v[0]` and faults: the pte is there, but read-only.",
     "Because it took the right to write away at #39."),
    ("copy", forks(), "2.6.17", None, "ptep_establish",
     "@A switches the pte from frame `0x100` to its copy `0x102`, writable and dirty.",
     "Because it found frame `0x100` in the pte at #72 under `ptl` "
     "and allocated the frame at #69."),
    ("noticed if clean", scenes.shared_file([{"mprotect": "v", "rights": "r"}, BACK],
                                            file={"counts_dirty": True}), "2.6.19", None,
     "set_vma_prot", "@A sets `v`'s `vm_page_prot` read-only, though writing is allowed.",
     "So the first write to each clean page faults and is noticed."),
    ("noticed always", scenes.shared_file([{"mprotect": "v", "rights": "r"}, BACK],
                                          file={"page_mkwrite": "allows"}), "2.6.18", None,
     "set_vma_prot", "@A sets `v`'s `vm_page_prot` read-only, though writing is allowed.",
     "So the first write to each page faults and is noticed."),
    ("no access", scenes.scene({"flags": ["VM_READ"]}, [write()]), "2.6.19", None,
     "force_sig.accerr", "@A gets `SIGSEGV` (ACCERR); its program ends here.",
     "Because `v`, found at #3, does not allow this access."),
    ("no memory", scenes.anonymous([write()], inject=[{"fail": "alloc_zeroed_user_highpage"}]),
     "2.6.19", None, "vm_fault.error",
     "@A's fault comes back with `VM_FAULT_OOM`: out of memory.",
     "Because `alloc_zeroed_user_highpage` failed at #10."),
    ("half out", scenes.anonymous([read(), write()], [write()], arch="i386-pae"), "2.6.19",
     "A until ptep_clear_flush#1; B until read_pte#1; A until end; B until end",
     "read_pte.half_unlocked",
     "@B reads the pte of `v[0]` without `ptl`: half there, so `do_swap_page` is next.",
     "Because @A took half of the pte out at #42."),
    ("raw frame", scenes.scene({"flags": [*scenes.READ_WRITE, "VM_PFNMAP"], "driver": "d"},
                               [read(), write()],
                               drivers={"d": {"nopfn": [{"value": "0x0"}]}}),
     "nopfn-v3", None, "copy_from_user_inatomic",
     "@A copies into `0x100` by reading `v[0]` as the user would.",
     "`vm_normal_page` named no `struct page` for frame `0x0` to copy from."),
    ("waiting", scenes.anonymous([read()], [{"mprotect": "v", "rights": "r"}]), "2.6.19",
     "A until down_read#1; B until end; A until end", "down_write",
     "@B takes `mmap_sem` for writing: nobody else may fault or change vmas.",
     "It had to wait: @A gave the lock back at #18."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "kernel", "schedule", "key", "what", "why"),
    [case[1:] for case in WORDS],
    ids=[case[0] for case in WORDS],
)
def test_words(
    scenario: Scenario, kernel: str, schedule: str | None, key: str, what: str, why: str
) -> None:
    step = only(told(scenario, kernel, schedule), key)
    assert (step["what"], step["why"]) == (what, why)


SCENES = {
    "anonymous": scenes.anonymous([read(), write(), read()], [write()]),
    "fork": forks(),
    "swap": scenes.swapped([read(), write()], [write()], refs=2),
    "private file": scenes.private_file([read(), write()], [write(1), {"truncate": "v"}]),
    "shared file": scenes.shared_file(
        [read(), write()],
        [write(), {"munmap": "v"}, {"mprotect": "v", "rights": "r"}],
        file={"counts_dirty": True, "page_mkwrite": "allows"},
    ),
    "device": scenes.fickle([read(), {"mprotect": "v", "rights": "none"}], [write()]),
    "private device": private_device(read(), write()),
    "remap": scenes.scene(
        {"flags": scenes.READ_WRITE, "driver": "d"},
        [{"remap": "v", "base": "0x70000"}, read(), write(), write()],
        drivers={"d": {}},
    ),
    **{f"gallery {id}": scenario for id, scenario in GALLERY.items()},
}


def test_whose_deed_a_step_follows_from() -> None:
    """A read follows from who mapped the frame, not from who took a right away since."""
    fork = scenes.anonymous([write(), {"fork": "C"}], [read()])
    walks = [step for step in told(fork, "2.6.17") if step["key"] == "access.walk"]
    assert walks[-1]["thread"] == "B"
    assert walks[-1]["why"] == "Because @A filled the pte at #16."
    out = scenes.anonymous([write(), {"mprotect": "v", "rights": "r"}], [write()])
    late = "A until ptep_get_and_clear#1; B until access#1; A until end; B until end"
    faults = [step for step in told(out, "2.6.17", late) if step["key"] == "access.fault_none"]
    assert faults[-1]["why"] == "Because @A took the pte out to change its rights at #30."


@pytest.mark.parametrize("arch", ["i386", "i386-pae", "x86-64"])
@pytest.mark.parametrize("scenario", SCENES.values(), ids=SCENES)
def test_words_are_short_and_true_to_their_steps(scenario: Scenario, arch: str) -> None:
    scenario = scenario.model_copy(update={"arch": arch})
    for kernel in KERNELS:
        for schedule in (None, "5A3B2A9B4A1B20A", "9B6A2B3A8B1A20B"):
            if schedule and len(scenario.threads()) != 2:
                continue
            for step in told(scenario, kernel, schedule):
                sound(step)


def sound(step: dict[str, Any]) -> None:
    """Two short sentences, whose references are causes and lie in the past."""
    what, why = step["what"], step["why"]
    assert len(what.split()) <= 25 and len(why.split()) <= 25, step
    assert what.endswith(".") and (not why or why.endswith(".")), step
    assert "None" not in what + why and what.count("`") % 2 == 0 == why.count("`") % 2, step
    cited = {int(n) for n in re.findall(r"#(\d+)", what + why)}
    assert all(n < step["n"] for n in cited), step
    assert {int(n) for n in re.findall(r"#(\d+)", why)} <= set(step["causes"]), step
    assert step["key"].partition(".")[0] == step["op"]


def test_a_note_without_kernels_goes_with_its_own_one_alone() -> None:
    own = {"thread": "A", "op": "nopfn_ret", "text": "said of v2"}
    wide = {**own, "text": "said of two", "under": ["nopfn-v2", "nopfn-v3"]}
    scenario = scenes.fickle([read()], [write()], kernel="nopfn-v2", notes=[own, wide])
    assert run(scenario).scenario.notes == scenario.notes
    other = run(scenario, "nopfn-v3").scenario
    assert [note.under for note in other.notes] == [("nopfn-v2",), ("nopfn-v2", "nopfn-v3")]
    assert [note.holds("nopfn-v3") for note in other.notes] == [False, True]
    assert run(other, "nopfn-v2").scenario.notes == other.notes


def test_notes_stay_behind_when_the_turns_are_others() -> None:
    notes = [{"thread": "A", "op": "nopfn_ret", "text": "?", "under": ["nopfn-v2", "nopfn-v3"]}]
    scenario = scenes.fickle([read()], [write()], kernel="nopfn-v2", notes=notes)
    assert run(scenario, schedule="B until end; A until end").scenario.notes == ()
    found = explore(scenario, "nopfn-v2")["violations"]
    assert all(not decode_link(v["link"]).notes for v in found) and found


def test_a_reader_that_goes_past_a_waiting_writer_is_told_of() -> None:
    """The model's mmap_sem is not fair, so nothing here may look as if the kernel's were not."""
    programs = [read()], [{"munmap": "v"}], [read(1)]
    scenario = scenes.device(*programs, kernel="nopfn-v3", schedule=[
        {"run": "A", "until": "nopfn_call#1"}, {"run": "B"}, {"run": "C"},
    ])  # fmt: skip
    step = only(told(scenario, "nopfn-v3"), "down_read.past_writer")
    assert step["thread"] == "C" and "queue behind" in step["why"] and "@B" in step["why"]
    calm = scenes.device([read()], [read(1)], schedule=[{"run": "A", "until": "nopfn_call#1"}])
    assert all(s["key"] != "down_read.past_writer" for s in told(calm, "nopfn-v3"))


@pytest.mark.parametrize("kernel", sorted(set(KERNELS) - {"2.6.16", "2.6.17", "2.6.18"}))
def test_only_the_first_three_postings_have_a_type_to_answer_in(kernel: str) -> None:
    drivers = {"d": {"nopfn": [{"value": "0x7000a", "type": 3}]}}
    scenario = scenes.scene({"flags": scenes.DEVICE, "driver": "d"}, [read()], drivers=drivers)
    said = only(told(scenario, kernel), "nopfn_ret.frame")["what"]
    assert ("no such parameter" in said) == (kernel not in ("nopfn-v1", "nopfn-v2", "nopfn-v3"))


def test_a_pte_that_nobody_may_ever_write_is_copied_as_it_is() -> None:
    drivers: dict[str, Any] = {"d": {"nopfn": [{}]}}
    flags = ["VM_READ", "VM_MAYREAD", "VM_PFNMAP"]
    scenario = scenes.scene(
        {"flags": flags, "driver": "d"}, [read(), {"fork": "C"}], drivers=drivers
    )
    assert "can never be written" in only(told(scenario, "nopfn-v4"), "set_pte_at.fork")["why"]


def test_who_may_hang_a_page_table_in_is_told_by_the_locks() -> None:
    scenario = scenes.anonymous([write(), {"fork": "C"}])
    steps = [s for s in told(scenario, "2.6.17") if s["key"] == "read_pmd.none"]
    assert "child does not run yet" in steps[-1]["why"]
