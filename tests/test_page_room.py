"""A room in real browsers: who presents, who follows, and the questions between them."""

from __future__ import annotations

import re
import socket
import tempfile
from collections.abc import Iterator

import pytest
from browser import PHONE, PROJECTOR, at, axe, visit, watched
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


@pytest.fixture
def room(browser: Browser, server: str) -> Iterator[Class]:
    """A class in which nobody's console may say anything."""
    made = Class(browser, server)
    yield made
    for context in made.contexts:
        context.close()
    assert [line for lines in made.said for line in lines] == []


def test_three_follow_through_a_poll_of_two_rounds(room: Class) -> None:
    presenter = room.present(f"{SCENE}&m=predict")
    phone, *laptops = everybody = [room.follow(PHONE), room.follow(), room.follow()]
    expect(presenter.locator("#room")).to_contain_text("3")
    to_question(presenter)
    for page in everybody:
        reaches(page, ASKED_AT)
        expect(question(page).get_by_role("status")).to_contain_text("Make up your mind")
        says_nothing(page)

    press(presenter, "Ask the room")
    expect(question(presenter)).to_contain_text("0 of 3 have answered")
    for page in everybody:
        expect(question(page)).to_contain_text("Tap your answer")
    phone.locator(".choice").nth(WRONG).tap()
    laptops[0].locator(".choice").nth(WRONG).click()
    laptops[1].keyboard.press("4")
    for page in everybody:
        expect(question(page)).to_contain_text("Your answer is in")
        says_nothing(page)
        expect(page.locator(".room-bar")).to_have_count(0)
    expect(question(presenter)).to_contain_text("3 of 3 have answered")
    expect(presenter.locator(".room-bar")).to_have_count(0)
    phone.locator(".choice").nth(2).tap()  # it may change
    expect(phone.locator(".choice").nth(2)).to_have_attribute("aria-pressed", "true")
    expect(question(phone)).to_contain_text("Your answer is in")

    press(presenter, "Close the question")
    for page in (presenter, *everybody):
        expect(question(page)).to_contain_text("Talk it over with your neighbour")
        expect(page.locator(".room-bar")).to_have_count(0)  # or the talk would follow the many
        says_nothing(page)
    press(presenter, "Show the numbers")
    first = ["1 · 33 %", "0 · 0 %", "1 · 33 %", "1 · 33 %"]
    expect(presenter.locator(".room-bar > span")).to_have_text(first)
    says_nothing(presenter)
    press(presenter, "Ask again")
    expect(presenter.locator(".room-bar")).to_have_count(0)
    for page in everybody:
        expect(question(page)).to_contain_text("Talk it over")
        expect(page.locator(".room-bar")).to_have_count(0)
    phone.locator(".choice").nth(RIGHT).tap()
    laptops[0].locator(".choice").nth(RIGHT).click()
    laptops[1].locator(".choice").nth(3).click()
    expect(question(presenter)).to_contain_text("3 of 3 have answered")
    press(presenter, "Close the question")
    for page in (phone, presenter):
        expect(page.locator(".room-bar")).to_have_count(8)
        says_nothing(page)

    presenter.keyboard.press("PageDown")  # a clicker has no other key
    for page in (presenter, *everybody):
        right = question(page).locator("li").nth(RIGHT)
        expect(right.locator(".right .mark")).to_be_visible()
        expect(right.locator(".room-bar")).to_contain_text(["0 · 0 %", "2 · 67 %"])
        expect(question(page).locator(".told-why")).to_contain_text("->nopfn")
    assert at(presenter) == ASKED_AT
    presenter.keyboard.press("PageDown")
    for page in everybody:
        reaches(page, ASKED_AT + 1)


def test_a_wanderer_is_told_where_the_class_is_and_comes_back(room: Class) -> None:
    presenter, phone = room.present(), room.follow(PHONE)
    presenter.keyboard.press("PageDown")
    reaches(phone, 1)
    expect(line(phone)).to_contain_text(f"Following room {room.name}")
    top = phone.locator(".caption").bounding_box()
    phone.get_by_role("button", name="Step", exact=True).tap()
    reaches(phone, 2)
    expect(line(phone)).to_contain_text("You are looking around")
    assert phone.locator(".caption").bounding_box() == top
    for _ in range(4):
        presenter.keyboard.press(" ")
    expect(line(phone)).to_contain_text("the presenter is at step 5")
    reaches(phone, 2)
    phone.get_by_role("button", name="Go back").tap()
    reaches(phone, 5)
    presenter.keyboard.press("PageUp")
    reaches(phone, 4)
    assert phone.url == f"{room.server}/r/{room.name}"


