"""What if: forks keep their past, do what they say, and are scenarios that can be shared."""

from __future__ import annotations

import random
from typing import Any

import pytest
from scenes import GALLERY

from engine import EngineError, Scenario, decode_content, encode_link, run
from engine.ledger import Moment
from engine.trace import Trace
from engine.whatif import Fork, Offer, fork, offers

TOP = (1 << 64) - 1
KERNELS = ("nopfn-v2", "nopfn-v3", "2.6.19")


def flagship(kernel: str = "nopfn-v2") -> Trace:
    return run(GALLERY["two-threads-one-page"], kernel)


def happened(moment: Moment) -> tuple[Any, ...]:
    """A step without the counting that an injected failure needs."""
    delta = {c: v for c, v in moment.delta.items() if not c.startswith("inject/")}
    return moment.thread, moment.op, moment.args, delta


def places(trace: Trace, name: str) -> list[int]:
    some = random.Random(name).sample(range(len(trace.steps)), min(3, len(trace.steps)))
    return sorted({0, *some, len(trace.steps)})


def answers(trace: Trace, at: int) -> list[tuple[Any, ...]]:
    """Who was answered what after a step: (thread, op, value, *type)."""
    ops = ("nopfn_ret", "nopage_ret")
    moments = [told.moment for told in trace.steps[at:] if told.moment.op in ops]
    return [(m.thread, m.op, *m.answer) for m in moments]


def offer(trace: Trace, at: int, id: str) -> Offer:
    return next(o for o in offers(trace, at) if o.id == id)


def changed(name: str, **parts: Any) -> Scenario:
    data = {k: v for k, v in GALLERY[name].content().items() if k != "expect"}
    return Scenario.model_validate({**data, **parts})


def does_what_it_says(trace: Trace, at: int, offer: Offer, made: Fork, now: Trace) -> bool:
    kind, _, what = offer.id.partition(":")
    after = [told.moment for told in now.steps[at:]]
    if kind == "run":
        return after[0].thread == what
    if kind == "answer":
        (was, *rest), (now_is, *others) = answers(trace, at), answers(now, at)
        same = all(a == b for a, b in zip(rest, others, strict=False))
        return same and was[:2] == now_is[:2] and was[2] != now_is[2] and was[3] == now_is[3]
    if kind == "fail":
        return next(m for m in after if m.op == what and m.answer != "have").answer is None
    if kind == "kill":
        process = next(p for p, t in trace.scenario.threads() if t.name == what)
        return all(
            [m.answer[0] for m in after if m.thread == t.name and m.op == "access"]
            in ([], ["killed"])
            for t in process.threads
        )
    return made.restarts


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("kernel", KERNELS)
def test_every_possible_fork_keeps_the_past_and_does_what_it_says(name: str, kernel: str) -> None:
    trace = run(GALLERY[name], kernel)
    for at in places(trace, name + kernel):
        for offer in offers(trace, at):
            if not offer.possible:
                with pytest.raises(EngineError):
                    fork(trace, at, offer.id)
                continue
            made = fork(trace, at, offer.id)
            now = run(made.scenario)
            assert does_what_it_says(trace, at, offer, made, now), (at, offer)
            past = [happened(told.moment) for told in trace.steps[:at]]
            if not made.restarts:
                assert [happened(told.moment) for told in now.steps[:at]] == past, (at, offer)
            assert decode_content(encode_link(made.scenario))[0].content() == {
                k: v for k, v in made.scenario.content().items() if k != "expect"
            }


def test_the_second_thread_first_ends_the_race() -> None:
    trace = flagship()
    now = run(fork(trace, 0, "run:B").scenario)
    assert now.steps[0].moment.thread == "B"
    assert next(i for i in now.invariants if i["id"] == "overwrite")["holds"]


def test_what_cannot_be_says_why() -> None:
    trace = run(GALLERY["dead-thread-holds-mmap-sem"])
    blocked = next(o for o in offers(trace, 8) if o.id == "run:B")
    assert "@B waits for `mmap_sem`" in blocked.why_not
    with pytest.raises(EngineError, match="cannot happen here"):
        fork(trace, 8, "run:B")


def test_what_is_not_offered_names_what_is() -> None:
    with pytest.raises(EngineError, match="run:B"):
        fork(flagship(), 3, "run:Z")
    with pytest.raises(EngineError, match="there is no step 999"):
        offers(flagship(), 999)


def test_the_driver_may_answer_any_frame() -> None:
    trace = flagship()
    now = run(fork(trace, 0, "answer:0x7abcd").scenario)
    answers = [t.moment.answer[0] for t in now.steps if t.moment.op == "nopfn_ret"]
    assert answers[0] == 0x7ABCD and answers[1:] == [0x7000B]


def test_what_the_driver_leaves_in_type_stays() -> None:
    trace = run(GALLERY["driver-says-major"], "nopfn-v3")
    now = run(fork(trace, 0, "answer:0x7abcd").scenario)
    assert answers(now, 0) == [("A", "nopfn_ret", 0x7ABCD, 3)]


