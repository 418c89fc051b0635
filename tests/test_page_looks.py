"""How the stage looks: themes, sizes, contrast, zoom, print."""

from __future__ import annotations

from typing import Literal

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


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_on_a_phone_a_question_leaves_the_caption_its_room(
    browser: Browser, server: str, theme: str
) -> None:
    page = themed(browser, server, theme, PHONE)
    page.goto(f"{server}/#s=two-threads-one-page&t=6&m=predict")
    question = page.locator(".p-predict .choice").first
    question.wait_for()
    for part in (page.locator(".app > .caption .sentences"), question):
        box = part.bounding_box()
        assert box is not None and box["width"] > PHONE["width"] * 0.8
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


CROSSED = """() => {
  const line = document.querySelector('path.playhead:not(.halo)');
  const at = line.getBoundingClientRect().x;
  const crossing = box => box.left - 1 < at && at < box.right + 1;
  const words = [...document.querySelectorAll('.span-label')].filter(
    word => crossing(word.getBoundingClientRect()));
  const ticks = [...document.querySelectorAll('.tick')].filter(
    tick => getComputedStyle(tick).visibility === 'visible'
      && crossing(tick.getBoundingClientRect()));
  const gaps = line.getAttribute('d').split('M').length - 2;
  return [words.length, gaps, ticks.length];
}"""
"""Words that stand where the playhead does, gaps that it has, numbers that it covers."""


def test_the_playhead_goes_through_no_word(browser: Browser, server: str) -> None:
    page = themed(browser, server, "light", LAPTOP)
    page.goto(f"{server}/#s=recheck-before-store&t=0")
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "0")
    crossed = 0
    for _ in range(38):
        page.keyboard.press("ArrowRight")
        words, gaps, ticks = page.evaluate(CROSSED)
        assert gaps >= words and ticks == 0
        crossed += words
    assert crossed > 0
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


def test_at_200_percent_the_question_comes_first(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 640, "height": 400})
    visit(page, f"{server}/#s=two-threads-one-page&t=6&m=predict")
    page.locator(".p-predict .choice").first.wait_for()
    expect(page.locator(".p-predict .ask")).to_be_in_viewport(ratio=1)
    page.close()


def test_a_tlb_shows_what_it_holds_before_that_is_stale(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    words = page.locator(".span-label.stale").all_text_contents()
    assert words == ["0x7000a", "still 0x7000a"]
    expect(page.locator(".span.stale.agrees")).to_have_count(2)  # the box and its word


def test_nothing_shifts_while_stepping(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=two-threads-one-page&t=1")
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
    if size == "projector":
        page.add_init_script("localStorage.setItem('faultwalk.theme', 'projector')")
    visit(page, f"{server}/#s={scene}&t=0")
    page.wait_for_timeout(500)  # fonts and lists that arrive late
    page.evaluate(COUNT_SHIFTS)
    last = int(page.locator(".scrubber").get_attribute("aria-valuemax") or 0)
    # but for a phone, Step gives way at the end
    for _ in range(last if size == "phone" else last - 1):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(SHIFTED) == 0
    page.close()


CUT = """() => {
  const box = document.querySelector('.sheet-of:not(.away) .listing');
  const { top, bottom } = box.getBoundingClientRect();
  return [...box.querySelectorAll('.line')].map(line => line.getBoundingClientRect())
    .filter(line => [top, bottom].some(edge => line.top < edge - 1 && line.bottom > edge + 1)
      && line.height < 25).length;
}"""
"""How many lines of the listing are cut at its edges; one that takes two rows may be parted."""


def test_the_listing_shows_whole_lines(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=two-threads-one-page&k=nopfn-v3&t=1")
    for step in (7, 22, 23, 32):
        page.goto(f"{server}/#s=two-threads-one-page&k=nopfn-v3&t={step}")
        expect(page.locator(".line.here")).to_be_in_viewport()
        assert page.evaluate(CUT) == 0, step


def test_signs_have_words(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    page.get_by_role("button", name="Help").click()
    signs = page.get_by_role("dialog").locator(".legend")
    expect(signs).to_contain_text("a remark on this step")
    expect(signs).to_contain_text("another thread could run here")
    page.keyboard.press("Escape")
    page.set_viewport_size(PHONE)
    expect(page.locator(".next-note")).to_contain_text("remark")


def test_on_a_phone_a_note_is_whole(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=PHONE)
    visit(page, f"{server}/{SCENE}")
    note, caption = page.locator(".note").bounding_box(), page.locator(".caption").bounding_box()
    assert note and caption
    assert note["height"] >= 36
    assert note["y"] + note["height"] <= caption["y"] + caption["height"]
    page.close()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_theme_fades_unless_motion_is_unwanted(
    browser: Browser, server: str, motion: Literal["reduce", "no-preference"]
) -> None:
    page = browser.new_context(viewport=LAPTOP, reduced_motion=motion).new_page()
    visit(page, f"{server}/{SCENE}")
    page.evaluate("""() => {
      window.fades = 0;
      const start = document.startViewTransition.bind(document);
      document.startViewTransition = how => (window.fades += 1, start(how));
    }""")
    page.keyboard.press("p")
    expect(page.locator("html")).to_have_attribute("data-theme", "projector")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("window.fades") == (0 if motion == "reduce" else 1)
    page.context.close()


def test_it_prints_the_steps_and_the_outcome(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="How it ends")).to_be_visible()
    expect(page.locator(".entry")).to_be_visible()
    expect(page.get_by_role("button", name="Step", exact=True)).to_be_hidden()


def test_on_a_phone_a_mode_has_the_first_tab(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=PHONE)
    visit(page, f"{server}/#s=two-threads-one-page&t=14&m=whatif")
    tabs = page.locator(".cards button")
    expect(tabs.first).to_have_text("What if")
    expect(tabs.first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".p-whatif")).to_be_visible()
    tabs.filter(has_text="Code").click()
    expect(page.locator(".p-source")).to_be_visible()
    expect(page.locator(".p-whatif")).to_be_hidden()
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_because_line_is_whole(browser: Browser, server: str, size: str) -> None:
    page = browser.new_page(viewport=SIZES[size])
    visit(page, f"{server}/{SCENE}")
    line = page.locator(".said-first p")
    assert line.evaluate("p => p.scrollHeight <= p.clientHeight + 1")
    page.close()


def test_documents_begin_at_one_place(page: Page, server: str) -> None:
    places = set()
    for path in ("/thread", "/glossary", "/gallery", "/truth", "/known-differences"):
        page.goto(server + path)
        box = page.get_by_role("heading", level=1).bounding_box()
        assert box is not None
        places.add((round(box["x"]), round(box["y"])))
    assert len(places) == 1


def test_a_function_entered_again_shows_its_code(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=two-threads-one-page&t=1")
    empty = []
    for step in range(2, 37):
        page.keyboard.press("ArrowRight")
        line = page.locator(".sheet-of:not(.away) .line.here").first
        if (
            line.is_visible() and len(line.screenshot()) < 900
        ):  # one colour packs to next to nothing
            empty.append(step)
    assert empty == []