def test_followers_go_to_another_run_and_another_mode(room: Class) -> None:
    presenter, page = room.present(), room.follow()
    presenter.get_by_role("radio", name="v3").click()
    expect(page.get_by_role("radio", name="v3")).to_have_attribute("aria-checked", "true")
    presenter.get_by_role("radio", name="What if").click()
    expect(page.get_by_role("radio", name="What if")).to_have_attribute("aria-checked", "true")
    presenter.keyboard.press("PageDown")
    reaches(page, 1)
    expect(line(page)).to_contain_text("Following")


def test_a_presenter_who_reloads_goes_on_with_the_room_and_its_question(room: Class) -> None:
    presenter, page = room.present(f"{SCENE}&m=predict"), room.follow()
    to_question(presenter)
    reaches(page, ASKED_AT)
    press(presenter, "Ask the room")
    page.locator(".choice").nth(1).click()
    expect(question(page)).to_contain_text("Your answer is in")
    presenter.reload()
    expect(presenter.locator("#room")).to_contain_text(room.name)
    expect(question(presenter)).to_contain_text("1 of 1 have answered")
    expect(presenter.locator("html")).to_have_attribute("data-theme", "projector")
    press(presenter, "Close the question")
    press(presenter, "Show the answer")
    expect(page.locator(".room-bar > span").nth(1)).to_have_text("1 · 100 %")


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_a_server_that_begins_anew_goes_on_with_the_same_room(browser: Browser) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = {"data": folder, "rate_limit": "off", "port": free_port()}
        with running_server(**settings) as address:
            room = Class(browser, address)
            presenter, page = room.present(f"{SCENE}&m=predict"), room.follow()
            to_question(presenter)
            press(presenter, "Ask the room")
            page.locator(".choice").nth(1).click()
            expect(question(page)).to_contain_text("Your answer is in")
            press(presenter, "Close the question")
            expect(question(page)).to_contain_text("Closed. Talk it over")
            expect(question(presenter)).to_contain_text("Closed: talk it over")
        expect(line(page)).to_contain_text("No connection")
        with running_server(**settings):
            expect(line(page)).to_contain_text(f"Following room {room.name}", timeout=30_000)
            says_nothing(page)
            press(presenter, "Ask again")
            page.locator(".choice").first.click()
            expect(question(page)).to_contain_text("Your answer is in")
        expect(line(page)).to_contain_text("No connection")
        with running_server(**settings):
            expect(question(presenter)).to_contain_text("1 of 1 have answered", timeout=30_000)
            expect(line(page)).to_contain_text(f"Following room {room.name}")
            expect(page.locator(".choice").first).to_have_attribute("aria-pressed", "true")
            says_nothing(page)
            press(presenter, "Close the question")
            both = [re.compile(f"{share}$") for share in ("0 · 0 %", "1 · 100 %") * 2]
            both[2:] = reversed(both[2:])
            for one in (page, presenter):
                expect(one.locator(".room-bar")).to_have_count(8)
                expect(one.locator("li:nth-child(-n + 2) .room-bar")).to_have_text(both)
            press(presenter, "Show the answer")
            presenter.keyboard.press("PageDown")
            reaches(page, ASKED_AT + 1)
            for context in room.contexts:
                context.close()


def test_who_has_no_socket_follows_a_stream_and_answers_all_the_same(room: Class) -> None:
    presenter = room.present(f"{SCENE}&m=predict")
    context = room.profile(PHONE, touch=True)
    context.route_web_socket(re.compile(".*"), lambda ws: ws.close())
    followers = [room.follow(context=context) for _ in range(2)]
    to_question(presenter)
    for page in followers:
        reaches(page, ASKED_AT)
    press(presenter, "Ask the room")
    for page in followers:
        page.locator(".choice").first.tap()
        expect(question(page)).to_contain_text("Your answer is in")
    expect(question(presenter)).to_contain_text("2 of 2 have answered")
    press(presenter, "Close the question")
    press(presenter, "Show the answer")
    expect(followers[1].locator(".room-bar > span").first).to_have_text("2 · 100 %")


def test_who_has_no_socket_presents_all_the_same(room: Class) -> None:
    context = room.profile(PROJECTOR)
    context.route_web_socket(re.compile(".*"), lambda ws: ws.close())
    presenter = context.new_page()
    visit(presenter, f"{room.server}{SCENE}&m=predict")
    room.begin(presenter)
    phone = room.follow(PHONE)
    expect(presenter.locator("#room")).to_contain_text("1")
    presenter.keyboard.press("PageDown")
    reaches(phone, 1)
    to_question(presenter)
    reaches(phone, ASKED_AT)
    press(presenter, "Ask the room")
    phone.locator(".choice").first.tap()
    expect(question(presenter)).to_contain_text("1 of 1 have answered")
    press(presenter, "Close the question")
    press(presenter, "Show the answer")
    for page in (presenter, phone):
        expect(page.locator(".room-bar > span").first).to_have_text("1 · 100 %")
    presenter.locator("#room").click()
    press(presenter, "End the class")
    press(presenter, "Let everybody go?")
    expect(line(phone)).to_contain_text("The class is over")
    expect(presenter.locator("#room")).to_have_count(0)


