"""Pictures of runs: valid SVG that shows what the trace says, and the same each time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from scenes import GALLERY

from engine import run
from engine.model.pte import pte_none
from engine.picture import PATTERNS, picture, standalone
from engine.picture.drawing import HEIGHT, LEFT, RIGHT, WIDTH
from engine.picture.reading import (
    OCTAGONS,
    acts,
    bad_steps,
    holds,
    marks,
    turns,
    values,
    waits,
    words,
)
from engine.trace import Trace

SVG = "{http://www.w3.org/2000/svg}"
TRACES = {id: run(scenario) for id, scenario in GALLERY.items()}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def of_class(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [e for e in svg.iter() if name in (e.get("class") or "").split()]


def steps_in(spans: Sequence[tuple[int, int]]) -> set[int]:
    return {n for start, end in spans for n in range(start + 1, end + 1)}


@pytest.mark.parametrize("id", TRACES)
def test_a_picture_is_svg_without_style_or_script(id: str) -> None:
    drawn = picture(TRACES[id])
    svg = ElementTree.fromstring(drawn)
    assert svg.tag == f"{SVG}svg" and svg.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    assert {e.tag for e in svg.iter()} <= {
        SVG + tag for tag in ("svg", "g", "path", "rect", "text")
    }
    assert not [e for e in svg.iter() if {"style", "onload", "href"} & set(e.keys())]
    assert (svg.get("aria-label") or "").startswith(f"{len(TRACES[id].steps)} steps: ")
    assert len(drawn) < 6_000


@pytest.mark.parametrize("id", TRACES)
def test_one_that_stands_alone_brings_its_colours_and_patterns(id: str) -> None:
    drawn = standalone(TRACES[id])
    svg = ElementTree.fromstring(drawn)
    assert "prefers-color-scheme:dark" in (svg.findtext(f"{SVG}style") or "")
    there = {e.get("id") for e in svg.iter(f"{SVG}pattern")}
    assert set(re.findall(r"url\(#([\w-]+)\)", drawn)) <= there
    style = svg.findtext(f"{SVG}style") or ""
    used = {name for e in svg.iter() for name in (e.get("class") or "").split()}
    assert all(f".{name}" in style for name in used - {"pic"})


@pytest.mark.parametrize("id", TRACES)
def test_it_is_the_same_each_time(id: str) -> None:
    again = run(GALLERY[id])
    assert picture(again) == picture(TRACES[id])


@pytest.mark.parametrize("id", TRACES)
def test_an_octagon_stands_for_each_step_that_breaks_a_rule(id: str) -> None:
    trace = TRACES[id]
    bad = [n for n, kept in sorted(trace.verdicts.items()) if any(v.level == "bad" for v in kept)]
    octagons = of_class(ElementTree.fromstring(picture(trace)), "pic-bad")
    assert len(octagons) == min(len(bad), OCTAGONS)
    wide = WIDTH - LEFT - RIGHT
    for step, octagon in zip(bad, octagons, strict=False):
        at = float(NUMBER.findall(octagon.get("transform") or "")[0]) + 6
        assert abs(at - (LEFT + wide * step / len(trace.steps))) < 0.2


def test_a_step_has_an_octagon_only_if_a_rule_breaks() -> None:
    for id, trace in TRACES.items():
        broken = [rule["id"] for rule in trace.invariants if not rule["holds"] and not rule["news"]]
        assert broken or not bad_steps(trace), id
        assert words(trace).endswith("no rule breaks") == (not broken), id
    logged = run(GALLERY["report-and-copy"], "nopfn-v3")
    assert words(logged).endswith("no rule breaks")
    assert "logs a bad pte" in [mark.word for mark in marks(logged, "A")]


def test_some_runs_break_rules_and_some_do_not() -> None:
    broken = [id for id, trace in TRACES.items() if bad_steps(trace)]
    assert 10 < len(broken) < len(TRACES) - 10


@pytest.mark.parametrize("id", TRACES)
def test_lanes_say_who_moved_and_who_waited(id: str) -> None:
    trace = TRACES[id]
    moments = [told.moment for told in trace.steps]
    for thread in trace.sim.threads:
        moved = {m.number for m in moments if m.thread == thread}
        assert steps_in(turns(trace, thread)) == moved
        assert steps_in(acts(trace, thread)) <= moved
        stood = steps_in(waits(trace, thread))
        assert stood.isdisjoint(moved)
        assert stood <= {m.number for m in moments if thread in m.waiting}


def test_locks_are_held_as_long_as_the_trace_says() -> None:
    trace = TRACES["dead-thread-holds-mmap-sem"]
    last = len(trace.steps)
    (sem,) = holds(trace, "A", True)
    taken = next(t.moment.number for t in trace.steps if t.moment.op == "down_read")
    assert sem == (taken - 1, last)
    assert not holds(trace, "A", False)
    assert waits(trace, "B")


def test_the_pte_lane_shows_what_was_stored_by_whom() -> None:
    trace = TRACES["two-threads-one-page"]
    found = values(trace, "pte/P/0x40003")
    pfns = [None if pte_none(v.pte) else trace.arch.pte_pfn(v.pte) for v in found]
    assert (pfns, [v.writer for v in found]) == ([None, 0x7000A, 0x7000B], [-1, 0, 1])
    assert [v.span.start for v in found[1:]] == [v.span.end for v in found[:-1]]
    assert found[-1].span.end == len(trace.steps)
    said = ElementTree.fromstring(picture(trace)).get("aria-label") or ""
    assert "pte: empty, 0x7000a by A, 0x7000b by B" in said


def test_a_fork_has_a_lane_for_the_child() -> None:
    drawn = ElementTree.fromstring(picture(TRACES["fork-then-write"]))
    assert [e.text for e in of_class(drawn, "pic-cell")] == ["pte", "child"]


def test_threads_differ_by_more_than_colour() -> None:
    drawn = picture(TRACES["rmap-before-the-switch"])
    assert "url(#pic-hatch)" in drawn
    assert {"pic-hatch", "pic-dots"} == set(re.findall(r'id="([\w-]+)"', PATTERNS))


@pytest.mark.parametrize("id", TRACES)
def test_nothing_is_drawn_outside(id: str) -> None:
    svg = ElementTree.fromstring(picture(TRACES[id]))
    for box in svg.iter(f"{SVG}rect"):
        x, y, width, height = (float(box.get(k) or 0) for k in ("x", "y", "width", "height"))
        assert x >= 0 and x + width <= WIDTH + 0.5
        assert y >= 0 and y + height <= HEIGHT
    for text in svg.iter(f"{SVG}text"):
        assert 0 <= float(text.get("y") or -1) <= HEIGHT


def test_a_run_that_was_never_in_the_gallery_can_be_drawn() -> None:
    """Eight threads: those that there is room for."""
    scenario = GALLERY["anonymous-two-threads"]
    one = scenario.processes[0]
    many = [one.threads[0].model_copy(update={"name": f"T{n}"}) for n in range(8)]
    process = one.model_copy(update={"threads": tuple(many)})
    changed = {"processes": (process,), "schedule": (), "notes": (), "expect": {}}
    trace: Trace = run(scenario.model_copy(update=changed))
    names = of_class(ElementTree.fromstring(picture(trace)), "pic-name")
    assert [e.text for e in names] == ["T0", "T1", "T2", "T3"]
