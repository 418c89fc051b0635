"""The glossary: every term has an answer, what it refers to exists, and the stage can show it."""

from __future__ import annotations

import httpx
import pytest
from browser import LAPTOP, PHONE, PROJECTOR, axe, to_step, visit, watched
from playwright.sync_api import Browser, Page, ViewportSize, expect

from app.glossary import terms
from engine import gallery

TERMS = terms()
IDS = {term["id"] for term in TERMS}


def test_every_term_is_told_once_and_short() -> None:
    assert len(IDS) == len(TERMS) >= 40
    spellings = [word for term in TERMS for word in [term["term"], *term["also"]]]
    assert len(set(spellings)) == len(spellings)
    for term in TERMS:
        assert 12 <= len(term["short"]) <= 160 and term["text"].endswith("."), term["id"]
        assert term["source"]


def test_what_a_term_refers_to_exists() -> None:
    scenes = dict(gallery())
    for term in TERMS:
        assert set(term["see"]) <= IDS
        assert term["scene"] is None or term["scene"] in scenes


def test_the_short_answers_go_by_every_spelling(client: httpx.Client) -> None:
    told = client.get("/api/glossary").json()
    assert told["ptl"]["id"] == "ptl"
    assert told["pmd"]["id"] == "page_table"


def test_a_term_in_a_caption_answers_on_the_spot(page: Page, server: str) -> None:
    visit(page, server)
    to_step(page, 14)
    term = page.get_by_role("heading", level=1).get_by_role("button", name="ptl")
    term.click()
    dialog = page.get_by_role("dialog", name="ptl")
    expect(dialog).to_contain_text("spinlock")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(term).to_be_focused()


def test_the_page_finds_a_term_and_leads_to_its_scene(page: Page, server: str) -> None:
    page.goto(f"{server}/glossary")
    page.get_by_role("searchbox", name="Find a term").fill("mapcount")
    expect(page.get_by_role("article", name="mapcount")).to_be_visible()
    expect(page.get_by_role("article", name="SIGSEGV")).to_be_hidden()


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"])
def test_axe_finds_nothing(browser: Browser, server: str, size: ViewportSize) -> None:
    page = browser.new_page(viewport=size)
    said = watched(page)
    page.goto(f"{server}/glossary#pte")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    page.close()
