"""The message catalogue: what the page says is in it, and it holds nothing that nobody says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
from browser import watched
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "static" / "src").rglob("*.ts*"))
WORDS: dict[str, str] = json.loads((ROOT / "messages" / "en.json").read_text())["page"]
EXACT = re.compile(r'\b(?:t|say|parts)\(\s*"(\w+)"')
BUILT = re.compile(r'\b(?:t|say|parts)\(\s*`(\w*?)\$\{|\bnamed\(\s*"(\w+)"')
QUOTED = re.compile(r'"(\w+)"')


def test_every_key_is_said_somewhere() -> None:
    text = "\n".join(file.read_text() for file in SOURCES)
    starts = {a or f"{b}_" for a, b in BUILT.findall(text)} - {""}
    quoted = set(QUOTED.findall(text))
    unused = [k for k in WORDS if k not in quoted and not k.startswith(tuple(starts))]
    assert unused == []


def test_every_word_that_is_said_is_there() -> None:
    for file in SOURCES:
        for key in EXACT.findall(file.read_text()):
            assert key in WORDS, f"{file.name}: {key}"


def test_the_catalogue_is_in_order() -> None:
    assert list(WORDS) == sorted(WORDS)


def test_no_pane_speaks_by_itself() -> None:
    """Text between tags, or in a label, is in the catalogue."""
    spoken = re.compile(
        r'>\s*[A-Z]?[a-z]+ [a-z]+[^<>{}=;]*<|(?:aria-label|title|placeholder)="[^"]+ '
    )
    for file in SOURCES:
        if file.suffix == ".tsx":
            assert not spoken.search(file.read_text()), (
                f"{file.name}: {spoken.search(file.read_text())}"
            )


def test_the_page_takes_its_words_from_the_document(browser: Browser, server: str) -> None:
    page = browser.new_page()
    said = watched(page)

    def other(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        body = answer.text().replace('"share":"Share"', '"share":"Teilen"')
        route.fulfill(response=answer, body=body)  # type: ignore[attr-defined]

    page.route(f"{server}/", other)
    page.goto(f"{server}/")
    expect(page.get_by_role("button", name="Teilen")).to_be_visible()
    assert said == []
    page.close()


def test_the_language_is_the_readers_if_there_is_one(client: httpx.Client) -> None:
    answer = client.get("/", headers={"accept-language": "xx, en;q=0.5"})
    assert answer.headers["content-language"] == "en"
    assert '<html lang="en">' in answer.text
