"""The comparison as a user meets it: by mouse, by keyboard alone, by touch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from browser import watched
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from scenes import GALLERY

from engine import encode_link, run

LAPTOP: ViewportSize = {"width": 1280, "height": 800}
PROJECTOR: ViewportSize = {"width": 1024, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
FLAGSHIP = "two-threads-one-page"
V2, V3 = (f"s={FLAGSHIP},k=nopfn-{v}" for v in ("v2", "v3"))
PARTED = 32
"""The place at which v2 writes over the pte and v3 gives way."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page that must leave the console clean."""
    opened = browser.new_page(viewport=LAPTOP)
    said = watched(opened)
    yield opened
    opened.close()
    assert said == []


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone's page, touched, that must leave the console clean."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    opened = context.new_page()
    said = watched(opened)
    yield opened
    context.close()
    assert said == []


def visit(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("main[data-ready]").wait_for()


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Place")


def place(page: Page) -> int:
    return int(slider(page).get_attribute("aria-valuenow") or -1)


def steps(page: Page) -> tuple[str, str]:
    """How many steps each side has taken, as it says."""
    left, right = (
        page.locator(f".said-here.{side} .count b:not(.said-name)").inner_text()
        for side in ("left", "right")
    )
    return left, right


def test_the_first_difference_is_said_marked_and_one_click_away(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}")
    words = page.get_by_role("heading", level=1).inner_text()
    assert "Under v2 B overwrites the filled pte" in words
    assert "under v3 B looks again" in words
    marked = page.locator(".parting-mark").text_content() or ""
    assert "B overwrites the filled pte" in marked and "B looks again" in marked
    page.get_by_role("button", name="First difference").click()
    assert place(page) == PARTED
    assert steps(page) == ("31", "32")
    assert "B overwrites the filled pte" in page.locator(".said-here.left h2").inner_text()
    assert "gives way" in page.locator(".said-here.right h2").inner_text()
    expect(page.locator(".side.left .chip.bad")).to_be_visible()
    expect(page.locator(".side.right .chip.bad")).to_have_count(0)
    assert "set_pte_at" in page.locator(".side.left .line.here").inner_text()
    assert "read_pte" in page.locator(".side.right .line.here").inner_text()


def test_a_side_that_has_nothing_to_do_stands_still_and_says_so(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}&t=22")
    page.get_by_role("button", name="Step", exact=True).click()
    assert steps(page) == ("22", "23")
    expect(page.locator(".said-here.left")).to_contain_text("stands still")
    expect(page.locator(".said-here.right")).not_to_contain_text("stands still")
    page.get_by_role("button", name="Step back").click()
    assert steps(page) == ("22", "22")


def test_the_lanes_of_both_runs_scrub(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}")
    box = slider(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 80)
    page.mouse.down()
    middle = place(page)
    page.mouse.move(box["x"] + box["width"] * 0.85, box["y"] + 80)
    page.mouse.up()
    assert 0 < middle < place(page)
    assert slider(page).locator(".side-name").all_text_contents() == ["v2", "v3"]


def test_the_keyboard_alone_compares(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}")
    page.keyboard.press("d")
    assert place(page) == PARTED
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert place(page) == PARTED + 1
    page.keyboard.press("End")
    assert steps(page) == ("37", "38")
    page.keyboard.press("Home")
    assert steps(page) == ("0", "0")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("the first difference")
    page.keyboard.press("Escape")
    page.get_by_role("radiogroup", name="Kernel revision of the right run").get_by_role(
        "radio", checked=True
    ).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#side-right")).to_have_attribute("aria-label", "The right run: v4")
    assert place(page) == 0, "arrows among the revisions do not step"


def test_play_halts_at_the_first_difference(page: Page, server: str) -> None:
    page.clock.install()
    visit(page, f"{server}/compare#{V2}~{V3}&t={PARTED - 2}")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="pause")).to_be_visible()
    for _ in range(6):
        page.clock.run_for(1500)
    assert place(page) == PARTED
    expect(page.get_by_role("button", name="play")).to_be_visible()


