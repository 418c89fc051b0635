"""The page as a user meets it: a real browser and a real server."""

from __future__ import annotations

import pytest
from browser import LAPTOP, PHONE, at, heading, to_step, visit
from playwright.sync_api import Browser, Page, expect
from scenes import GALLERY

from engine import encode_link, run


def test_it_opens_on_the_flagship_paused(page: Page, server: str) -> None:
    visit(page, server)
    assert "Two threads touch the same page" in heading(page)
    assert at(page) == 0
    page.wait_for_timeout(300)
    assert at(page) == 0


def test_the_first_view_asks_for_no_run(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, server)
    assert f"{server}/api/run" not in asked
    page.get_by_role("radio", name="v3").click()
    expect(page.get_by_role("radio", name="v3")).to_have_attribute("aria-checked", "true")
    assert f"{server}/api/run" in asked


def test_a_step_moves_and_says_what_happened(page: Page, server: str) -> None:
    visit(page, server)
    before = heading(page)
    page.get_by_role("button", name="Step", exact=True).click()
    assert at(page) == 1
    assert heading(page) != before
    page.get_by_role("button", name="Step back").click()
    assert (at(page), heading(page)) == (0, before)


def test_the_keyboard_alone_reaches_everything_that_moves(page: Page, server: str) -> None:
    visit(page, server)
    page.keyboard.press("End")
    last = at(page)
    assert last > 20
    page.keyboard.press("Shift+ArrowLeft")
    assert 0 < at(page) < last
    page.keyboard.press("Home")
    assert at(page) == 0
    page.keyboard.press("v")
    expect(page.locator(".chip.bad")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_lanes_scrub(page: Page, server: str) -> None:
    visit(page, server)
    box = page.get_by_role("slider", name="Step").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
    page.mouse.down()
    middle = at(page)
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 60)
    page.mouse.up()
    assert 0 < middle < at(page)


def test_a_link_shows_the_same_step_in_another_browser(
    page: Page, server: str, browser: Browser
) -> None:
    visit(page, server)
    to_step(page, 23)
    page.wait_for_timeout(400)
    link, told = page.url, heading(page)
    assert "#z1." in link and link.endswith("&t=23")
    other = browser.new_context(viewport=LAPTOP).new_page()
    visit(other, link)
    assert (at(other), heading(other)) == (23, told)
    other.close()


def test_another_revision_runs_the_same_schedule(page: Page, server: str) -> None:
    visit(page, server)
    to_step(page, 10)
    page.get_by_role("radio", name="v3").click()
    expect(page.get_by_role("radio", name="v3")).to_have_attribute("aria-checked", "true")
    assert at(page) == 10
    page.keyboard.press("End")
    expect(page.locator(".chip.bad")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("radio", name="v2")).to_have_attribute("aria-checked", "true")


def test_every_scenario_of_the_gallery_opens(page: Page, server: str) -> None:
    visit(page, server)
    page.locator(".picker").click()
    titles = page.locator(".gallery b").all_inner_texts()
    page.keyboard.press("Escape")
    assert len(titles) >= 12
    for title in titles:
        page.locator(".picker").click()
        page.locator(".gallery b").get_by_text(title, exact=True).click()
        expect(page.locator(".picker b")).to_have_text(title)
        page.keyboard.press("End")
        assert heading(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_broken_link_is_explained_and_the_flagship_shown(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=LAPTOP)  # the browser itself reports the refused request
    visit(page, f"{server}/#z1.AAAA&t=3")
    expect(page.get_by_role("alert")).to_be_visible()
    assert len(page.get_by_role("alert").inner_text()) > 20
    assert page.locator(".picker b").inner_text() == "Two threads, one page"
    page.close()


@pytest.mark.parametrize("card", ["Path", "Story", "Code", "Locks"])
def test_on_a_phone_nothing_scrolls_sideways(browser: Browser, server: str, card: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, server)
    page.get_by_role("button", name=card, exact=True).tap()
    page.get_by_role("button", name="Step", exact=True).tap()
    assert at(page) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_a_laptop_and_a_projector_show_the_stage_without_scrolling(
    browser: Browser, server: str
) -> None:
    for width, height in ((1280, 800), (1024, 768)):
        page = browser.new_page(viewport={"width": width, "height": height})
        visit(page, f"{server}/#s=two-threads-one-page&t=31")
        box = page.locator(".transport").bounding_box()
        assert box is not None and box["y"] + box["height"] <= height
        page.close()


def test_a_link_from_another_model_says_where_it_differs(page: Page, server: str) -> None:
    scenario = run(GALLERY["two-threads-one-page"], "nopfn-v2").scenario
    told = run(scenario, "nopfn-v3").witness
    visit(page, f"{server}/#{encode_link(scenario, told)}&t=5")
    expect(page.get_by_role("alert")).to_contain_text("The model has moved")
    expect(page.get_by_role("alert")).to_contain_text("step 31")
    assert at(page) == 5


def test_a_note_is_hidden_under_a_kernel_of_which_it_is_not_true(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=killed-but-mapped&k=nopfn-v4&t=17")
    expect(page.locator(".words h1")).to_contain_text("VM_FAULT_MINOR")
    expect(page.locator(".note")).to_have_count(0)
    visit(page, f"{server}/#s=killed-but-mapped&k=nopfn-v3&t=16")
    expect(page.locator(".note")).to_contain_text("1, VM_FAULT_SIGBUS")
    page.keyboard.press("r")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".words h1")).to_contain_text("VM_FAULT_MINOR")
    expect(page.locator(".note")).to_have_count(0)