def test_after_an_error_the_driver_may_name_its_own_frame() -> None:
    trace = run(GALLERY["errno-becomes-a-frame"], "nopfn-v3")
    assert answers(trace, 0)[0][2] < 0
    now = run(fork(trace, 0, "answer:0x70003").scenario)
    assert now.sim.machine["pte/P/0x40003"] >> 12 == 0x70003


def test_the_largest_frame_has_a_neighbour() -> None:
    top = {"mspec": {"nopfn": [{"value": f"{TOP:#x}"}]}}
    trace = run(changed("two-threads-one-page", drivers=top))
    assert offer(trace, 0, "answer:0xfffffffffffffffe").possible
    assert answers(run(fork(trace, 0, "answer:0xfffffffffffffffe").scenario), 0)[0][2] == TOP - 1


def test_a_file_may_answer_another_of_its_pages_and_no_frame_without_a_page() -> None:
    files = {"data": {"pages": {"0": "0x11", "1": "0x22", "2": "0x33", "3": "0x44"}}}
    name = "private-file-read-then-write"
    files = {next(iter(GALLERY[name].files)): files["data"]}
    trace = run(changed(name, files=files))
    other = next(o for o in offers(trace, 0) if o.id.startswith("answer:0x"))
    assert "page" in other.label
    assert answers(run(fork(trace, 0, other.id).scenario), 0)[0][2] == int(other.id[7:], 16)
    with pytest.raises(EngineError, match="no struct page"):
        fork(trace, 0, "answer:0x7abcd")


@pytest.mark.parametrize("kernel", ["2.6.17", "nopfn-v5", "2.6.18", "2.6.19", "2.6.20"])
def test_nopage_asks_for_another_fault_only_where_the_kernel_knows_it(kernel: str) -> None:
    found = offer(run(GALLERY["shared-file-two-threads"], kernel), 0, "answer:REFAULT")
    assert found.possible == (kernel in ("2.6.19", "2.6.20"))
    assert found.possible or "2.6.19 brought `NOPAGE_REFAULT`" in found.why_not


@pytest.mark.parametrize(
    ("name", "kernel", "why"),
    [
        ("two-threads-one-page", "2.6.17", "2.6.17 knows no ->nopfn"),
        ("remap-pfn-range-private", "nopfn-v3", "`mem` has no ->nopfn"),
        ("anonymous-read-then-write", "nopfn-v3", "No vma here is of a file or a driver"),
        ("private-write-hits-device", "2.6.19", "Nobody calls ->nopfn or ->nopage in this run"),
    ],
)
def test_why_nobody_answers(name: str, kernel: str, why: str) -> None:
    assert why in offer(run(GALLERY[name], kernel), 0, "answer:none").why_not


def test_after_the_last_call_nobody_answers_any_more() -> None:
    trace = flagship()
    assert "After #" in offer(trace, len(trace.steps), "answer:none").why_not
    with pytest.raises(EngineError, match="cannot happen here"):
        fork(trace, len(trace.steps), "answer:0x1")


def test_who_runs_anyway_is_only_asked_to_run_on_if_somebody_cuts_in() -> None:
    trace = flagship()
    assert "runs on" in offer(trace, 0, "run:A").label
    last = max(i for i, t in enumerate(trace.steps) if t.moment.thread == "B") + 1
    assert "run:A" not in [o.id for o in offers(trace, last)]


def test_what_was_told_of_the_run_before_is_not_told_of_the_fork() -> None:
    trace = flagship()
    assert trace.scenario.notes and trace.scenario.expect
    made = fork(trace, 14, "run:A").scenario
    assert not made.notes and not made.questions and not made.expect
    assert made.story == (
        "After step 14 A runs, as far as it can. A fork of “Two threads, one page”."
    )
    again = fork(run(made), 20, "answer:SIGBUS").scenario
    assert again.title == made.title == "Two threads, one page, what if"
    assert again.story == f"After step 20 mspec answers with SIGBUS. {made.story}"


def test_forks_of_forks_stay_within_bounds() -> None:
    trace = run(changed("two-threads-one-page", title="x" * 120, story="y. " * 399))
    for _ in range(30):
        trace = run(fork(trace, 3, "flag:P/mspec:VM_IO").scenario)
    assert len(trace.scenario.story) <= 1200


def test_a_flag_changes_from_the_start() -> None:
    made = fork(flagship(), 20, "flag:P/mspec:VM_PFNMAP")
    assert made.restarts and "VM_PFNMAP" not in made.scenario.processes[0].vmas[-2].flags
    assert "mmap_sem" in made.said


def test_a_flag_that_nobody_looks_at_says_so() -> None:
    assert "No step of this run changes" in fork(flagship(), 0, "flag:P/mspec:VM_IO").said
    assert "No step" not in fork(flagship(), 0, "flag:P/mspec:VM_WRITE").said


