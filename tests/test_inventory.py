"""The fault inventory: twelve items, right by the engine, before and after, keyed, printed."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from browser import LAPTOP, PHONE, assert_clean
from playwright.sync_api import Browser, Page, expect

from app.inventory import FILE, FORMS, Item, exercises, items
from app.lessons.judge import Bench, Judge
from app.lessons.told import lessons

ITEMS = items()
BENCH = Bench()
EVERY = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)


def test_twelve_items_cover_the_lessons() -> None:
    assert len({item.id for item in ITEMS}) == 12
    assert {item.lesson for item in ITEMS} == set(lessons())


@EVERY
def test_the_engine_finds_one_right_answer(item: Item) -> None:
    assert item.answer is None, "a run can decide it"
    assert [str(t) for t in Judge(lessons()["recheck"]).question(item.id, item)] == []
    assert len(BENCH.right(item)) == 1 and len(item.choices) >= 3
    assert all(len(choice.because) > 20 for choice in item.choices)


@EVERY
def test_no_item_is_asked_in_a_lesson(item: Item) -> None:
    asked = {q.ask for lesson in lessons().values() for part in lesson.parts().values()
             for q in part.questions}  # fmt: skip
    assert item.ask not in asked


def test_an_item_that_is_false_is_found() -> None:
    data = yaml.safe_load(FILE.read_text())
    data[0]["choices"][1]["shows"] = {"faults": {"A": 9}}
    item = Item.model_validate(data[0])
    found = list(Judge(lessons()["recheck"]).question("item", item))
    assert "no choice is right by this run" in found[0].what


def test_the_two_forms_ask_the_same_in_another_order() -> None:
    before, after = map(exercises, FORMS)
    assert [one.ask for one in before] == [one.ask for one in after]
    assert [sorted(a.text for a in one.answers) for one in before] == [
        sorted(a.text for a in one.answers) for one in after
    ]
    moved = sum(b.answers != a.answers for b, a in zip(before, after, strict=True))
    assert moved >= 6
    for form in FORMS:
        places = [one.right for one in exercises(form)]
        assert max(places.count(place) for place in set(places)) <= 7  # none to guess by


def test_the_page_gives_nothing_away_and_the_key_all(client: httpx.Client) -> None:
    page = client.get("/inventory").text
    key = client.get("/inventory?form=before&key=1").text
    assert page.count("<fieldset>") - 1 == 12  # and the menu's
    for item in ITEMS:
        for choice in item.choices:
            assert _plain(choice.because) not in _plain(page)
            assert _plain(choice.because) in _plain(key)
        assert f'href="/lessons/{item.lesson}"' in key
    assert key.count('class="right"') == 12
    assert client.get("/inventory?form=during").status_code == 422


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>|&\w+;|&#\d+;|[`'\"<>\s]", "", text)


def test_before_counts_and_after_tells(client: httpx.Client) -> None:
    for form in FORMS:
        answers = {f"q{n}": str(one.right) for n, one in enumerate(exercises(form), 1)}
        answers["q3"] = str((int(answers["q3"]) + 1) % 4)
        del answers["q7"]
        made = client.post(f"/inventory?form={form}", data=answers)
        assert "10 of 12 right." in made.text
        assert made.headers["cache-control"] == "no-store"
        graded = made.text.count('class="graded')
        assert graded == (0 if form == "before" else 12)
    assert 'class="score"' not in client.get("/inventory?form=before").text


# --- in a browser


def test_a_student_measures_and_keeps_it(page: Page, server: str) -> None:
    page.goto(f"{server}/lessons")
    page.get_by_role("link", name="The fault inventory").click()
    first = exercises("before")[0]
    exercise = page.locator(".exercise").first
    exercise.get_by_role("radio").nth(first.right).check()
    page.get_by_role("button", name="Count my answers").click()
    expect(page.locator(".score")).to_contain_text("1 of 12 right.")
    with page.expect_download() as got:
        page.get_by_role("button", name="Save as CSV").click()
    assert got.value.suggested_filename == "faultwalk-inventory-before.csv"
    rows = list(csv.DictReader(io.StringIO(Path(got.value.path()).read_text())))
    assert len(rows) == 12 and rows[0]["kind"] == ITEMS[0].id
    assert [row["result"] for row in rows] == ["right", *["none"] * 11]


def test_it_works_without_script(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/inventory?form=after")
    one = exercises("after")[0]
    page.locator(".exercise").first.get_by_role("radio").nth((one.right + 1) % 4).check()
    page.get_by_role("button", name="Check my answers").click()
    expect(page.locator(".graded.wrong")).to_have_count(1)
    page.get_by_role("link", name="Show the key").click()
    expect(page.locator(".answers > .right")).to_have_count(12)
    context.close()


def test_it_prints(browser: Browser, server: str, tmp_path: Path) -> None:
    page = browser.new_page()
    for key in ("", "&key=1"):
        page.goto(f"{server}/inventory?form=after{key}")
        page.emulate_media(media="print")
        expect(page.locator(".onward")).to_be_hidden()
        made = page.pdf(path=tmp_path / "inventory.pdf", format="A4")
        assert made.startswith(b"%PDF") and 2 <= made.count(b"/Type /Page\n") <= 6
        page.emulate_media(media="screen")
    page.close()


@pytest.mark.parametrize("address", ["/inventory", "/inventory?form=after&key=1"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(
    browser: Browser, server: str, address: str, size: Any, theme: Any
) -> None:
    assert_clean(browser, server + address, size, theme)
