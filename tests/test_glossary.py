"""The glossary: every term has an answer, what it refers to exists, and the stage can show it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import LAPTOP, PHONE, PROJECTOR, at, axe, to_step, visit, watched
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pydantic import ValidationError
from scenes import GALLERY

from app.glossary import BIT, Group, groups, terms
from app.pictures import pte_boxes, split
from engine import run
from engine.messages import messages
from engine.model.arch import ARCHES, I386
from engine.model.pte import LOW_BITS, pte_dirty
from engine.model.vma import FLAGS
from engine.scenario import Scenario

TERMS = terms()
ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "templates" / "pictures"
SIZES = [LAPTOP, PROJECTOR, PHONE]
NAMES = ["laptop", "projector", "phone"]


def test_every_term_is_told_once_and_short() -> None:
    listed = [term for group in groups().values() for term in group.terms]
    assert len(TERMS) == len(listed) >= 60
    spellings = [word for term in listed for word in term.spellings]
    assert len(set(spellings)) == len(spellings)
    for term in listed:
        assert 12 <= len(term.short) <= 160 and "`" not in term.short, term.id
        assert term.text.endswith(".") and len(term.text) > 60, term.id


@pytest.mark.parametrize("bad", [{"short": "x" * 161}, {"id": "Not an id"}, {"sea": ["pte"]}])
def test_a_term_that_is_not_one_is_refused(bad: dict[str, Any]) -> None:
    term = TERMS["pte"].model_dump() | bad
    with pytest.raises(ValidationError):
        Group.model_validate({"title": "t", "terms": [term]})


def test_what_a_term_refers_to_exists() -> None:
    scenes = GALLERY
    for term in TERMS.values():
        assert set(term.see) <= set(TERMS) - {term.id}, term.id
        assert term.scenario is None or term.scenario in scenes, term.id
        assert term.picture is None or (PICTURES / f"{term.picture}.svg").exists(), term.id
        named = re.search(r"\b2\.6\.\d\d\b", term.source)
        here = ROOT / term.source.partition(",")[0]
        assert named or here.exists(), f"{term.id}: {term.source}"


def shows(scenario: Scenario, name: str) -> bool:
    """Whether the scenario has this flag, or runs this function."""
    if name.startswith("VM_"):
        flags = {flag for process in scenario.processes for v in process.vmas for flag in v.flags}
        raised = "remap" in {act.verb for _, thread in scenario.threads() for act in thread.do}
        return name in flags or (raised and name in ("VM_IO", "VM_RESERVED", "VM_PFNMAP"))
    stacks = [told.moment.stack for told in run(scenario).steps]
    return any(name in str(frame) for stack in stacks for frame in stack)


FUNCTION_OR_FLAG = re.compile(r"(?!VM_FAULT)(VM_|do_|handle_|remap_|vm_normal)\w+")


def test_the_scene_of_a_flag_or_function_has_it() -> None:
    scenes = GALLERY
    judged = [t for t in TERMS.values() if t.scenario and FUNCTION_OR_FLAG.fullmatch(t.term)]
    assert len(judged) > 12
    silent = [t.id for t in judged if not shows(scenes[t.scenario or ""], t.term)]
    assert silent == []


def test_every_bit_flag_and_level_of_the_model_is_a_term() -> None:
    known = {word for term in TERMS.values() for word in term.spellings}
    assert {f"{BIT}{name}" for _, name in LOW_BITS} <= known
    assert {level.name for arch in ARCHES.values() for level in arch.levels} <= known
    silent = {"VM_LOCKED", "VM_HUGETLB", "VM_NONLINEAR", "VM_DONTCOPY"}
    assert set(FLAGS) - silent <= known


def test_the_picture_of_a_pte_is_the_engines() -> None:
    drawn = pte_boxes(messages())
    raw = int(drawn["raw"], 16)
    assert pte_dirty(raw) and drawn["fields"][0]["value"] == hex(I386.pte_pfn(raw))
    bits = {name: bit for bit, name in LOW_BITS}
    for field in drawn["fields"][2:]:
        assert field["set"] == bool(raw >> bits[field["name"]] & 1)


@pytest.mark.parametrize("arch", ARCHES.values(), ids=lambda arch: arch.id)
def test_the_picture_of_a_walk_has_every_bit_of_the_address(arch: Any) -> None:
    bits: list[int] = []
    for part in split(arch, messages())["parts"]:
        high, low = map(int, part["range"].split("–"))
        bits += range(high, low - 1, -1)
    assert bits == list(range(arch.levels[0].high, -1, -1))


def test_the_short_answers_go_by_every_spelling(client: httpx.Client) -> None:
    answer = client.get("/api/glossary")
    told = answer.json()
    assert told["ptl"]["id"] == told["pte lock"]["id"] == "ptl"
    assert told["pmd"]["id"] == "page_table"
    assert set(told) == {word for term in TERMS.values() for word in term.spellings}
    again = client.get("/api/glossary", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_the_page_reads_without_script(client: httpx.Client) -> None:
    answer = client.get("/glossary")
    assert answer.headers["content-encoding"] == "gzip"
    for term in TERMS.values():
        assert f'id="{term.id}"' in answer.text
    assert answer.text.count('class="picture"') == sum(1 for t in TERMS.values() if t.picture)
    assert "0x7000a067" in answer.text


def test_a_term_in_a_caption_answers_on_the_spot(page: Page, server: str) -> None:
    visit(page, server)
    to_step(page, 14)
    term = page.get_by_role("heading", level=1).get_by_role("button", name="ptl")
    term.click()
    card = page.get_by_role("dialog", name="ptl")
    expect(card).to_contain_text("spinlock")
    expect(card.get_by_role("link")).to_have_attribute("href", "/glossary#ptl")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(term).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_opens_a_term_and_goes_on_stepping(page: Page, server: str, key: str) -> None:
    visit(page, server)
    to_step(page, 14)
    page.get_by_role("heading", level=1).get_by_role("button", name="ptl").focus()
    page.keyboard.press(key)
    expect(page.get_by_role("dialog", name="ptl")).to_be_visible()
    assert at(page) == 14
    page.keyboard.press("Tab")
    expect(page.get_by_role("dialog").locator(":focus")).to_have_text("page-table page")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert at(page) == 15


def test_flags_methods_and_bits_are_terms_too(page: Page, server: str) -> None:
    visit(page, server)
    memory = page.get_by_role("region", name="Address space")
    memory.get_by_role("button", name="VM_PFNMAP").click()
    expect(page.get_by_role("dialog", name="VM_PFNMAP")).to_contain_text("bare frames")
    page.keyboard.press("Escape")
    memory.get_by_role("button", name="->nopfn").click()
    expect(page.get_by_role("dialog", name="->nopfn")).to_be_visible()
    page.keyboard.press("Escape")
    to_step(page, 24)
    page.locator(".bit", has_text="RW").last.click()
    why = page.get_by_role("dialog", name="Why?")
    why.get_by_role("button", name="bit RW").click()
    expect(page.get_by_role("dialog", name="writable bit")).to_be_visible()
    page.keyboard.press("Escape")
    expect(why).to_be_visible()


BOXES = """roots => roots.flatMap(root => {
  const parts = [...root.querySelectorAll("*")].filter((part) => !part.matches(".known"));
  return parts.map((part) => {
    const { left, right } = part.getBoundingClientRect();
    return [part.tagName, Math.round(left), Math.round(right)];
  });
})"""


def test_nothing_moves_when_the_terms_arrive(browser: Browser, server: str) -> None:
    places = []
    for known in (False, True):
        page = browser.new_page(viewport=LAPTOP)
        if not known:
            page.route("**/api/glossary", lambda route: route.fulfill(json={}))
        visit(page, f"{server}/#s=two-threads-one-page&t=14")
        expect(page.locator(".caption .known")).to_have_count(5 if known else 0)
        places.append(page.locator(".words, .p-vmas").evaluate_all(BOXES))
        page.close()
    assert len(places[0]) > 20 and places[0] == places[1]


def test_a_touch_opens_and_a_touch_beside_it_closes(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/#s=two-threads-one-page&t=14")
    page.get_by_role("heading", level=1).get_by_role("button", name="ptl").tap()
    card = page.get_by_role("dialog", name="ptl")
    expect(card).to_be_visible()
    box = card.get_by_role("link").bounding_box()
    assert box and box["height"] >= 48 and box["y"] + box["height"] <= PHONE["height"]
    page.touchscreen.tap(100, 60)
    expect(card).to_be_hidden()
    context.close()


def test_the_page_finds_a_term_and_leads_to_its_scene(page: Page, server: str) -> None:
    page.goto(f"{server}/glossary")
    find = page.get_by_role("searchbox", name="Find a term")
    find.fill("mapcount")
    expect(page.get_by_role("article", name="mapcount")).to_be_visible()
    expect(page.get_by_role("article", name="SIGSEGV")).to_be_hidden()
    expect(page.get_by_role("heading", name="This tool's words")).to_be_hidden()
    find.fill("nothing has these words")
    expect(page.get_by_role("status")).to_have_text("No term has these words.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("article", name="SIGSEGV")).to_be_visible()
    page.get_by_role("article", name="mapcount").get_by_role("link", name="Run:").click()
    expect(page.locator("main[data-ready]")).to_be_visible()
    expect(page.locator(".picker b")).to_have_text("RAM behind a private mapping")


def test_a_link_to_a_filtered_term_shows_it(page: Page, server: str) -> None:
    page.goto(f"{server}/glossary")
    page.get_by_role("searchbox", name="Find a term").fill("ZERO_PAGE")
    page.get_by_role("article", name="ZERO_PAGE").get_by_role("link", name="COW").click()
    expect(page.get_by_role("article", name="COW")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=NAMES)
def test_axe_finds_nothing(browser: Browser, server: str, size: ViewportSize, scheme: Any) -> None:
    page = browser.new_page(viewport=size, color_scheme=scheme)
    said = watched(page)
    page.goto(f"{server}/glossary#pte")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    page.close()


@pytest.mark.parametrize("size", SIZES, ids=NAMES)
def test_axe_finds_nothing_with_a_term_open(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page = browser.new_page(viewport=size)
    said = watched(page)
    visit(page, f"{server}/#s=two-threads-one-page&t=14")
    page.get_by_role("heading", level=1).get_by_role("button", name="ptl").click()
    card = page.get_by_role("dialog", name="ptl").bounding_box()
    assert card and card["x"] >= 0 and card["x"] + card["width"] <= size["width"]
    assert axe(page) == []
    assert said == []
    page.close()
