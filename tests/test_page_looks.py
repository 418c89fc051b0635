"""How the stage looks: themes, sizes, contrast, zoom, print."""

from __future__ import annotations

import pytest
from browser import COUNT_SHIFTS, LAPTOP, PHONE, PROJECTOR, SHIFTED, axe, visit
from playwright.sync_api import Browser, Page, ViewportSize, expect

SIZES = {"laptop": LAPTOP, "projector": PROJECTOR, "phone": PHONE}
SCENE = "#s=two-threads-one-page&t=31"


def themed(browser: Browser, server: str, theme: str, size: ViewportSize) -> Page:
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    context.add_init_script(f"localStorage.setItem('faultwalk.theme', '{theme}')")
    page = context.new_page()
    visit(page, f"{server}/{SCENE}")
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_axe_finds_nothing(browser: Browser, server: str, theme: str, size: str) -> None:
    page = themed(browser, server, theme, SIZES[size])
    assert axe(page) == []
    page.context.close()


def test_the_projector_has_seven_to_one(browser: Browser, server: str) -> None:
    page = themed(browser, server, "projector", PROJECTOR)
    assert axe(page, "color-contrast-enhanced") == []
    page.context.close()


def test_the_projector_is_large_and_fits(browser: Browser, server: str) -> None:
    page = themed(browser, server, "projector", PROJECTOR)
    sizes = page.evaluate(
        "['.words h1', '.words p', '.listing', '.go']"
        ".map(s => parseFloat(getComputedStyle(document.querySelector(s)).fontSize))"
    )
    assert sizes[0] >= 24 and min(sizes) >= 15
    box = page.locator(".transport").bounding_box()
    assert box is not None and box["y"] + box["height"] <= PROJECTOR["height"]
    assert page.locator(".line.here").is_visible()
    page.context.close()


def test_the_theme_is_kept_and_never_in_the_link(page: Page, server: str) -> None:
    visit(page, server)
    page.keyboard.press("p")
    expect(page.locator("html")).to_have_attribute("data-theme", "projector")
    page.wait_for_timeout(300)
    assert "projector" not in page.url
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "projector")
    page.keyboard.press("p")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("radio", name="dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_at_200_percent_nothing_scrolls_sideways(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 640, "height": 400})
    visit(page, f"{server}/{SCENE}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_nothing_shifts_while_stepping(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=two-threads-one-page&t=1")  # the opening takes the room it needs
    places = set()
    for _ in range(37):
        boxes = page.locator(".pane, .count, .bitrow, .tlbs, .lanes, .transport").evaluate_all(
            "all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()).map(Math.round))"
        )
        places.add(str(boxes))
        page.keyboard.press("ArrowRight")
    assert len(places) == 1


@pytest.mark.parametrize("scene", ["two-threads-one-page", "munmap-waits", "fork-then-write"])
@pytest.mark.parametrize("size", SIZES)
def test_the_browser_counts_no_shift(browser: Browser, server: str, size: str, scene: str) -> None:
    page = browser.new_page(viewport=SIZES[size])
    # the opening takes the room it needs
    visit(page, f"{server}/#s={scene}&t=1")
    page.wait_for_timeout(500)  # fonts and lists that arrive late
    page.evaluate(COUNT_SHIFTS)
    last = int(page.locator(".scrubber").get_attribute("aria-valuemax") or 0)
    # but for a phone, Step gives way at the end
    for _ in range(last - 1 if size == "phone" else last - 2):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(SHIFTED) == 0
    page.close()


def test_it_prints_the_steps_and_the_outcome(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="How it ends")).to_be_visible()
    expect(page.locator(".entry")).to_be_visible()
    expect(page.get_by_role("button", name="Step", exact=True)).to_be_hidden()
