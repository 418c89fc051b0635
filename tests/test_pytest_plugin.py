"""Assertions for other people's tests: what they say when they fail, and what reports then have."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from faultwalk import run
from faultwalk.testing import Shown, assert_exists, assert_holds, assert_never

from engine import BadScenario

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parent.parent
FLAGSHIP = "two-threads-one-page"
FAILING = f"""
from faultwalk.testing import assert_holds

def test_race():
    assert_holds({FLAGSHIP!r}, kernel="nopfn-v2", rules=["overwrite"])

def test_fine(faultwalk):
    faultwalk.assert_holds({FLAGSHIP!r}, kernel="nopfn-v3", rules=["overwrite"])

def test_of_something_else():
    assert 1 == 2
"""


def test_a_broken_rule_is_told_with_its_run() -> None:
    with pytest.raises(Shown) as caught:
        assert_holds(FLAGSHIP, "nopfn-v2", rules=["overwrite", "lost_dirty"])
    told = str(caught.value)
    assert "'Two threads, one page' under nopfn-v2 breaks a rule:" in told
    assert re.search(r"\n  overwrite: .+\n    schedule: .+until", told)
    link = told.split("replay: ")[1]
    shown = run(link)
    at = int(link.rpartition("&t=")[2])
    assert "overwrite" in {verdict.id for verdict in shown.verdicts[at]}
    assert caught.value.run and caught.value.run.check == shown.check


def test_what_holds_is_answered() -> None:
    found = assert_holds(FLAGSHIP, "nopfn-v3", rules=["overwrite"])
    assert found["complete"]
    with pytest.raises(BadScenario, match="there is no 'overwritten'"):
        assert_holds(FLAGSHIP, rules=["overwritten"])


def test_a_promise_is_the_driver_s_to_keep() -> None:
    broken = {v["invariant"] for v in assert_holds(FLAGSHIP, "nopfn-v3")["violations"]}
    assert broken <= {"one_pfn"}
    if broken:
        with pytest.raises(Shown):
            assert_holds(FLAGSHIP, "nopfn-v3", rules=["one_pfn"])


def test_a_search_that_was_cut_proves_nothing() -> None:
    with pytest.raises(Shown, match="nothing is proved, for not all schedules"):
        assert_holds(FLAGSHIP, "nopfn-v3", rules=["overwrite"], max_states=20)
    assert_holds(FLAGSHIP, "nopfn-v3", rules=["overwrite"], max_states=20, complete=False)


def test_what_is_asked_for_is_there_or_not() -> None:
    question = 'broken("overwrite")'
    assert "overwrite" in repr(assert_exists(FLAGSHIP, question, "nopfn-v2"))
    assert_never(FLAGSHIP, question, "nopfn-v3")
    with pytest.raises(Shown, match=r"has no schedule with broken") as caught:
        assert_exists(FLAGSHIP, question, "nopfn-v3")
    assert caught.value.run and caught.value.run.kernel.id == "nopfn-v3"
    with pytest.raises(Shown, match=r"can end with broken") as caught:
        assert_never(FLAGSHIP, question, "nopfn-v2")
    assert caught.value.run and "overwrite" in repr(caught.value.run)


def test_a_report_has_the_link(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING)
    pytester.makeini("[pytest]\nfaultwalk_url = https://faultwalk.example/walk/\n")
    result = pytester.runpytest("-p", "pytest_faultwalk", "--junitxml=report.xml")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        ["*faultwalk: the run*", "https://faultwalk.example/walk/#z1.*&t=*"]
    )
    report = ET.parse(pytester.path / "report.xml")
    properties = {p.get("name"): p.get("value") or "" for p in report.iter("property")}
    assert set(properties) == {"faultwalk"}
    assert properties["faultwalk"].startswith("https://faultwalk.example/walk/#z1.")


def test_a_run_can_be_kept_as_a_file(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING)
    result = pytester.runpytest(
        "-p", "pytest_faultwalk", "--faultwalk-html=runs", "--faultwalk-url=https://a.example"
    )
    result.assert_outcomes(passed=1, failed=2)
    (kept,) = (pytester.path / "runs").iterdir()
    assert kept.name == "test-a-run-can-be-kept-as-a-file-py-test-race.html"
    assert kept.read_text(encoding="utf-8").startswith("<!doctype html>")
    result.stdout.fnmatch_lines([str(kept.resolve())])


def test_it_costs_nothing_where_it_is_not_used(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "library"))
    pytester.makepyfile("import sys\ndef test_it():\n    assert 'engine' not in sys.modules\n")
    result = pytester.runpytest_subprocess("-p", "pytest_faultwalk")
    result.assert_outcomes(passed=1)
