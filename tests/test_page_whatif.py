"""What if on the page: a fork at a step, seen in the lanes, undone, shared."""

from __future__ import annotations

from browser import PHONE, at, axe, heading, visit
from playwright.sync_api import Browser, Page, expect

SCENE = "#s=two-threads-one-page&t=14&m=whatif"


def test_a_fork_keeps_the_past_and_is_undone(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    told = heading(page)
    panel = page.get_by_role("region", name="What if")
    panel.get_by_role("button", name="A runs now").click()
    expect(page.locator(".picker b")).to_have_text("Two threads, one page, what if")
    assert (at(page), heading(page)) == (14, told)
    expect(page.locator(".branch")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    assert heading(page).startswith("A ")
    panel.get_by_role("button", name="undo").click()
    expect(page.locator(".picker b")).to_have_text("Two threads, one page")
    assert at(page) == 14


def test_a_fork_is_a_link(page: Page, server: str, browser: Browser) -> None:
    visit(page, f"{server}/{SCENE}")
    page.get_by_role("button", name="SIGBUS").click()
    expect(page.locator(".forked")).to_contain_text("SIGBUS")
    page.keyboard.press("End")
    page.wait_for_timeout(400)
    other = browser.new_page()
    visit(other, page.url)
    assert (at(other), heading(other)) == (at(page), heading(page))
    expect(other.locator(".results")).to_contain_text("SIGBUS")
    other.close()


def test_what_cannot_happen_says_why(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=dead-thread-holds-mmap-sem&t=8&m=whatif")
    panel = page.get_by_role("region", name="What if")
    expect(panel).to_contain_text("waits for mmap_sem")
    expect(panel.get_by_role("button", name="B runs now")).to_have_count(0)


def test_the_keyboard_alone_forks(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=two-threads-one-page&t=14")
    page.get_by_role("radio", name="Play").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="What if")).to_have_attribute("aria-checked", "true")
    button = page.get_by_role("button", name="A runs now")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".forked")).to_be_visible()


def test_on_a_phone_a_thumb_forks(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/{SCENE}")
    button = page.get_by_role("button", name="OOM")
    box = button.bounding_box()
    assert box is not None and box["height"] >= 48
    button.tap()
    expect(page.locator(".forked")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []
    context.close()


def test_axe_finds_nothing(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    page.get_by_role("button", name="A runs now").click()
    expect(page.locator(".forked")).to_be_visible()
    assert axe(page) == []
