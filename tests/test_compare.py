"""Two runs side by side: the common scrubber, the first difference, how they end."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from scenes import GALLERY, anonymous, fickle, read, write
from test_properties import KERNEL_IDS, quick, scenarios

import engine.align
from engine import Trace, run, side_by_side
from engine.align import align
from engine.history import handlers
from engine.scenario import Scenario

FLAGSHIP = GALLERY["two-threads-one-page"]


def history(trace: Trace, steps: int) -> list[str]:
    return [event for told in trace.steps[:steps] for event in told.events]


def same_piece(one: Trace, i: int, other: Trace, j: int) -> bool:
    mine, theirs = one.steps[i - 1].moment, other.steps[j - 1].moment
    return (mine.thread, mine.op, handlers(mine)[-1:]) == (
        theirs.thread, theirs.op, handlers(theirs)[-1:],
    )  # fmt: skip


@given(scenarios(), KERNEL_IDS, KERNEL_IDS)
@quick
def test_the_rows_lead_both_runs_from_start_to_end(
    scenario: Scenario, kernel: str, rival: str
) -> None:
    one, other = run(scenario, kernel), run(scenario, rival)
    rows = align(one, other)
    assert rows[0] == (0, 0)
    assert rows[-1] == (len(one.steps), len(other.steps))
    for (i, j), (k, m) in pairwise(rows):
        assert (k - i, m - j) in {(0, 1), (1, 0), (1, 1)}
        if (k - i, m - j) == (1, 1):
            assert one.steps[k - 1].moment.thread == other.steps[m - 1].moment.thread


@given(scenarios(), KERNEL_IDS)
@quick
def test_a_run_beside_itself_never_differs(scenario: Scenario, kernel: str) -> None:
    one, other = run(scenario, kernel), run(scenario, kernel)
    found = side_by_side(one, other)
    assert found["rows"] == [(k, k) for k in range(len(one.steps) + 1)]
    assert found["first"] is None
    assert found["outcome"]["same"] and "alike" in found["outcome"]["text"]


@given(scenarios(), KERNEL_IDS, KERNEL_IDS)
@quick
def test_the_first_difference_is_where_the_histories_part(
    scenario: Scenario, kernel: str, rival: str
) -> None:
    one, other = run(scenario, kernel), run(scenario, rival)
    found = side_by_side(one, other)
    first = found["first"]
    if first is None:
        assert history(one, len(one.steps)) == history(other, len(other.steps))
        return
    before, at = found["rows"][first["row"] - 1], found["rows"][first["row"]]
    mine, theirs = history(one, before[0]), history(other, before[1])
    shorter = min(len(mine), len(theirs))
    assert mine[:shorter] == theirs[:shorter], "they differ before that"
    whole = history(one, len(one.steps)), history(other, len(other.steps))
    for side, taken, events in zip(("left", "right"), at, whole, strict=True):
        if first[side] is None:
            assert taken == len((one, other)[side == "right"].steps)
        else:
            assert first[side]["event"] in events
            assert f"(step {first[side]['step']})" in first["text"]


def test_v2_and_v3_part_where_the_recheck_gives_way() -> None:
    found = side_by_side(run(FLAGSHIP, "nopfn-v2"), run(FLAGSHIP, "nopfn-v3"))
    first = found["first"]
    assert found["rows"][first["row"]] == (31, 32)
    assert (first["left"]["step"], first["right"]["step"]) == (31, 32)
    assert first["text"].startswith("Under v2 @B overwrites the filled pte")
    assert "while under v3 @B looks again" in first["text"]
    assert (22, 23) in found["rows"]  # A's own recheck, which v2 has not: that side stands still


def test_how_v2_and_v3_end_is_said_thread_by_thread() -> None:
    ends = side_by_side(run(FLAGSHIP, "nopfn-v2"), run(FLAGSHIP, "nopfn-v3"))["outcome"]
    assert not ends["same"]
    assert "@B's write is of frame `0x7000b` under v2, `0x7000a` under v3." in ends["differences"]
    assert any(words.startswith("@A's second read") for words in ends["differences"])
    broken = {rule["id"]: (rule["left"], rule["right"]) for rule in ends["invariants"]}
    assert broken == {"overwrite": (False, True), "tlb_agrees": (False, True)}


def test_a_dead_thread_is_told_and_what_follows_from_it_is_not() -> None:
    scenario = GALLERY["private-write-hits-device"]
    ends = side_by_side(run(scenario, "nopfn-v3"), run(scenario, "nopfn-v5"))["outcome"]
    about_a = [words for words in ends["differences"] if words.startswith("@A")]
    assert len(about_a) == 1 and "oopses" in about_a[0] and "comes to its end" in about_a[0]


def test_two_scenarios_are_compared_by_side() -> None:
    one, other = run(anonymous([read()]), "2.6.17"), run(anonymous([read(), write()]), "2.6.17")
    found = side_by_side(one, other)
    assert found["first"]["left"] is None
    assert found["first"]["text"].startswith("On the left the run has ended, while on the right @A")
    assert found["outcome"]["differences"][0].startswith("@A's faults return")


def test_what_only_one_side_has_is_named_as_such() -> None:
    one, other = run(anonymous([read()]), "2.6.17"), run(anonymous([read()], [read()]), "2.6.17")
    differences = side_by_side(one, other)["outcome"]["differences"]
    assert "@B is there only on the right." in differences


def test_threads_that_do_the_same_stand_opposite_each_other() -> None:
    scenario = fickle([read()], [write()])
    one, other = run(scenario, "nopfn-v2"), run(scenario, "nopfn-v3")
    rows = align(one, other)
    alone = [now for before, now in pairwise(rows) if 0 in (now[0] - before[0], now[1] - before[1])]
    assert len(alone) <= 2
    together = [now for before, now in pairwise(rows) if now[0] > before[0] and now[1] > before[1]]
    assert sum(same_piece(one, i, other, j) for i, j in together) >= len(together) - 1


LONG = 20_000


def shuffled(keys: list[str]) -> list[str]:
    return random.Random(6).sample(keys, len(keys))


@pytest.mark.parametrize(
    "other",
    [
        lambda keys: [*keys[:7], "extra", *keys[7:]],
        lambda keys: [k for n, key in enumerate(keys) for k in ([key, "re"] if n % 25 else [key])],
        lambda keys: ["else"] * len(keys),
        shuffled,
    ],
)
def test_long_runs_are_aligned_in_about_a_second(other: object) -> None:
    assert callable(other)
    keys = [f"op{n % 25}" for n in range(LONG)]
    began = time.process_time()
    met = list(engine.align._meetings(keys, other(keys)[:LONG]))
    assert time.process_time() - began < 2
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(met))
