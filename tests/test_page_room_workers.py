"""A lesson in a room of several workers, in real browsers."""

from __future__ import annotations

import re

from browser import LAPTOP, PHONE, PROJECTOR, at, watched
from classroom import Class, line, press, question, reaches, says_nothing
from playwright.sync_api import Browser, Page, expect
from redis_server import running_redis
from server import running_server


def test_a_lesson_is_presented_over_two_workers(browser: Browser) -> None:
    with running_redis() as redis:
        settings = {"rate_limit": "off", "redis_url": redis.url}
        with running_server(**settings) as here, running_server(**settings) as there:
            room = Class(browser, here)
            presenter = present_lesson(room)
            phone = room.follow(PHONE, server=there)
            laptops = [room.follow(LAPTOP, server=there), room.follow()]
            everybody = [phone, *laptops]
            expect(presenter.locator("#room")).to_contain_text("3", timeout=15_000)
            asked = step_to_question(presenter, everybody)
            two_rounds(presenter, phone, laptops)
            presenter.keyboard.press("PageDown")  # the answer
            for page in (presenter, *everybody):
                bars = question(page).locator("li", has=page.locator(".mark")).locator(".room-bar")
                expect(bars).to_contain_text(["%", "%"])
                expect(question(page).locator(".told-why")).to_be_visible()
            presenter.keyboard.press("PageDown")  # and the step plays
            for page in (presenter, *everybody):
                reaches(page, asked + 1)
            wander_and_return(presenter, phone, asked + 1)
            for context in room.contexts:
                context.close()
            assert [said for lines in room.said for said in lines] == []


def present_lesson(room: Class) -> Page:
    """Open a lesson, go to the run of its first question, and present it from its beginning."""
    page = room.profile(PROJECTOR).new_page()
    page.add_init_script("localStorage.setItem('faultwalk.been', 'yes')")
    room.said.append(watched(page))
    page.goto(f"{room.server}/lessons/two-threads")
    page.locator("#predict .there a").first.click()
    page.locator("main[data-ready]").wait_for()
    page.get_by_role("radio", name="Predict").click()
    page.locator("main[data-questions]").wait_for()
    page.keyboard.press("Home")
    reaches(page, 0)
    return room.begin(page)


def step_to_question(presenter: Page, everybody: list[Page]) -> int:
    """Step, then go to where something is asked, everybody along; at which step that is."""
    for step in (1, 2):
        presenter.keyboard.press("PageDown")
        for page in everybody:
            reaches(page, step)
    presenter.keyboard.press("End")
    expect(question(presenter).locator(".choice").first).to_be_visible()
    asked = at(presenter)
    for page in everybody:
        reaches(page, asked)
    return asked


def two_rounds(presenter: Page, phone: Page, laptops: list[Page]) -> None:
    """Ask, let all answer, close, and once more; the counts are seen at the end."""
    everybody = [phone, *laptops]
    for n, button in enumerate(("Ask the room", "Ask again")):
        press(presenter, button)
        for page in everybody:
            expect(question(page)).to_contain_text("Talk it over" if n else "Tap your answer")
        phone.locator(".choice").nth(n).tap()
        for page in laptops:
            page.locator(".choice").first.click()
        expect(question(presenter)).to_contain_text("3 of 3 have answered")
        for page in everybody:
            expect(question(page)).to_contain_text("Your answer is in")
            expect(page.locator(".room-bar")).to_have_count(0)
        expect(presenter.locator(".room-bar")).to_have_count(0)
        press(presenter, "Close the question")
        for page in (presenter, *everybody):
            first = page.locator("li").filter(has=page.locator(".choice")).first
            if not n:
                expect(question(page)).to_contain_text(re.compile("Closed[.:] talk it over", re.I))
            seen = ["3 · 100 %", "2 · 67 %"] if n else []
            expect(first.locator(".room-bar")).to_have_text([re.compile(f"{s}$") for s in seen])
            says_nothing(page)


def wander_and_return(presenter: Page, phone: Page, left: int) -> None:
    """Look around while the class goes on, and go back to where it is."""
    phone.get_by_role("button", name="Step back").tap()
    expect(line(phone)).to_contain_text("You are looking around")
    presenter.keyboard.press("PageUp")
    presenter.keyboard.press("PageUp")
    expect(line(phone)).to_contain_text(f"the presenter is at step {left - 2}")
    phone.get_by_role("button", name="Go back").tap()
    reaches(phone, left - 2)
    expect(line(phone)).to_contain_text("Following room")