def test_another_kernel_on_one_side_leaves_the_other_where_it_is(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}&t={PARTED}")
    revisions = page.get_by_role("radiogroup", name="Kernel revision of the right run")
    revisions.get_by_role("radio", name="v1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("v2 and v1 do the same here")
    assert steps(page)[0] == "31"
    expect(page.get_by_role("button", name="First difference")).to_have_count(0)
    assert page.url.split("#")[1].startswith(f"{V2}~s={FLAGSHIP},k=nopfn-v1&t=")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("under v3")


def test_the_address_is_always_the_link_to_what_is_shown(
    page: Page, server: str, browser: Browser
) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}")
    page.keyboard.press("d")
    page.wait_for_timeout(400)
    assert page.url == f"{server}/compare#{V2}~{V3}&t={PARTED}"
    other = browser.new_context(viewport=LAPTOP).new_page()
    visit(other, page.url)
    assert (place(other), steps(other)) == (PARTED, ("31", "32"))
    other.close()


def test_a_step_named_on_one_side_takes_both_there(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}&t={PARTED}")
    page.locator(".said-here.right").get_by_role("button", name="step 24").click()
    assert steps(page) == ("23", "24")


def test_another_scenario_of_the_gallery_keeps_the_kernels(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}&t=9")
    page.get_by_role("combobox", name="Scenario").select_option("lost-dirty-bit")
    expect(page.get_by_role("heading", level=1)).to_contain_text("the dirty bit is forgotten")
    assert place(page) == 0
    assert "s=lost-dirty-bit,k=nopfn-v2~s=lost-dirty-bit,k=nopfn-v3" in page.url
    page.get_by_role("button", name="swap sides").click()
    expect(page.locator("#side-left")).to_have_attribute("aria-label", "The left run: v3")


def test_self_contained_links_and_two_scenarios_stand_side_by_side(page: Page, server: str) -> None:
    scenes = GALLERY
    one = encode_link(run(scenes[FLAGSHIP], "nopfn-v2").scenario)
    visit(page, f"{server}/compare#{one}~s=recheck-before-store")
    page.wait_for_timeout(400)
    left, right = page.url.split("#")[1].split("&")[0].split("~")
    assert left.startswith("z1.") and right.startswith("s=recheck-before-store,k=")
    page.keyboard.press("End")
    assert steps(page)[0] == "37"


def test_each_side_opens_on_the_stage_at_its_step(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}&t={PARTED}")
    page.get_by_role("link", name="Open v3 on the stage at this step").click()
    page.locator("main#stage[data-ready]").wait_for()
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "32")
    expect(page.get_by_role("radio", name="v3")).to_have_attribute("aria-checked", "true")