def test_vm_shared_goes_with_vm_mayshare_both_ways() -> None:
    made = fork(flagship(), 0, "flag:P/mspec:VM_SHARED")
    assert not {"VM_SHARED", "VM_MAYSHARE"} & set(made.scenario.processes[0].vmas[-2].flags)
    assert "VM_MAYSHARE" in made.said
    back = fork(run(made.scenario), 0, "flag:P/mspec:VM_SHARED").scenario
    assert {"VM_SHARED", "VM_MAYSHARE"} <= set(back.processes[0].vmas[-2].flags)


def test_flags_that_make_no_sense_say_why() -> None:
    data = changed("two-threads-one-page").content()
    vma = next(v for v in data["processes"][0]["vmas"] if v["name"] == "mspec")
    vma["flags"] = ["VM_READ", "VM_MAYREAD", "VM_SHARED", "VM_MAYSHARE", "VM_PFNMAP"]
    trace = run(Scenario.model_validate(data))
    assert "VM_MAYWRITE" in offer(trace, 0, "flag:P/mspec:VM_WRITE").why_not
    vma["flags"] = []
    assert offers(run(Scenario.model_validate(data)), 0)


def test_a_flag_that_takes_a_child_its_mapping_says_why() -> None:
    data = changed("fork-then-write").content()
    thread, first = data["processes"][0]["threads"][0], GALLERY["fork-then-write"].processes[0]
    child = next(act.fork for act in first.threads[0].do if act.fork)
    place = next(act.read or act.write for act in first.threads[0].do if act.read or act.write)
    vma = str(place).partition("[")[0]
    thread["do"].append({"mprotect": vma, "rights": "r", "as": child})
    why_not = offer(run(Scenario.model_validate(data)), 0, f"flag:P/{vma}:VM_DONTCOPY").why_not
    assert "would not add up" in why_not and "fork may leave" in why_not


FAILS = "alloc_zeroed_user_highpage"


def injected(*given: dict[str, Any]) -> Trace:
    return run(changed("anonymous-read-then-write", inject=list(given)))


def test_an_injected_failure_is_added_to_those_in_force() -> None:
    trace = injected({"fail": FAILS, "nth": [900]}, {"fail": FAILS, "nth": [901]})
    made = fork(trace, 0, f"fail:{FAILS}").scenario
    assert [i.nth for i in made.inject] == [(1, 901)]


def test_where_fork_finds_no_memory_no_child_runs() -> None:
    made = fork(run(GALLERY["fork-then-write"], "2.6.17"), 30, "fail:pte_alloc_one")
    moments = [told.moment for told in run(made.scenario, "2.6.17").steps]
    done = [moment.op for moment in moments]
    later = [m for m in moments[done.index("bad_fork") :] if m.op == "access"]
    assert [m.args["mm"] for m in later] == ["P"]


def test_failures_beyond_what_a_scenario_holds_say_why() -> None:
    always, full = {"fail": FAILS}, {"fail": FAILS, "nth": list(range(500, 516))}
    assert "always fails" in offer(injected(always), 0, f"fail:{FAILS}").why_not
    assert "16 failures" in offer(injected(full), 0, f"fail:{FAILS}").why_not
    assert (
        "fails anyway" in offer(injected({"fail": FAILS, "nth": [1]}), 0, f"fail:{FAILS}").why_not
    )


def test_a_process_killed_in_its_faults_finishes_them_and_reads_nothing() -> None:
    trace = flagship()
    at = max(t.moment.number for t in trace.steps if t.moment.op == "nopfn_call")
    now = run(fork(trace, at, "kill:A").scenario)
    assert "of the same process" in now.steps[at].narration.what
    for thread in ("A", "B"):
        own = [t.moment for t in now.steps if t.moment.thread == thread]
        assert any(m.op == "set_pte_at" for m in own)
        assert own[-1].answer == ("killed",)
        assert now.sim.machine[f"task/{thread}/signal"] == "SIGKILL"
    again = offer(now, at + 1, "kill:A")
    assert "@A and @B have been sent it already" in again.why_not


def test_another_process_lives_on() -> None:
    data = changed("two-threads-one-page").content()
    (process,) = data["processes"]
    a, b = process["threads"]
    twin = {**process, "name": "Q", "threads": [b]}
    data["processes"] = [{**process, "threads": [a]}, twin]
    now = run(fork(run(Scenario.model_validate(data)), 0, "kill:A").scenario)
    assert now.sim.machine["task/A/signal"] == "SIGKILL"
    assert "task/B/signal" not in now.sim.machine


def test_no_signal_ends_the_waiting_for_a_lock() -> None:
    trace = flagship()
    taken = next(t.moment.number for t in trace.steps if t.moment.op == "spin_lock")
    held = run(fork(trace, taken, "run:B").scenario)
    stuck = next(n for n in range(taken, len(held.steps)) if held.steps[n].moment.thread != "B")
    told = run(fork(held, stuck, "kill:A").scenario).steps[stuck].narration
    assert "no signal ends its waiting for `ptl`" in told.why


def test_who_makes_system_calls_cannot_be_killed_yet() -> None:
    data = GALLERY["fork-then-write"].content()
    data["processes"][0]["threads"].append({"name": "K", "do": [{"kill": "A"}]})
    with pytest.raises(ValueError, match="makes system calls"):
        Scenario.model_validate(data)
