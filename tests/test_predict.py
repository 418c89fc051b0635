"""Predict: honest questions, deterministic, few, and soon made; scenes that are what they say."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from functools import cache
from itertools import pairwise
from typing import Any

import predict_oracle as oracle
import pytest
from hypothesis import HealthCheck, given, settings
from scenes import GALLERY, SHARED, anonymous, device, read, scene, write
from test_properties import KERNEL_IDS, PREFERENCES, run, scenarios

import engine
from engine import trace_json
from engine.kernels import HISTORY
from engine.layout import simulate
from engine.predict import Question, questions, questions_json
from engine.scenario import Scenario
from engine.schedule import switch_points

FLAGSHIP = "two-threads-one-page"
KERNELS = [kernel.id for kernel in HISTORY]
MOST = 9


@cache
def told(name: str, kernel: str) -> dict[str, Any]:
    """The trace of a gallery scenario."""
    return trace_json(engine.run(GALLERY[name], kernel))


@cache
def asked(name: str, kernel: str) -> list[Question]:
    """The questions about a gallery scenario."""
    return questions(engine.run(GALLERY[name], kernel))


def honest(question: Question, trace: dict[str, Any]) -> None:
    """The question is well made, and the run bears out its answers."""
    steps = len(trace["steps"])
    assert 0 <= question.at <= question.reveal <= steps
    texts = [choice.text for choice in question.choices]
    assert len(set(texts)) == len(texts)
    right = [choice for choice in question.choices if choice.right]
    assert len(right) == 1
    assert right[0].text not in question.ask, "the question gives its answer away"
    words = [question.ask, *texts, *(choice.because for choice in question.choices)]
    assert all(text.strip() and "{" not in text and "}" not in text for text in words), words
    if question.kind == "any_schedule":
        assert sorted(texts)[0].startswith("no") and len(texts) == 2
        return
    assert 3 <= len(texts) <= 4
    assert question.at < question.reveal
    for choice in question.choices:
        said = oracle.true_of(question.kind, choice.text, trace, question.reveal)
        assert said == choice.right, (question.id, choice.text)


def well_chosen(found: list[Question]) -> None:
    """In order, one for each step, none asked while another is open."""
    assert len({q.id for q in found}) == len(found) <= MOST
    placed = [q for q in found if q.kind not in ("any_schedule", "authored")]
    assert all(one.reveal <= two.at for one, two in pairwise(placed))
    assert [q.at for q in found] == sorted(q.at for q in found)


@pytest.mark.parametrize("name", GALLERY)
def test_questions_are_honest_under_every_kernel(name: str) -> None:
    for kernel in KERNELS:
        found = asked(name, kernel)
        well_chosen(found)
        assert 3 <= len(found) <= 8, (kernel, [q.id for q in found])
        for question in found:
            honest(question, told(name, kernel))


@pytest.mark.parametrize("name", GALLERY)
def test_a_wrong_choice_is_right_in_its_scene(name: str) -> None:
    for kernel in KERNELS:
        for question in asked(name, kernel):
            for choice in question.choices:
                scene = choice.scene
                if scene is None or question.kind == "any_schedule":
                    continue
                assert not choice.right and scene.link is None
                assert (scene.gallery, scene.kernel) != (None, kernel)
                trace = told(scene.gallery or name, scene.kernel)
                same = scene.gallery is None
                step = scene.step
                assert oracle.true_of(question.kind, choice.text, trace, step, same), (
                    question.id, kernel, choice)  # fmt: skip


def broken_for_good(name: str) -> bool:
    """Whether this schedule breaks the same rules under every kernel: then all is said."""
    rules = [told(name, kernel)["outcome"]["invariants"] for kernel in KERNELS]
    broken = [{r["id"] for r in found if not r["holds"]} - {"one_pfn"} for found in rules]
    return bool(broken[0]) and all(one == broken[0] for one in broken)


@pytest.mark.parametrize("name", [n for n, s in GALLERY.items() if len(s.threads()) > 1])
def test_what_is_said_of_all_schedules_is_so(name: str) -> None:
    trace = engine.run(GALLERY[name])
    found = [q for q in questions(trace) if q.kind == "any_schedule"]
    assert len(found) == (not broken_for_good(name))
    for choice in found[0].choices if found else ():
        assert oracle.any_schedule(choice.text, found[0].ask, trace_json(trace)) == choice.right
        if choice.scene and choice.text.startswith("yes"):
            shown = choice.scene
            scenario = engine.decode_link(shown.link) if shown.link else trace.scenario
            played = trace_json(engine.run(scenario, shown.kernel))
            title = found[0].ask.split("“")[1].split("”")[0]
            rules = {r["title"]: r for r in played["outcome"]["invariants"]}
            assert rules[title]["step"] == shown.step


def test_a_search_that_finds_a_way_shows_it() -> None:
    late = engine.run(GALLERY[FLAGSHIP], "nopfn-v2", "A until end; B until end")
    last = next(q for q in questions(late) if q.kind == "any_schedule")
    right = next(choice for choice in last.choices if choice.right)
    assert right.text.startswith("yes") and right.scene and right.scene.link
    found = engine.run(engine.decode_link(right.scene.link), right.scene.kernel)
    assert not {r["id"]: r["holds"] for r in found.invariants}["tlb_agrees"]


def test_the_flagship_asks_what_the_thread_was_about() -> None:
    found = questions(engine.run(GALLERY[FLAGSHIP]))
    assert [q.kind for q in found][:3] == ["next_handler", "lock", "pte_after"]
    race = found[2]
    scenes = {choice.text: choice.scene for choice in race.choices}
    assert next(c.text for c in race.choices if c.right) == "frame `0x7000b`, writable and dirty"
    shown = scenes["frame `0x7000a`, writable"]
    assert shown and (shown.gallery, shown.kernel, shown.step) == (None, "nopfn-v3", 32)
    rights = {q.id: next(c.text for c in q.choices if c.right) for q in found}
    assert rights["access@37"] == "it reaches frame `0x7000a`"
    assert rights["rule@32"].startswith("Once a pte's lock is given back")
    last = found[-1]
    assert last.kind == "any_schedule" and "`v3`" in last.ask
    assert rights[last.id].startswith("no")


def test_a_private_write_is_expected_to_copy_and_is_shown_where_it_does() -> None:
    found = questions(engine.run(GALLERY["private-write-hits-device"]))
    fill = next(q for q in found if q.kind == "pte_after")
    copy = next(c for c in fill.choices if c.text.startswith("a copy"))
    assert not copy.right and copy.scene and copy.scene.gallery == "private-file-write-first"


def test_the_same_run_has_the_same_questions() -> None:
    for name in (FLAGSHIP, "fork-then-write", "torn-pte-pae"):
        again = [asdict(question) for question in asked(name, GALLERY[name].kernel)]
        assert questions_json(engine.run(GALLERY[name])) == {"questions": again}


def test_the_right_choice_is_not_always_in_the_same_place() -> None:
    places: Counter[int] = Counter()
    for name, scenario in GALLERY.items():
        for question in asked(name, scenario.kernel):
            if len(question.choices) == 4:
                places[[c.right for c in question.choices].index(True)] += 1
    assert min(places[place] for place in range(4)) > sum(places.values()) / 10


# --- authored ones


def authored(**more: Any) -> Scenario:
    """The flagship with questions of an author's."""
    wanted = [
        {"thread": "A", "op": "nopfn_ret", "ask": "Whose?", "choices": ["A's", "B's"], "answer": 0},
        {"thread": "A", "op": "nopfn_ret", "ask": "How many?", "choices": ["one", "two", "three"],
         "answer": 2, "because": "Count."},
        {"thread": "A", "op": "swap_free", "ask": "Never?", "choices": ["a", "b"], "answer": 1},
    ]  # fmt: skip
    return GALLERY[FLAGSHIP].model_copy(
        update={"questions": Scenario.model_validate(
            {**GALLERY[FLAGSHIP].content(), "questions": wanted}).questions, **more}
    )  # fmt: skip


