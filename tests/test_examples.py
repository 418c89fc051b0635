"""The examples of embedding as readers use them: a deck that moves a run, a plain page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import watched
from hosting import another_site
from playwright.sync_api import Browser, BrowserContext, Page, expect

ROOT = Path(__file__).resolve().parent.parent
REVEAL = ROOT / "node_modules" / "reveal.js" / "dist"


def example(name: str, server: str) -> str:
    return (ROOT / "examples" / name).read_text().replace("HOST", server)


@pytest.fixture
def deck(server: str) -> Iterator[str]:
    """Where the deck is."""
    pages: dict[str, str | bytes | Path] = {"/": example("reveal.html", server)}
    pages["/reveal/"] = REVEAL
    with another_site(pages) as site:
        yield site


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    page.locator(".reveal.ready").wait_for()
    return page


def is_at(page: Page, step: int) -> None:
    """Both what the deck knows and what the run shows."""
    page.wait_for_function("n => document.querySelector('fault-walk').step === n", arg=step)
    slider = page.frame_locator("fault-walk iframe").get_by_role("slider", name="Step")
    expect(slider).to_have_attribute("aria-valuenow", str(step))


def test_fragments_move_the_run_forwards_and_back(browser: Browser, deck: str) -> None:
    context = browser.new_context()
    page = opened(context, deck)
    said = watched(page)
    page.keyboard.press("ArrowRight")
    page.frame_locator("fault-walk iframe").locator("main[data-ready]").wait_for()
    is_at(page, 0)
    for step in (7, 14, 23, 31):
        page.keyboard.press("ArrowRight")
        is_at(page, step)
    for step in (23, 14, 7, 0):
        page.keyboard.press("ArrowLeft")
        is_at(page, step)
    assert said == []
    context.close()


def test_the_speaker_and_the_audience_see_the_same_step(browser: Browser, deck: str) -> None:
    """Two windows that share an address and nothing else; each may come late or go back."""
    context = browser.new_context()
    speaker = opened(context, deck)
    speaker.keyboard.press("ArrowRight")
    for _ in range(3):
        speaker.keyboard.press("ArrowRight")
    is_at(speaker, 23)
    speaker.wait_for_url("**#/1/0/2")
    audience = opened(browser.new_context(), speaker.url)
    is_at(audience, 23)
    speaker.keyboard.press("ArrowLeft")
    is_at(speaker, 14)
    speaker.wait_for_url("**#/1/0/1")  # the slides write their address a little later
    audience.goto(speaker.url)
    is_at(audience, 14)
    audience.context.close()
    context.close()


def test_a_slide_that_was_left_is_found_as_its_fragments_say(browser: Browser, deck: str) -> None:
    context = browser.new_context()
    page = opened(context, f"{deck}/#/1/0/1")
    is_at(page, 14)
    page.evaluate("deck.slide(2)")
    page.evaluate("deck.slide(1, 0, 3)")
    is_at(page, 31)
    context.close()


def test_a_plain_page_moves_its_run_and_hears_of_it(browser: Browser, server: str) -> None:
    with another_site({"/": example("page.html", server)}) as site:
        page = browser.new_page()
        said = watched(page)
        page.goto(site)
        expect(page.get_by_role("status")).to_have_text("Step 14 of 37.")
        page.get_by_role("button", name="Look at step 31").click()
        expect(page.get_by_role("status")).to_have_text("Step 31 of 37.")
        page.get_by_title("The same race under v3").scroll_into_view_if_needed()
        other = page.frame_locator("iframe[title='The same race under v3']")
        expect(other.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "27")
        assert said == []
        page.close()