def test_the_stage_leads_to_the_comparison_at_its_step(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&k=nopfn-v2&t=31")
    beside = page.get_by_role("link", name="compare with v3", exact=True)
    expect(beside).to_be_visible()
    page.get_by_role("link", name="Compare", exact=True).click()
    page.locator("main#compare[data-ready]").wait_for()
    assert steps(page) == ("31", "32")
    labels = [
        page.locator(f"#side-{side}").get_attribute("aria-label") for side in ("left", "right")
    ]
    assert labels == ["The left run: v2", "The right run: v3"]


def test_a_fork_is_compared_with_the_run_it_left(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&k=nopfn-v2&t=20&m=whatif")
    page.locator("button.offer").filter(has_text="SIGBUS").first.click()
    page.get_by_role("link", name="compare with the run before").click()
    page.locator("main#compare[data-ready]").wait_for()
    assert steps(page) == ("20", "20")
    expect(page.get_by_role("heading", level=1)).to_contain_text("while on the right")
    names = slider(page).locator(".side-name").all_text_contents()
    assert names == ["left", "right"]


def test_why_is_answered_for_the_side_that_asks(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}&t=33")
    page.locator(".side.left").get_by_role("button", name="Why?").click()
    expect(page.get_by_role("dialog")).to_contain_text("0x7000b replaces 0x7000a")
    page.keyboard.press("Escape")
    page.locator(".side.right").get_by_role("button", name="Why?").click()
    expect(page.get_by_role("dialog")).to_contain_text("step 24")
    expect(page.get_by_role("dialog")).not_to_contain_text("replaces")


def test_how_they_end_is_told_below(page: Page, server: str) -> None:
    visit(page, f"{server}/compare#{V2}~{V3}")
    ends = page.get_by_role("region", name="Outcome", exact=True)
    expect(ends).to_contain_text("B's write is of frame 0x7000b under v2, 0x7000a")
    expect(ends.get_by_role("row", name="B ≠")).to_be_visible()


def test_a_broken_link_is_explained_and_something_is_shown(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=LAPTOP)  # the browser itself reports the refused request
    visit(page, f"{server}/compare#{V2}~z1.AAAA&t=3")
    expect(page.get_by_role("alert")).to_contain_text("right, link")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Under v2")
    page.close()


def test_a_thumb_can_do_it_all(phone: Page, server: str) -> None:
    visit(phone, f"{server}/compare#{V2}~{V3}")
    phone.get_by_role("button", name="Step", exact=True).tap()
    assert place(phone) == 1
    phone.locator(".moves").get_by_role("button", name="First difference").tap()
    assert steps(phone) == ("31", "32")
    for side in ("left", "right"):
        expect(phone.locator(f".said-here.{side} h2")).to_be_in_viewport()
    expect(phone.locator(".side.left .p-entry")).to_be_visible()
    expect(phone.locator(".side.right .p-entry")).to_be_hidden()
    phone.get_by_role("button", name="v3", exact=True).tap()
    expect(phone.locator(".side.right .p-entry")).to_be_visible()
    phone.get_by_role("button", name="Code", exact=True).tap()
    lit = phone.locator(".side.right .line.here")
    expect(lit).to_be_visible()
    expect(lit).to_contain_text("read_pte")
    phone.get_by_role("button", name="v3", exact=True).tap()
    phone.get_by_role("radiogroup", name="Kernel revision of the right run").get_by_role(
        "radio", name="v5"
    ).tap()
    expect(phone.locator("#side-right")).to_have_attribute("aria-label", "The right run: v5")
    box = slider(phone).bounding_box()
    assert box is not None
    phone.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + 60)
    assert 10 < place(phone) < 30


TARGETS = """() => [...document.querySelectorAll('button, .side-head a, select')]
  .filter(e => e.checkVisibility() && !e.closest('.side-panes, .said-here, dialog, h1'))
  .map(e => [e.getAttribute('aria-label') || e.innerText, e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 48)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""


def test_on_a_phone_targets_are_large_and_nothing_scrolls_sideways(
    phone: Page, server: str
) -> None:
    visit(phone, f"{server}/compare#{V2}~{V3}&t={PARTED}")
    assert phone.evaluate(TARGETS) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR], ids=["laptop", "projector"])
def test_both_sides_the_lanes_and_the_moves_fit_one_screen(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page = browser.new_page(viewport=size)
    visit(page, f"{server}/compare#{V2}~{V3}&t={PARTED}")
    box = page.locator(".transport").bounding_box()
    assert box is not None and box["y"] + box["height"] <= size["height"]
    expect(slider(page)).to_be_in_viewport(ratio=1)
    for side in ("left", "right"):
        expect(page.locator(f".side.{side} .tlb").first).to_be_in_viewport(ratio=0.9)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


OUTLINE = """() => [...document.querySelectorAll(
    '.parting, .side-head, .said-here, .pane, .bitrow, .listing, main > .lanes, .moves')]
  .map(e => [e.classList[0], e.getBoundingClientRect().top, e.getBoundingClientRect().height])"""


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"])
def test_nothing_shifts_while_stepping(browser: Browser, server: str, size: ViewportSize) -> None:
    page = browser.new_page(viewport=size)
    visit(page, f"{server}/compare#{V2}~{V3}")
    before = page.evaluate(OUTLINE)
    for _ in range(39):
        page.keyboard.press("ArrowRight")
        assert [box for box in page.evaluate(OUTLINE) if box not in before] == []
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"])
def test_axe_finds_nothing(
    browser: Browser, server: str, size: ViewportSize, theme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    visit(page, f"{server}/compare#{V2}~{V3}&t={PARTED + 1}")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
    context.close()