def test_authored_questions_join_in_at_their_steps() -> None:
    found = questions(engine.run(authored()))
    joined = [q for q in found if q.kind == "authored"]
    assert [(q.id, q.ask, q.at, q.reveal) for q in joined] == [
        ("authored@21", "Whose?", 21, 22), ("authored@21.2", "How many?", 21, 22),
    ]  # fmt: skip
    assert [c.text for c in joined[1].choices if c.right] == ["three"]
    assert {c.because for c in joined[1].choices} == {"Count."}
    assert all(q.reveal != 22 for q in found if q.kind != "authored")
    assert len(found) > len(joined)


def test_an_authors_answers_are_not_asked_of_another_run() -> None:
    other = engine.run(authored(), "nopfn-v3")
    found = questions(other)
    assert found and all(q.kind != "authored" for q in found)
    again = questions(engine.run(other.scenario, "nopfn-v2"))
    assert [q.id for q in again if q.kind == "authored"] == ["authored@21", "authored@21.2"]


# --- any run


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios(), KERNEL_IDS, PREFERENCES)
def test_any_run_has_honest_questions(
    scenario: Scenario, kernel: str, preferences: list[tuple[int, int]]
) -> None:
    steps = run(simulate(scenario, kernel), preferences)
    schedule = [switch.model_dump() for switch in switch_points(steps)]
    trace = engine.run(scenario, kernel, schedule)
    found = questions(trace)
    well_chosen(found)
    for question in found:
        honest(question, trace_json(trace))


