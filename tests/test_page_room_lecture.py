"""A lecture held with two keys: what clicker and notes do with a question."""

from __future__ import annotations

import tempfile

from browser import LAPTOP, PHONE, at, axe, watched
from classroom import (
    ASKED_AT,
    RIGHT,
    SCENE,
    WRONG,
    Class,
    line,
    press,
    question,
    reaches,
    says_nothing,
    to_question,
)
from playwright.sync_api import Browser, expect
from server import running_server
from test_page_room import room

__all__ = ["room"]

BOUNCE = 1600
"""Milliseconds in which a clicker does not close what it has just opened."""


def test_a_clicker_asks_closes_asks_again_and_shows(room: Class) -> None:
    presenter, phone = room.present(f"{SCENE}&m=predict"), room.follow(PHONE)
    expect(presenter.locator("#room")).to_contain_text("1")
    to_question(presenter)
    reaches(phone, ASKED_AT)
    presenter.keyboard.press("PageDown")
    expect(question(phone)).to_contain_text("Tap your answer")
    presenter.keyboard.press("PageDown")  # a key that bounces
    phone.locator(".choice").nth(WRONG).tap()
    expect(question(presenter)).to_contain_text("1 of 1 have answered")
    presenter.wait_for_timeout(BOUNCE)
    presenter.keyboard.press("PageDown")
    for page in (presenter, phone):
        expect(question(page)).to_contain_text("Talk it over with your neighbour")
        expect(page.locator(".room-bar")).to_have_count(0)
        says_nothing(page)
    presenter.keyboard.press("PageDown")  # few were right: once more
    expect(question(phone)).to_contain_text("answer once more")
    phone.locator(".choice").nth(RIGHT).tap()
    expect(question(presenter)).to_contain_text("1 of 1 have answered")
    presenter.wait_for_timeout(BOUNCE)
    presenter.keyboard.press("PageDown")
    for page in (presenter, phone):
        expect(page.locator(".room-bar")).to_have_count(8)
    presenter.keyboard.press("PageDown")
    expect(question(phone).locator(".right .mark")).to_be_visible()
    assert at(presenter) == ASKED_AT
    presenter.keyboard.press("PageDown")
    reaches(phone, ASKED_AT + 1)


def test_where_most_are_right_the_clicker_shows_the_answer(room: Class) -> None:
    presenter, phone = room.present(f"{SCENE}&m=predict"), room.follow(PHONE)
    expect(presenter.locator("#room")).to_contain_text("1")
    to_question(presenter)
    press(presenter, "Ask the room")
    phone.locator(".choice").nth(RIGHT).tap()
    expect(question(presenter)).to_contain_text("1 of 1 have answered")
    press(presenter, "Close the question")
    expect(question(presenter).locator(".room-act.first")).to_have_text("Show the answer")
    presenter.keyboard.press("PageDown")
    expect(question(phone).locator(".right .mark")).to_be_visible()


def test_with_nobody_here_the_clicker_goes_on_past_a_question(room: Class) -> None:
    presenter = room.present(f"{SCENE}&m=predict")
    to_question(presenter)
    expect(question(presenter).locator(".show-me")).to_be_hidden()
    presenter.keyboard.press("PageDown")
    expect(question(presenter).locator(".right .mark")).to_be_visible()
    presenter.keyboard.press("PageDown")
    reaches(presenter, ASKED_AT + 1)


def test_a_lecture_goes_on_when_the_server_is_gone(browser: Browser) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with running_server(data=folder, rate_limit="off") as address:
            room = Class(browser, address)
            presenter, phone = room.present(f"{SCENE}&m=predict"), room.follow(PHONE)
            to_question(presenter)
            presenter.keyboard.press("PageDown")
            expect(question(phone)).to_contain_text("Tap your answer")
        expect(question(presenter)).to_contain_text("no connection")
        presenter.keyboard.press("PageDown")
        expect(question(presenter).locator(".right .mark")).to_be_visible()
        presenter.keyboard.press("PageDown")
        reaches(presenter, ASKED_AT + 1)
        for context in room.contexts:
            context.close()


def test_the_notes_ask_and_alone_see_the_first_numbers(room: Class) -> None:
    presenter, phone = room.present(f"{SCENE}&m=predict"), room.follow(PHONE)
    expect(presenter.locator("#room")).to_contain_text("1")
    to_question(presenter)
    presenter.locator("#room").click()
    with presenter.context.expect_page() as opened:
        press(presenter, "Notes for me")
    notes = opened.value
    said = watched(notes)
    press(notes, "Ask the room")
    expect(question(phone)).to_contain_text("Tap your answer")
    phone.locator(".choice").nth(1).tap()
    expect(notes.locator("mark")).to_have_text("open, 1 of 1 answered")
    notes.wait_for_timeout(BOUNCE)
    press(notes, "Close the question")
    expect(notes.locator(".notes-choices li").nth(1)).to_contain_text("1 · 100 %")
    expect(presenter.locator(".room-bar")).to_have_count(0)
    expect(phone.locator(".room-bar")).to_have_count(0)
    assert axe(notes) == [] and said == []
    press(notes, "Show the answer")
    expect(question(phone).locator(".right .mark")).to_be_visible()
    press(notes, "Step ▶")
    reaches(phone, ASKED_AT + 1)


def test_the_spot_hides_nothing_that_is_pressed(room: Class) -> None:
    presenter = room.present()
    presenter.locator(".caption").hover()
    expect(presenter.locator(".room-laser")).to_be_visible()
    presenter.locator("#room").hover()
    expect(presenter.locator(".room-laser")).to_be_hidden()


def test_what_stands_on_the_wall_can_be_typed_line_by_line(room: Class) -> None:
    room.present()
    page = room.profile(PHONE, touch=True).new_page()
    page.goto(room.server)
    page.locator("main[data-ready]").wait_for()
    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("link", name="Follow a class").tap()
    expect(page.get_by_role("textbox", name="Name of the room")).to_be_focused()
    page.goto(f"{room.server}/r/")
    expect(page).to_have_url(f"{room.server}/r")


def test_who_comes_back_when_the_class_is_over_finds_its_run(room: Class) -> None:
    presenter, phone = room.present(), room.follow(PHONE)
    presenter.locator("#room").click()
    press(presenter, "End the class")
    press(presenter, "Let everybody go?")
    expect(line(phone)).to_contain_text("The class is over")
    phone.reload()
    expect(line(phone)).to_contain_text("the class is over, or has not begun")
    expect(phone.locator(".picker")).to_be_hidden()
    assert axe(phone) == []
    expect(phone.get_by_role("link", name="Lessons")).to_be_visible()
    phone.get_by_role("link", name="The run of that class").tap()
    phone.locator("main[data-ready]").wait_for()
    expect(phone.locator(".picker")).to_contain_text("Two threads, one page")
    room.said.clear()  # the console tells of the room that was not there


def test_a_lesson_leads_into_a_room_and_its_link_does_not_lead_others(room: Class) -> None:
    page = room.profile(LAPTOP).new_page()
    page.goto(f"{room.server}/lessons/recheck")
    page.get_by_role("link", name="Present it: A driver that keeps its promise, v2").click()
    expect(page.get_by_role("dialog", name="Follow on your own screen")).to_be_visible()
    expect(page.locator(".picker")).to_contain_text("A driver that keeps its promise")
    assert "present" not in page.url and "m=predict" in page.url
