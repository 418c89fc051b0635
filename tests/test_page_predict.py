"""Predict on the page: asked before being told; by mouse, by keys, by touch."""

from __future__ import annotations

import re

from browser import PHONE, at, axe, visit
from playwright.sync_api import Browser, Locator, Page, expect

SCENE = "#s=two-threads-one-page&t=0&m=predict"


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Predict")


def to_the_question(page: Page) -> None:
    page.locator("main[data-questions]").wait_for()
    page.keyboard.press("End")
    expect(panel(page).locator(".choice")).to_have_count(4)


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
    names = page.locator(".lanes .lane-name").all_text_contents()
    assert "TLBs" in names and not any("cpu" in name for name in names)


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
    panel(page).locator(".choice", has_text="do_anonymous_page").click()
    panel(page).get_by_role("button", name="It would be right in another run").click()
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


def test_the_first_visit_asks_and_so_does_the_second(browser: Browser, server: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    for _ in range(2):
        page.goto(server)
        predict = page.get_by_role("radio", name="Predict")
        expect(predict).to_have_attribute("aria-checked", "true")
        page.goto("about:blank")
    context.close()


def test_on_a_phone_a_thumb_answers(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    button = panel(page).locator(".choice").first
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


def answered_by_key(page: Page, upto: int) -> None:
    """Go on, always with the first answer, to this step."""
    for _ in range(60):
        if at(page) >= upto:
            return
        page.keyboard.press("1" if page.locator(".asking").count() else "ArrowRight")


def choose(page: Page, right: bool) -> None:
    """Answer the question on screen, by what the server says of its choices."""
    asked = page.request.post(
        page.url.split("#")[0] + "api/questions", data={"gallery": "two-threads-one-page"}
    ).json()
    here = next(q for q in asked["questions"] if q["at"] == at(page) and asks(page, q["ask"]))
    number = next(n for n, choice in enumerate(here["choices"], 1) if choice["right"] is right)
    page.keyboard.press(str(number))


def asks(page: Page, ask: str) -> bool:
    shown = panel(page).locator(".ask").inner_text()
    return plain(shown) == plain(ask)


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", re.sub(r"#(\d+)", r"step \1", text).lower())


def test_an_answer_gets_its_own_verdict(page: Page, server: str) -> None:
    """Also where the step it is asked at has just shown the answer to another question."""
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    seen: list[str] = []
    for _ in range(60):
        if page.locator(".asking").count():
            ask = panel(page).locator(".ask").inner_text()
            choose(page, right=len(seen) % 2 == 0)
            expect(panel(page).locator(".ask")).to_have_text(ask)
            first = panel(page).locator(".told-why p").first
            expect(first).to_contain_text("Right." if len(seen) % 2 == 0 else "Not so.")
            seen.append(ask)
        elif page.get_by_text("All asked").count():
            break
        page.keyboard.press("ArrowRight")
    assert len(seen) == len(set(seen)) >= 5


def test_what_a_step_shows_is_seen_before_the_next_question(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    page.locator("main[data-questions]").wait_for()
    answered_by_key(page, 31)
    assert at(page) == 31
    expect(page.locator(".asking")).to_have_count(0)
    expect(panel(page)).to_contain_text("Press Step for the next question.")
    page.get_by_role("button", name="Step", exact=True).click()
    expect(page.locator(".asking")).to_have_count(1)
    expect(panel(page).locator(".ask")).to_contain_text("Which of these rules does this run break")
    assert at(page) == 31


def test_answers_last_while_one_looks_elsewhere(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    page.locator("main[data-questions]").wait_for()
    answered_by_key(page, 31)
    told = page.locator(".p-predict h2").inner_text()
    page.goto(f"{server}/gallery")
    page.go_back()
    page.locator("main[data-questions]").wait_for()
    expect(page.locator(".p-predict h2")).to_have_text(told)
    page.keyboard.press("Home")
    page.keyboard.press("End")
    assert at(page) == 31


def test_autoplay_at_a_question_says_what_is_missing(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    page.get_by_role("button", name="autoplay").click()
    expect(page.locator(".nudge")).to_have_text("Choose an answer first.")


def test_who_does_not_know_is_shown_and_not_counted(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    panel(page).get_by_role("button", name="I don't know, show me").click()
    expect(panel(page).locator(".right")).to_contain_text("do_no_pfn")
    expect(panel(page)).not_to_contain_text("Not so.")
    page.keyboard.press("End")
    expect(page.locator(".asking")).to_have_count(1)
    page.keyboard.press("0")
    expect(page.locator(".asking")).to_have_count(0)
    expect(panel(page)).not_to_contain_text("of 1 right")


def test_the_words_of_a_question_lead_to_what_they_mean(page: Page, server: str) -> None:
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    panel(page).locator(".ask").get_by_role("button", name="pte").click()
    expect(page.get_by_role("dialog", name="pte")).to_contain_text("Page-table entry")
    page.keyboard.press("Escape")
    panel(page).locator(".terms-in").get_by_role("button", name="do_swap_page").click()
    expect(page.get_by_role("dialog", name="do_swap_page")).to_contain_text("swap")


def test_on_a_phone_what_follows_is_in_view(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/{SCENE}")
    to_the_question(page)
    step = page.get_by_role("button", name="Step", exact=True)
    step.tap(force=True)
    expect(panel(page)).to_contain_text("Choose an answer first")
    for tab in ("Path", "Entry"):
        page.get_by_role("button", name=tab, exact=True).tap()
    expect(page.get_by_role("region", name="The pte, its frame and the TLBs")).to_be_visible()
    panel(page).locator(".choice", has_text="do_anonymous_page").tap()
    told = panel(page).locator(".told-why p").first
    expect(told).to_contain_text("Not so.")
    page.wait_for_function(  # the page glides there
        """() => {
            const told = document.querySelector(".told-why p").getBoundingClientRect();
            const bar = document.querySelector(".moves").getBoundingClientRect();
            return told.top >= 0 && told.bottom <= bar.top;
        }"""
    )
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    step.tap()
    expect(page.locator(".caption .count")).to_be_in_viewport()
    context.close()