def test_a_scenario_in_which_nothing_happens_asks_nothing() -> None:
    assert questions(engine.run(anonymous([]))) == []


# --- bounds


def crowd(threads: int, operations: int) -> Scenario:
    """Many threads that write and read many pages."""
    acts = [write(n % 2) if n % 3 else read(n % 2) for n in range(operations)]
    return anonymous(*[acts] * threads)


@pytest.mark.parametrize("scenario", [crowd(8, 64), crowd(3, 8)], ids=["largest", "small"])
def test_a_crowd_has_no_more_questions_than_others(scenario: Scenario) -> None:
    questions(engine.run(GALLERY[FLAGSHIP]))  # the gallery is looked through once in a process
    trace = engine.run(scenario)
    assert len(questions(trace)) <= MOST


# --- sentences that a kernel engineer found false


def reasons(scenario: Scenario, kernel: str) -> list[str]:
    """Every reason given in a run, for right and wrong choices."""
    return [c.because for q in questions(engine.run(scenario, kernel)) for c in q.choices]


def test_mmap_sem_is_shared_among_readers_and_not_with_a_writer() -> None:
    found = reasons(GALLERY["munmap-waits"], "nopfn-v3")
    assert any("wants it for writing" in because for because in found)
    assert not any("there is no sharing it" in because for because in found)


@pytest.mark.parametrize("id", ["driver-says-major", "killed-but-mapped", "unknown-fault-code"])
def test_no_driver_answers_in_a_type_that_it_has_not(id: str) -> None:
    asked = [q.ask for q in questions(engine.run(GALLERY[id], "nopfn-v4"))]
    assert any("up to v3 it would have left" in ask for ask in asked)


def test_a_reader_past_a_waiting_writer_is_not_asked_about() -> None:
    programs = [read()], [{"munmap": "v"}], [read(1)]
    scenario = device(*programs, schedule=[
        {"run": "A", "until": "nopfn_call#1"}, {"run": "B"}, {"run": "C"},
    ])  # fmt: skip
    found = [q for q in questions(engine.run(scenario, "nopfn-v3")) if q.kind == "lock"]
    assert found and all("@C" not in q.ask for q in found)


def test_mprotect_to_read_only_leaves_no_write_to_be_caught() -> None:
    found = reasons(GALLERY["mprotect-and-back"], "2.6.17")
    assert any("may not be written any more" in because for because in found)


def _counted(*acts: dict[str, Any], **vma: Any) -> Scenario:
    flags = {"flags": SHARED, "file": "f", **vma}
    return scene(flags, list(acts), files={"f": {"pages": {0: "0x11"}, "counts_dirty": True}})


def test_a_dirty_page_gets_its_right_to_write_back() -> None:
    """mm/mprotect.c change_pte_range, 2.6.19: dirty_accountable && pte_dirty."""
    rights = [{"mprotect": "v", "rights": "r"}, {"mprotect": "v", "rights": "rw"}]
    found = reasons(_counted(write(), *rights), "2.6.19")
    assert any("the page is dirty already, so 2.6.19 gives the right back" in f for f in found)
    assert any("the page was dirty at #" in because for because in found)


def test_a_vma_without_the_right_to_write_has_no_first_write_to_notice() -> None:
    flags = [f for f in SHARED if f != "VM_WRITE"]
    for kernel in ("2.6.17", "2.6.19"):
        found = reasons(_counted(read(), flags=flags), kernel)
        assert any("The vma does not allow writes." in because for because in found)
        assert not any("first write is to be noticed" in because for because in found)


def test_what_x86_64_keeps_of_a_wide_frame_is_not_called_lost() -> None:
    found = reasons(GALLERY["errno-in-64-bits"], "nopfn-v4")
    assert any("`pte_pfn` masks off" in because for because in found)
    assert not any("lost at" in because for because in found)
