"""The message catalogue: what the page says is in it, and it holds nothing that nobody says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
from browser import watched
from languages import starts
from playwright.sync_api import Browser, Route, expect

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "static" / "src").rglob("*.ts*"))
CATALOGUE: dict[str, dict[str, str]] = json.loads((ROOT / "messages" / "en.json").read_text())
WORDS = CATALOGUE["page"]
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
    assert list(CATALOGUE) == sorted(CATALOGUE)
    for section in CATALOGUE.values():
        assert list(section) == sorted(section)


def test_every_message_of_a_page_is_said_by_its_template() -> None:
    files = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "app").rglob("*.py")]
    files += [ROOT / "engine" / "listing.py", ROOT / "engine" / "expectations.py"]  # say[level]
    text = "\n".join(file.read_text() for file in files)
    for name in (
        "gallery",
        "glossary",
        "lessons",
        "link",
        "pictures",
        "sheets",
        "site",
        "thread",
        "truth",
    ):
        for key in CATALOGUE[name]:
            said = re.search(rf'\.{key}\b|"(?:{name}\.)?{key}"', text)
            built = re.search(rf'"(?:{name}\.)?(?:{"|".join(starts(key))})["{{]', text)
            assert said or ("_" in key and built), f"{name}.{key}"


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


def in_german(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('lang="en"', 'lang="de"', 1))


def test_the_stage_asks_in_its_language_and_marks_what_is_english(
    browser: Browser, server: str
) -> None:
    page = browser.new_page()
    asked: list[str] = []

    def told(route: Route) -> None:
        asked.append(route.request.headers["accept-language"])
        made = route.fetch().json()
        english = {"text": made["scenario"]["story"], "lang": "en"}
        made["told"] = {"title": {"text": "Zwei Fäden", "lang": ""}, "story": english, "notes": []}
        route.fulfill(json=made)

    page.route(f"{server}/", in_german)
    page.route("**/api/run", told)
    page.goto(f"{server}/#s=lost-dirty-bit")  # the run in the document is not asked for
    expect(page.get_by_role("heading", level=1)).to_have_attribute("lang", "en", timeout=15_000)
    expect(page.locator(".picker b")).to_have_text("Zwei Fäden")
    assert page.locator(".picker b").get_attribute("lang") is None
    assert page.title() == "Zwei Fäden · Faultwalk" and asked == ["de"]
    page.close()


def test_a_problem_is_shown_as_english(browser: Browser, server: str) -> None:
    page = browser.new_page()

    page.route(f"{server}/", in_german)
    page.goto(f"{server}/#s=nowhere")
    expect(page.get_by_role("alert")).to_have_attribute("lang", "en", timeout=15_000)
    page.close()
