"""Schedules on the page: every schedule tried, outcomes replayed, questions, the table of kernels.

By mouse, by the keyboard alone, by touch; a search is followed, found again, cancelled.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys

import pytest
from browser import LAPTOP, PHONE, PROJECTOR, at, axe, heading, visit, watched
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from scenes import fickle, read, write
from server import running_server

from engine.share import encode_link

RACE = "#s=two-threads-one-page&t=21&m=schedules"
CROWD = fickle(*([write(), read(1)] for _ in range(7))).model_copy(update={"title": "A crowd"})
LONG = f"#{encode_link(CROWD)}&t=0&m=schedules"
"""Its search does not come to an end before the time is up."""

SOON = 30_000


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Schedules")


def rule(page: Page, name: str) -> Locator:
    return answered(page).locator(".rule-row").filter(has_text=name)


def answered(page: Page) -> Locator:
    """The panel, once the search is done."""
    expect(panel(page).locator(".answer")).to_be_visible(timeout=SOON)
    return panel(page)


def test_the_answer_says_what_was_looked_at_and_what_that_covers(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    answer = answered(page).locator(".answer")
    expect(answer).to_contain_text("It can go wrong: 2 rules break")
    expect(answer).to_contain_text(
        "All 8,235,839,458 schedules (714 states) looked at: 16 outcomes"
    )
    answer.get_by_text("What exactly this covers").click()
    expect(answer).to_contain_text("Exact: every state")
    expect(answer).to_contain_text("nopfn-v2 on i386")


def test_it_says_what_a_schedule_is(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    expect(answered(page)).to_contain_text("A schedule is one order in which the threads take")


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"])
def test_another_order_says_so_and_leads_back(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page = browser.new_page(viewport=size)
    visit(page, f"{server}/{RACE}")
    rule(page, "present pte overwritten").click()
    told = page.locator(".detour")
    expect(told).to_contain_text("Another order")
    expect(panel(page).locator(".forked")).to_contain_text("Another order of turns runs now")
    rule(page, "TLB and pte disagree").click()
    page.get_by_role("radio", name="Play").click()
    expect(told).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    told.get_by_role("button", name="back to the order before, at step 21").click()
    expect(told).to_have_count(0)
    assert at(page) == 21
    page.close()


def test_on_a_phone_the_order_of_tabs_is_the_order_seen(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=PHONE)
    visit(page, f"{server}/{RACE}")
    tops = answered(page).evaluate(
        "sched => [...sched.querySelectorAll('.answer, .rule-row, .outcome, #exists')]"
        ".filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().top)"
    )
    assert len(tops) > 10 and tops == sorted(tops)
    page.set_viewport_size(LAPTOP)
    expect(panel(page).locator(".sched-left")).to_contain_text("Is there a schedule in which")
    page.close()


def test_where_nothing_breaks_it_says_so(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=lost-dirty-bit&k=nopfn-v3&t=0&m=schedules")
    expect(answered(page).locator(".answer h3")).to_contain_text("Nothing ever breaks")
    visit(page, f"{server}/#s=two-threads-one-page&k=nopfn-v3&t=0&m=schedules")
    expect(answered(page).locator(".answer h3")).to_contain_text("Only the driver")


def test_a_broken_rule_is_replayed_at_the_step_where_it_breaks(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    rule(page, "present pte overwritten").click()
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "27")
    expect(page.locator(".caption .chip")).to_contain_text("present pte overwritten")
    expect(answered(page).locator(".answer")).to_contain_text("16 outcomes")
    page.go_back()
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "21")


def test_the_drivers_promise_is_told_apart(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    rules = answered(page).locator(".breaks li")
    expect(rules).to_have_count(3)
    expect(rules.last).to_contain_text("○")
    expect(rules.last).to_contain_text("the driver's promise")


def test_outcomes_are_folded_counted_marked_and_replayed(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    told = answered(page)
    groups = told.locator(".told-group")
    expect(groups).to_have_count(3)
    assert [g.get_attribute("open") is not None for g in groups.all()] == [False, False, True]
    expect(told.locator(".outcome")).to_have_count(16)
    expect(told.locator(".outcome.own")).to_have_count(1)
    expect(told.locator(".outcome.own")).to_contain_text("the run on the stage")
    counts = told.locator(".outcome .weight > span").all_text_contents()
    assert sum(int(re.sub(r"\D", "", text)) for text in counts) == 8_235_839_458
    groups.first.locator("summary").click()
    told.locator(".outcome-go").first.click()
    expect(told.locator(".outcome.own .outcome-go").first).to_contain_text("untouched")
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuemax", "20")


def test_two_outcomes_are_compared(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    boxes = answered(page).get_by_role("checkbox")
    boxes.nth(0).check()
    expect(panel(page).get_by_role("link", name="Compare with the run")).to_be_visible()
    boxes.nth(3).check()
    panel(page).get_by_role("link", name="Compare the two").click()
    page.locator("main[data-ready]").wait_for()
    assert "/compare#z1." in page.url and "~z1." in page.url


def test_what_can_still_come_and_a_branch_that_is_taken(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    here = answered(page).get_by_role("region", name="At this step")
    expect(here).to_contain_text("After step 21, 8 of 16 outcomes can still come")
    expect(here).to_contain_text("by A, decides: 4 outcomes can no longer come")
    branch = here.get_by_role("button", name="If B ran here")
    expect(branch).to_contain_text("8 outcomes (4 only this way)")
    expect(branch).to_contain_text("present pte overwritten")
    assert page.locator(".turn.strong").count() > 2
    told = heading(page)
    branch.click()
    expect(page.locator(".forked")).to_be_visible()
    assert (at(page), heading(page)) == (21, told)
    page.keyboard.press("ArrowRight")
    assert "B" in heading(page)


def test_the_lanes_have_their_row_in_this_mode_only(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    answered(page)
    expect(page.locator(".turns .reach")).to_have_count(5)
    page.get_by_role("radio", name="Play").click()
    expect(page.locator(".turns")).to_have_count(0)


def test_the_keyboard_alone(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=two-threads-one-page&t=0")
    page.get_by_role("radio", name="Play").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("radio", name="Schedules")).to_have_attribute("aria-checked", "true")
    told = answered(page)
    seen = []
    for _ in range(3):
        page.keyboard.press("f")
        seen.append(at(page))
    assert seen == sorted(seen) and seen[0] == 7
    expect(told).to_contain_text("decides")
    page.keyboard.press("Shift+F")
    assert at(page) == seen[1]
    rule(page, "TLB and pte disagree").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "32")
    field = told.get_by_label("Is there a schedule in which")
    field.focus()
    page.keyboard.type("stale()")
    page.keyboard.press("Enter")
    expect(told.locator(".reply")).to_contain_text("Yes.", timeout=SOON)


def test_a_question_is_answered_and_replayed(page: Page, server: str) -> None:
    visit(page, f"{server}/{RACE}")
    told = answered(page)
    told.get_by_role("button", name="mspec[3] ends on 0x7000b").click()
    expect(told.locator(".reply")).to_contain_text("Yes.", timeout=SOON)
    told.get_by_role("button", name="replay it").click()
    expect(page.get_by_role("banner")).to_contain_text("Another order")
    expect(page.locator(".results")).to_contain_text("0x7000b")
    expect(told.locator(".reply")).to_contain_text("Yes.")
    told.get_by_role("button", name="B waits for ever").click()
    expect(told.locator(".reply")).to_contain_text("No.", timeout=SOON)
    expect(told.locator(".reply")).to_contain_text("none of 8,235,839,458 schedules")


def test_a_question_that_makes_no_sense_is_refused_in_words(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=LAPTOP)
    visit(page, f"{server}/{RACE}")
    told = answered(page)
    told.get_by_label("Is there a schedule in which").fill('pfn("x[1]")')
    told.get_by_role("button", name="Search").click()
    expect(told.get_by_role("alert")).to_contain_text("there is no such page", timeout=SOON)
    page.close()


def test_a_search_is_followed_found_again_after_a_reload_and_cancelled(
    page: Page, server: str
) -> None:
    followed: list[str] = []
    page.on("request", lambda r: followed.append(r.url) if r.url.endswith("/events") else None)
    visit(page, f"{server}/{LONG}")
    going = panel(page).locator(".going")
    expect(going).to_contain_text(re.compile(r"[1-9][\d,]* states? so far"), timeout=SOON)
    expect(going).to_contain_text("Left of the budget")
    page.reload()
    expect(going).to_contain_text(re.compile(r"[1-9][\d,]* states? so far"), timeout=SOON)
    assert len(followed) > 1 and len(set(followed)) == 1
    going.get_by_role("button", name="Cancel").click()
    answer = answered(page).locator(".answer")
    expect(answer).to_contain_text("Not all: you stopped it after")
    expect(answer.get_by_role("button", name="Try every schedule")).to_be_visible()


def test_a_search_that_was_cut_says_so_and_how_to_go_on(page: Page) -> None:
    with running_server(search_states="60", rate_limit="off") as small:
        visit(page, f"{small}/{RACE}")
        answer = answered(page).locator(".answer")
        expect(answer).to_contain_text("there may be more")
        answer.get_by_text("Search further on your own machine").click()
        command = answer.locator(".command").inner_text()
    line = shlex.split(command.replace("./faultwalk", f"{sys.executable} -m engine"))
    done = subprocess.run([*line, "--json"], capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["complete"] and found["outcomes_in_all"] == 16


def test_on_a_phone_a_thumb_replays(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    said = watched(page)
    visit(page, f"{server}/{RACE}")
    row = rule(page, "present pte overwritten")
    box = row.bounding_box()
    assert box is not None and box["height"] >= 48
    row.tap()
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "27")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for target in panel(page).locator("button:visible, summary:visible, .pick:visible").all():
        size = target.bounding_box()
        assert size is not None and size["height"] >= 44, target.inner_text()
    assert said == []
    context.close()


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, server: str, size: ViewportSize, theme: str) -> None:
    page = browser.new_page(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    visit(page, f"{server}/{RACE}")
    answered(page)
    page.evaluate("document.querySelectorAll('.sched details').forEach(d => { d.open = true })")
    assert axe(page) == []
    page.goto(f"{server}/matrix#s=lost-dirty-bit")
    expect(page.locator("table.matrix").first).to_be_visible(timeout=SOON * 2)
    assert axe(page) == []
    page.close()


# --- the table of all kernels


def tabled(page: Page, address: str) -> Locator:
    page.goto(address)
    expect(page.locator("table.matrix").first).to_be_visible(timeout=SOON * 2)
    return page.get_by_role("table", name="Rules by kernel on i386", exact=True)


def test_the_table_says_which_kernels_break_what(page: Page, server: str) -> None:
    table = tabled(page, f"{server}/matrix#s=two-threads-one-page")
    says = page.locator(".matrix-says")
    expect(says).to_contain_text("v1 and v2 can break: “present pte overwritten”")
    expect(says).to_contain_text("From v3 on nothing of the kernel's own breaks")
    expect(says).to_contain_text("The driver can break its promise under v1")
    row = table.get_by_role("row", name="present pte overwritten")
    expect(row.locator(".breaks")).to_have_count(2)
    expect(row.locator(".holds")).to_have_count(5)
    driver = table.get_by_role("row", name="the driver's promise")
    expect(driver.locator(".breaks")).to_have_count(0)
    expect(driver.locator(".driver").first).to_contain_text("○")
    row.get_by_role("link", name="breaks; replay to step 27").first.click()
    page.locator("main[data-ready]").wait_for()
    assert at(page) == 27
    expect(page.locator(".caption .chip")).to_contain_text("present pte overwritten")


def test_a_refusal_is_no_fault_and_the_missing_queue_is_said(page: Page, server: str) -> None:
    table = tabled(page, f"{server}/matrix#s=dead-thread-holds-mmap-sem")
    says = page.locator(".matrix-says")
    expect(says).to_contain_text("Under v4, v5, and 2.6.19 the first fault oopses in a BUG_ON")
    expect(says).to_contain_text("munmap keeps the vma here")
    expect(says).not_to_contain_text("“BUG”")
    expect(table.get_by_role("row", name="BUG").locator(".breaks")).to_have_count(0)
    waits = table.get_by_role("row", name="deadlock")
    expect(waits).to_contain_text("without mmap_sem's queue")
    expect(waits.locator(".breaks")).to_have_count(3)
    expect(page.locator(".legend-line")).to_contain_text("mmap_sem is not fair here")


def test_the_architecture_is_a_switch_and_paper_has_all(page: Page, server: str) -> None:
    tabled(page, f"{server}/matrix#s=top-bit-pfn-cut-off")
    shown = page.locator(".matrix-scroll:visible")
    expect(shown).to_have_count(1)
    page.get_by_role("button", name="x86-64", exact=True).click()
    expect(shown).to_have_attribute("aria-label", "Rules by kernel on x86-64")
    page.emulate_media(media="print")
    expect(shown).to_have_count(3)


def test_the_table_is_linked_from_the_mode_and_from_the_gallery(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=lost-dirty-bit&t=0&m=schedules")
    link = answered(page).get_by_role("link", name="under every kernel")
    assert (link.get_attribute("href") or "").startswith("/matrix#z1.")
    link.click()
    expect(page.locator("table.matrix").first).to_be_visible(timeout=SOON * 2)
    expect(page.get_by_role("heading", level=1)).to_contain_text("A driver that keeps its promise")
    page.goto(f"{server}/gallery")
    card = page.locator("[data-id=lost-dirty-bit]")
    card.get_by_role("link", name="every kernel").click()
    expect(page).to_have_url(f"{server}/matrix#s=lost-dirty-bit")


def test_the_table_fits_a_phone(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    tabled(page, f"{server}/matrix#s=lost-dirty-bit")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".breaks a").first.tap()
    page.locator("main[data-ready]").wait_for()
    assert at(page) > 0
    context.close()


def test_the_first_view_brings_nothing_of_it(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, f"{server}/#s=two-threads-one-page&t=0")
    page.wait_for_timeout(500)
    assert not [url for url in asked if "explorations" in url or "words" in url]
    sizes = 0
    for url in asked:
        if re.search(r"\.(js|css)$", url):
            answer = page.request.get(url, headers={"accept-encoding": "br"})
            sizes += int(answer.headers["content-length"])
    assert 0 < sizes < 60_000
    assert "sched_" not in page.content() and "matrix_" not in page.content()
