"""What Jupyter shows of runs and searches, opened in a browser as a notebook does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from browser import watched
from faultwalk import BadScenario, Found, Run, explore, gallery, run, scenario
from playwright.sync_api import Browser, expect

from engine import one_file
from engine.cli import main
from engine.gallery import FOLDER

FLAGSHIP = "two-threads-one-page"


def test_a_run_plays_in_its_cell_without_a_network(browser: Browser, tmp_path: Path) -> None:
    cell = run(FLAGSHIP)._repr_html_()
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><meta charset=utf-8><body>{cell}{cell}", encoding="utf-8")
    context = browser.new_context()
    context.set_offline(True)
    page = context.new_page()
    said = watched(page)
    page.goto(notebook.as_uri())
    first, second = (page.frame_locator("iframe").nth(n) for n in (0, 1))
    first.get_by_role("button", name="Step", exact=True).click()
    first.locator("body").press("v")
    expect(first.locator(".chip.bad")).to_be_visible()
    slider = second.get_by_role("slider", name="Step")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    assert page.frame_locator("iframe").first.owner.get_attribute("sandbox") is not None
    assert said == []
    context.close()


def test_a_notebook_that_is_not_trusted_has_the_end_in_words() -> None:
    cell = run(FLAGSHIP)._repr_html_()
    words = re.sub(r"<iframe.*</iframe>", "", cell, flags=re.DOTALL)
    assert "Two threads, one page" in words and "nopfn-v2" in words and "B wrote frame" in words


def test_without_the_page_a_run_is_a_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(one_file, "FILE", tmp_path / "nothing")
    cell = run(FLAGSHIP)._repr_html_()
    assert "<iframe" not in cell and cell.count("<li>") == 37


def test_in_a_terminal_a_run_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(FLAGSHIP)
    assert repr(shown).startswith("<Run 'Two threads, one page' under nopfn-v2: 37 steps, breaks")
    assert main(["run", FLAGSHIP]) == 0
    assert capsys.readouterr().out == f"{shown}\n"


def test_a_search_is_a_table_with_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTWALK_PUBLIC_URL", "https://faultwalk.example/")
    found = explore(FLAGSHIP, "nopfn-v2")
    cell = found._repr_html_()
    links = re.findall(r'href="(https://faultwalk\.example/#z1\.[^"]+)"', cell)
    assert len(links) == len(found["violations"]) + found["outcomes_in_all"]
    assert run(links[0].replace("&amp;", "&")).check == found.run(found["violations"][0]).check
    assert "overwrite" not in repr(found) or "invariants break" in repr(found)
    assert "all 8,235,839,458 schedules" in cell


def test_a_search_is_still_the_plain_answer() -> None:
    found = explore(FLAGSHIP, "nopfn-v3", exists='broken("overwrite")')
    assert isinstance(found, dict) and found["exists"]["holds"] is False
    assert json.loads(json.dumps(found)) == found
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
    assert isinstance(found, Found) and found.kernel == "nopfn-v3"


def test_a_scenario_is_named_in_any_way() -> None:
    known = dict(gallery())[FLAGSHIP]
    file = FOLDER / f"{FLAGSHIP}.yaml"
    for named in (FLAGSHIP, str(file), file, known, known.content()):
        assert scenario(named) == known
    shown = run(known)
    assert isinstance(shown, Run)
    for link in (shown.link, shown.address(), shown.address(7, "https://faultwalk.example")):
        assert run(link).check == shown.check
    with pytest.raises(BadScenario):
        scenario("nothing-of-that-name")
