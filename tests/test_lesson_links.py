"""Lessons that travel in a link: handed out, opened for ever, and what is no such link."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from browser import PHONE, axe, watched
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parent.parent
RECHECK = (ROOT / "stories/lessons/5-recheck.yaml").read_text()
HANDED_OUT = (ROOT / "tests/links/lesson-y1.txt").read_text().strip()
"""Made on 2026-11-27. It is not to be made again: a class may have it."""


def test_a_lesson_once_handed_out_opens_for_ever(page: Page, server: str) -> None:
    page.goto(f"{server}/lessons/own#{HANDED_OUT}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Why look twice?")
    expect(page.get_by_text("Losing a race is no error")).to_have_count(1)
    expect(page.get_by_role("button", name="Run it here").first).to_be_visible()


def test_what_a_teacher_changed_is_handed_out_as_a_link(
    page: Page, browser: Browser, server: str
) -> None:
    page.goto(f"{server}/lessons/edit?from=recheck")
    text = page.get_by_role("textbox", name="The lesson")
    text.fill(RECHECK.replace("title: Look again under the lock", "title: Why look twice?"))
    page.get_by_role("button", name="Check and show").click()
    expect(page.get_by_role("heading", name="All of it holds")).to_be_in_viewport()
    link = page.get_by_role("textbox", name="A link for your class").input_value()
    assert link.startswith(f"{server}/lessons/own#y1.") and len(link) < 4000

    context = browser.new_context(viewport=PHONE, has_touch=True)
    theirs = context.new_page()
    said = watched(theirs)
    theirs.goto(link)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Why look twice?")
    expect(theirs).to_have_title("Why look twice? · Faultwalk")
    theirs.get_by_text("It drops it, and its thread gets an error.").tap()
    expect(theirs.get_by_text("Losing a race is no error")).to_be_visible()
    theirs.get_by_role("button", name="Run it here").first.tap()
    theirs.locator(".inline-player[data-ready]").wait_for()
    assert axe(theirs) == [] and said == [] and theirs.url == link
    theirs.get_by_role("button", name="Copy and change this lesson").tap()
    copied = theirs.get_by_role("textbox", name="The lesson")
    expect(copied).to_have_value(re.compile("title: Why look twice"))
    context.close()


@pytest.mark.parametrize("ending", ["", "#y1.", "#y1.@@@", "#z1.abcd", "#y1." + "A" * 60_000])
def test_a_link_without_a_lesson_says_so(page: Page, server: str, ending: str) -> None:
    page.goto(f"{server}/lessons/own{ending}")
    expect(page.get_by_role("alert")).to_contain_text("did not come out of this link")


def test_a_lesson_in_a_link_that_does_not_hold_says_where(client: httpx.Client) -> None:
    false = RECHECK.replace("at: B nopfn_ret#1}", "at: B nopfn_ret#7}", 1)
    page = client.post("/lessons/own", data={"text": false}).text
    assert "predict.questions[0].run" in page and "does not hold" in page
