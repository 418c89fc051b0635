"""The gallery's page: pictures, filters with and without script, and how it looks."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from browser import LAPTOP, PHONE, PROJECTOR, axe, visit, watched
from markupsafe import escape
from playwright.sync_api import Browser, Page, expect
from scenes import GALLERY

from app.language import part
from engine import listing
from engine.invariants import INVARIANTS

IDS = list(GALLERY)
PLACES = {at.id: (claim.id, at) for claim in listing(IDS) for at in claim.entries}
EASIEST = next(about for about, at in PLACES.values() if at.start)
SHOWN = sorted(IDS, key=lambda id: PLACES[id][0] != EASIEST)
"""In the order of the page: the section to start with leads."""
SIZES = {"laptop": LAPTOP, "projector": PROJECTOR, "phone": PHONE}


def shown(html: str) -> list[str]:
    """The cards of a page as it comes from the server that are not hidden."""
    cards = re.findall(r'<li class="scene-card" data-id="([\w-]+)"[^>]*?( hidden)?>', html)
    return [id for id, hidden in cards if not hidden]


def seen(page: Page) -> list[str]:
    """The same in a browser."""
    cards = page.locator(".scene-card:visible")
    return [str(id) for id in cards.evaluate_all("all => all.map(e => e.dataset.id)")]


def fitting(claim: str = "", level: str = "", minutes: int = 9) -> list[str]:
    return [
        id
        for id, (about, at) in PLACES.items()
        if claim in ("", about) and level in ("", at.level) and at.minutes <= minutes
    ]


def test_every_scenario_has_a_card_with_its_picture(client: httpx.Client) -> None:
    html = client.get("/gallery").text
    assert shown(html) == SHOWN
    assert html.count('class="pic" role="img"') == len(IDS)
    for id, scenario in GALLERY.items():
        assert f'href="/#s={id}"' in html
        assert len(set(re.findall(r'id="(pic-[\w-]+)"', html))) == 2, scenario.title


@pytest.mark.parametrize(
    "query",
    [
        {"claim": "fork"},
        {"level": "expert"},
        {"minutes": 1},
        {"claim": "out-of-memory", "level": "second", "minutes": 2},
        {"claim": "fork", "minutes": 1},
    ],
)
def test_filters_work_without_script(client: httpx.Client, query: Any) -> None:
    html = client.get("/gallery", params=query).text
    assert shown(html) == fitting(**query)
    assert f"{len(fitting(**query))} of {len(IDS)} scenarios" in html
    assert html.count('<p class="nothing" hidden>') == bool(fitting(**query))


def test_each_filter_is_a_link_that_keeps_the_others(client: httpx.Client) -> None:
    html = client.get("/gallery?level=second").text
    assert 'href="/gallery?level=second&amp;claim=fork"' in html
    assert 'href="/gallery" data-field="level" data-value=""' in html
    assert re.search(r'data-value="second" aria-current="true"', html)


def test_a_filter_that_does_not_exist_is_named_and_left_out(client: httpx.Client) -> None:
    html = client.get("/gallery", params={"claim": "<b>", "level": "first"}).text
    assert "There is no claim “&lt;b&gt;”" in html
    assert sorted(shown(html)) == sorted(fitting(level="first"))


def test_kernels_tell_where_a_rule_breaks(client: httpx.Client) -> None:
    html = client.get("/gallery").text
    for id, scenario in GALLERY.items():
        card = html[html.index(f'data-id="{id}"') :].partition("</ol>")[0]
        cells = re.findall(r'<li class="(\w+)[^>]*>.*?<span>([\w.]+)</span>', card)
        for came, name in cells:
            expect_ = scenario.expect.get(name) or scenario.expect[f"nopfn-{name}"]
            bad = set(expect_.broken) & set(INVARIANTS) - {"one_pfn"}
            assert (came == "breaks") == bool(bad or expect_.stuck), (id, name)
            ends = set(expect_.signals.values())
            if came != "breaks":
                told = {"oom": {"SIGKILL/OOM"}, "refused": {"MMAP_FAILED"}, "holds": set()}
                assert ends == told.get(came, ends), (id, name)
                assert (came == "signal") == any(
                    end.startswith("SIG") and "/OOM" not in end for end in ends
                )
        assert len(cells) == len(scenario.expect)


def test_a_picture_is_a_file_too(client: httpx.Client, browser: Browser, server: str) -> None:
    answer = client.get("/scenarios/two-threads-one-page.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/scenarios/two-thread.svg").status_code == 404
    page = browser.new_page(color_scheme="dark")
    said = watched(page)
    page.goto(f"{server}/scenarios/two-threads-one-page.svg")
    fill = page.locator(".pic-bad").first.evaluate("e => getComputedStyle(e).fill")
    assert fill == "rgb(255, 143, 171)"
    assert not [line for line in said if "Security Policy" in line]
    page.close()


def test_the_page_is_small_on_the_wire(client: httpx.Client) -> None:
    assert client.head("/gallery").status_code == 200
    with client.stream("GET", "/gallery", headers={"accept-encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert len(b"".join(answer.iter_raw())) < 40_000


def test_it_says_where_to_start(page: Page, server: str) -> None:
    page.goto(f"{server}/gallery?claim=fork")
    line = page.get_by_text("New here? Start with")
    expect(line).to_be_in_viewport()
    line.get_by_role("link", name="Memory from nothing").click()
    expect(page.locator(".picker b")).to_have_text("Memory from nothing")


def test_filters_answer_at_once_and_go_back(page: Page, server: str) -> None:
    page.goto(f"{server}/gallery")
    page.get_by_role("link", name="Fork and COW", exact=True).click()
    assert seen(page) == fitting(claim="fork")
    expect(page).to_have_url(f"{server}/gallery?claim=fork")
    page.get_by_role("link", name="First steps", exact=True).click()
    assert seen(page) == fitting(claim="fork", level="first")
    expect(page.get_by_role("status")).to_have_text(f"3 of {len(IDS)} scenarios")
    page.go_back()
    assert seen(page) == fitting(claim="fork")
    page.reload()
    assert seen(page) == fitting(claim="fork")
    page.get_by_role("link", name="Show all of them").click()
    assert seen(page) == SHOWN


def test_a_typed_word_finds(page: Page, server: str) -> None:
    page.goto(f"{server}/gallery")
    field = page.get_by_role("searchbox", name="Find by a word")
    field.fill("PAE half")
    assert seen(page) == ["torn-pte-pae"]
    field.fill("xyzzy")
    expect(page.get_by_text("No scenario fits all of that.")).to_be_visible()
    field.fill("")
    assert seen(page) == SHOWN


def test_a_card_opens_its_scenario_by_keyboard(page: Page, server: str) -> None:
    page.goto(f"{server}/gallery?claim=swap-and-halves")
    page.get_by_role("link", name="Half a pte", exact=True).press("Enter")
    page.locator("main[data-ready]").wait_for()
    expect(page.locator(".picker b")).to_have_text("Half a pte")


def test_without_script_there_is_no_field_that_does_nothing(browser: Browser, server: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/gallery?level=expert")
    assert page.get_by_role("searchbox").count() == 0
    page.get_by_role("link", name="up to 2 min").click()
    titles = page.locator(".scene-card h3:visible")
    expect(titles).to_have_count(len(fitting(level="expert", minutes=2)))
    context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, server: str, theme: Any, size: str) -> None:
    context = browser.new_context(viewport=SIZES[size], color_scheme=theme)
    page = context.new_page()
    said = watched(page)
    page.goto(f"{server}/gallery")
    page.get_by_text("How to read a picture").click()
    page.get_by_role("searchbox").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    context.close()


def test_targets_are_large_enough_for_a_thumb(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{server}/gallery")
    page.get_by_role("searchbox").wait_for()
    for target in page.locator(".filter a, .site a, .find, .legend summary").all():
        box = target.bounding_box()
        assert box is not None and box["height"] >= 48
    page.close()


def test_the_words_of_the_page_are_those_of_its_part_of_the_catalogue(
    client: httpx.Client,
) -> None:
    html = client.get("/gallery?claim=none-such&level=first").text
    for key, words in part("gallery", "en").items():
        for piece in re.split(r"\{\w+\}", words):
            assert escape(piece) in html, key


def test_the_stages_dialog_is_by_claim_and_leads_here(page: Page, server: str) -> None:
    visit(page, server)
    page.locator(".picker").click()
    dialog = page.get_by_role("dialog")
    groups = dialog.get_by_role("heading", level=3).all_inner_texts()
    assert groups == ["Start here", *(claim.group for claim in listing(IDS))]
    dialog.get_by_role("link", name="All with pictures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The gallery")
