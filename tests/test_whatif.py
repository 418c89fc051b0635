"""What if: forks keep their past, do what they say, and are scenarios that can be shared."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine import EngineError, Scenario, decode_content, encode_link, gallery, run
from engine.ledger import Moment
from engine.trace import Trace
from engine.whatif import Fork, Offer, fork, offers

SCENES = dict(gallery())
KERNELS = ("nopfn-v2", "nopfn-v3", "2.6.19")


def flagship(kernel: str = "nopfn-v2") -> Trace:
    return run(SCENES["two-threads-one-page"], kernel)


def happened(moment: Moment) -> tuple[Any, ...]:
    """A step without the counting that an injected failure needs."""
    delta = {c: v for c, v in moment.delta.items() if not c.startswith("inject/")}
    return moment.thread, moment.op, moment.args, delta


def places(trace: Trace, name: str) -> list[int]:
    some = random.Random(name).sample(range(len(trace.steps)), min(3, len(trace.steps)))
    return sorted({0, *some, len(trace.steps)})


def does_what_it_says(trace: Trace, at: int, offer: Offer, made: Fork, now: Trace) -> bool:
    kind, _, what = offer.id.partition(":")
    after = [told.moment for told in now.steps[at:]]
    if kind == "run":
        return after[0].thread == what
    if kind == "answer":
        answer = next(m for m in after if m.op in ("nopfn_ret", "nopage_ret"))
        before = next(
            t.moment for t in trace.steps[at:] if t.moment.op in ("nopfn_ret", "nopage_ret")
        )
        same = answer.thread == before.thread and answer.op == before.op
        return same and bool(answer.answer[0] != before.answer[0])
    if kind == "fail":
        return next(m for m in after if m.op == what and m.answer != "have").answer is None
    if kind == "kill":
        accesses = [m for m in after if m.thread == what and m.op == "access"]
        return [m.answer[0] for m in accesses] in ([], ["killed"])
    return made.restarts


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_every_possible_fork_keeps_the_past_and_does_what_it_says(name: str, kernel: str) -> None:
    trace = run(SCENES[name], kernel)
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
    trace = run(SCENES["dead-thread-holds-mmap-sem"])
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


def test_a_flag_changes_from_the_start() -> None:
    made = fork(flagship(), 20, "flag:P/mspec:VM_PFNMAP")
    assert made.restarts and "VM_PFNMAP" not in made.scenario.processes[0].vmas[-2].flags
    assert "mmap_sem" in made.said


def test_a_thread_killed_in_the_fault_finishes_it_and_reads_nothing() -> None:
    trace = flagship()
    in_driver = next(t.moment.number for t in trace.steps if t.moment.op == "nopfn_call")
    now = run(fork(trace, in_driver, "kill:A").scenario)
    own = [t.moment for t in now.steps if t.moment.thread == "A"]
    assert any(m.op == "set_pte_at" for m in own)
    assert own[-1].answer == ("killed",)
    assert now.sim.machine["task/A/signal"] == "SIGKILL"


def test_who_makes_system_calls_cannot_be_killed_yet() -> None:
    data = SCENES["fork-then-write"].content()
    data["processes"][0]["threads"].append({"name": "K", "do": [{"kill": "A"}]})
    with pytest.raises(ValueError, match="makes system calls"):
        Scenario.model_validate(data)
