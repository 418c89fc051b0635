"""Predict on the page: asked before being told; by mouse, by keys, by touch."""

from __future__ import annotations

from browser import PHONE, at, axe, visit
from playwright.sync_api import Browser, Locator, Page, expect

SCENE = "#s=two-threads-one-page&t=0&m=predict"


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Predict")


def to_the_question(page: Page) -> None:
    page.locator("main[data-questions]").wait_for()
    page.keyboard.press("End")
    expect(panel(page).get_by_role("button")).to_have_count(4)


def test_nothing_passes_an_open_question(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    stopped = at(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_timeout(300)
    box = page.get_by_role("slider", name="Step").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 30, box["y"] + 60)
    assert at(page) == stopped
    expect(page.get_by_role("button", name="Step", exact=True)).to_have_attribute(
        "aria-disabled", "true"
    )


def test_the_future_is_not_shown(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    expect(page.locator(".results")).to_have_count(0)
    expect(page.locator(".blind")).to_have_count(1)
    expect(page.locator(".lanes .glyph")).to_have_count(0)
    assert "TLB" not in (page.locator(".lanes svg").text_content() or "")


def test_one_key_answers_and_the_answer_is_explained(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    stopped = at(page)
    page.keyboard.press("1")
    told = panel(page).get_by_role("status")
    expect(told).not_to_be_empty()
    expect(panel(page).locator(".right")).to_contain_text("do_no_pfn")
    page.keyboard.press("ArrowRight")
    assert at(page) == stopped + 1


def test_a_wrong_answer_leads_to_where_it_is_right(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    panel(page).get_by_role("button", name="do_anonymous_page").click()
    panel(page).get_by_role("button", name="It would be right here").click()
    expect(page.get_by_role("radio", name="2.6.17")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("radio", name="Play")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("heading", level=1)).to_contain_text("do_anonymous_page")


def test_all_of_them_to_the_score(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    for _ in range(10):
        if page.get_by_text("All asked").count():
            break
        page.keyboard.press("2")
        page.keyboard.press("End")
    expect(panel(page)).to_contain_text("right")
    panel(page).get_by_role("button", name="start over").click()
    assert at(page) == 0


def test_the_first_visit_asks_and_the_second_does_not(browser: Browser, server: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(server)
    expect(page.get_by_role("radio", name="Predict")).to_have_attribute("aria-checked", "true")
    page.goto("about:blank")
    page.goto(server)
    expect(page.get_by_role("radio", name="Play")).to_have_attribute("aria-checked", "true")
    context.close()


def test_on_a_phone_a_thumb_answers(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    button = panel(page).get_by_role("button").first
    box = button.bounding_box()
    assert box is not None and box["height"] >= 48
    assert axe(page) == []
    button.tap()
    expect(panel(page).get_by_role("status")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_axe_finds_nothing(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    assert axe(page) == []
    page.keyboard.press("1")
    assert axe(page) == []