def test_a_network_that_was_away_leads_to_the_right_step(room: Class) -> None:
    presenter, page = room.present(), room.follow()
    reaches(page, 0)
    context = room.contexts[-1]
    room.said.pop()  # the console tells what could not be fetched
    context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    for _ in range(3):
        presenter.keyboard.press("PageDown")
    context.set_offline(False)
    reaches(page, 3)
    expect(line(page)).to_contain_text("Following")


def test_a_dark_screen_and_the_end(room: Class) -> None:
    presenter, phone = room.present(), room.follow(PHONE)
    presenter.keyboard.press(".")
    expect(presenter.locator(".room-black")).to_be_visible()
    expect(phone.locator(".room-dark")).to_be_visible()
    presenter.keyboard.press("PageDown")  # light again, and no step
    expect(phone.locator(".room-dark")).to_have_count(0)
    assert at(presenter) == 0
    presenter.keyboard.press("b")
    phone.get_by_role("button", name="Look around meanwhile").tap()
    phone.get_by_role("button", name="Step", exact=True).tap()
    reaches(phone, 1)
    presenter.keyboard.press("b")

    presenter.locator("#room").click()
    press(presenter, "End the class")
    press(presenter, "Let everybody go?")
    expect(presenter.locator("#room")).to_have_count(0)
    expect(presenter.locator("html")).to_have_attribute("data-theme", "auto")
    expect(line(phone)).to_contain_text("The class is over")
    phone.get_by_role("button", name="Step", exact=True).tap()
    reaches(phone, 2)
    phone.get_by_role("link", name="Keep this run").tap()
    phone.locator("main[data-ready]").wait_for()
    assert at(phone) == 2 and "/#z1." in phone.url


def test_the_notes_are_kept_in_step_and_drive(room: Class) -> None:
    presenter = room.present(f"{SCENE}&m=predict")
    presenter.locator("main[data-questions]").wait_for()
    presenter.locator("#room").click()
    with presenter.context.expect_page() as opened:
        press(presenter, "Notes for me")
    notes = opened.value
    said = watched(notes)
    expect(notes.get_by_role("heading", level=1)).to_contain_text("Two threads, one page")
    expect(notes.locator(".notes-right")).to_contain_text("do_no_pfn")
    press(notes, "Step ▶")
    reaches(presenter, 1)
    expect(notes.locator(".notes-now")).to_have_text(
        presenter.get_by_role("heading", level=1).inner_text()
    )
    notes.keyboard.press("PageDown")
    reaches(presenter, 2)
    assert axe(notes) == [] and said == []


def test_the_spot_follows_pointer_and_finger(room: Class) -> None:
    presenter = room.present()
    presenter.mouse.move(300, 300)
    spot = presenter.locator(".room-laser")
    expect(spot).to_be_visible()
    box = spot.bounding_box()
    assert box is not None and abs(box["x"] + box["width"] / 2 - 300) < 1
    presenter.keyboard.press("l")
    presenter.mouse.move(310, 300)
    expect(spot).to_be_hidden()


def test_a_name_is_typed_by_hand_and_a_wrong_one_is_told(room: Class) -> None:
    room.present()
    page = room.profile(PHONE).new_page()
    page.goto(f"{room.server}/r")
    assert axe(page) == []
    field = page.get_by_role("textbox", name="Name of the room")
    field.fill("k7m")
    press(page, "Follow")
    expect(page.get_by_role("status")).to_contain_text("eight letters and digits")
    field.fill(room.name.upper().replace("-", " "))
    field.press("Enter")
    expect(page).to_have_url(f"{room.server}/r/{room.name}")
    expect(line(page)).to_contain_text("Following")
    page.goto(f"{room.server}/r/aaaa-bbbb")
    expect(line(page)).to_contain_text("There is no room aaaa-bbbb")
    assert axe(page) == []
    page.get_by_role("link", name="Another name").click()
    expect(field).to_be_focused()


def test_axe_finds_nothing_and_a_thumb_finds_everything(room: Class) -> None:
    presenter, phone = room.present(f"{SCENE}&m=predict"), room.follow(PHONE)
    to_question(presenter)
    reaches(phone, ASKED_AT)
    press(presenter, "Ask the room")
    expect(question(phone)).to_contain_text("Tap your answer")
    assert axe(presenter) == [] and axe(phone) == []
    small = phone.locator(".choice, .room-back, .moves button:visible").evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().height < 48).map(e => e.outerHTML)"
    )
    assert small == []
    presenter.locator("#room").click()
    presenter.wait_for_timeout(300)
    assert axe(presenter) == []
    press(presenter, "Show the way in j")
    expect(presenter.locator(".room-join")).to_be_visible()
    assert axe(presenter) == []
