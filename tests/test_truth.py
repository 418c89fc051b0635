"""The page of truth says what was measured, and what was measured adds up."""

from __future__ import annotations

import html
import json
from collections import Counter
from pathlib import Path

import httpx
import pytest
from browser import LAPTOP, PHONE, PROJECTOR, axe, watched
from oracle_rows import some_rows
from playwright.sync_api import Browser, ViewportSize

from app.settings import ROOT
from app.truth import FILE, caught, differences, measured
from benchmarks.conformance import caught as caught_now
from benchmarks.conformance import compared
from engine.conform.stamp import sources, stamp

TOLD = json.loads(FILE.read_bytes())


def test_the_numbers_add_up() -> None:
    for file in TOLD["files"]:
        for split in ("by_kernel", "by_vma", "by_arch"):
            total: Counter[str] = Counter()
            for tally in file[split].values():
                parts = Counter({k: tally[k] for k in ("rows", "agree", "disagree", "unexpected")})
                left_out = sum(tally["out_of_scope"].values())
                assert tally["rows"] == tally["agree"] + tally["disagree"] + left_out
                total.update(parts)
            assert all(total[key] == file[key] for key in total)


def test_the_command_that_wrote_them_still_finds_agreement(tmp_path: Path) -> None:
    now = compared(some_rows(tmp_path))
    assert now["rows"] > 0 and (now["disagree"], now["unexpected"]) == (0, 0)
    assert set(now) == set(TOLD["files"][0])


def test_the_stamp_covers_the_kernels_and_not_the_words() -> None:
    names = {file.as_posix().partition("/engine/")[2] for file in sources()}
    assert {"kernels/nopfn_v3.py", "verbs/tables.py", "model/pte.py", "conform/check.py"} <= names
    assert not any(name.startswith(("narrate/", "whatif/")) for name in names)
    assert stamp() == stamp()


def test_the_page_says_whether_the_engine_has_changed_since(client: httpx.Client) -> None:
    page = client.get("/truth").text
    assert f"{TOLD['files'][0]['agree']:,}" in page
    wanted = "on this very engine" if measured()["current"] else "on an earlier state"
    assert wanted in page
    assert measured()["current"] == (TOLD["engine"] == stamp())


def test_what_catches_the_broken_kernels_is_what_still_does() -> None:
    """Measured like the rows; run again here, since it takes no time."""
    assert TOLD["broken"] == caught_now()
    assert all(broken["caught_by"] for broken in TOLD["broken"])
    assert [rule for rule, by in caught().items() if not by] == ["one_pfn"]


def test_every_entry_of_the_known_differences_is_counted(client: httpx.Client) -> None:
    text = "# T\n## One\n| a | b |\n|---|---|\n| c | d |\n## Two\n- e\n- f\n  g\n"
    assert differences(text) == [("One", 1), ("Two", 2)]
    page = html.unescape(client.get("/truth").text)
    for title, count in differences((ROOT / "docs" / "known-differences.md").read_text()):
        assert f"<li>{title}: {count}</li>" in page


@pytest.mark.parametrize("address", ["/truth", "/known-differences", "/operators"])
@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"])
def test_axe_finds_nothing(browser: Browser, server: str, address: str, size: ViewportSize) -> None:
    page = browser.new_page(viewport=size)
    said = watched(page)
    page.goto(server + address)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    page.close()
