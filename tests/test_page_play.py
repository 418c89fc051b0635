"""The scheduler's game: played by mouse, by keys alone, by touch; claims; links; looks for axe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browser import COUNT_SHIFTS, LAPTOP, PHONE, PROJECTOR, SHIFTED, axe, watched
from playwright.sync_api import Browser, Page, expect

RACE = "/play#l=overwrite&k=nopfn-v2"
REPAIRED = "/play#l=overwrite&k=nopfn-v3"
HALF = f"{RACE}&m=A.nopfn_ret.1"
WON = f"{RACE}&m=A.nopfn_ret.1~B.access.2~A.access.3"


def play(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("main[data-ready]").wait_for()


def changes(page: Page) -> int:
    return int(page.locator(".tally b").first.inner_text())


def press_until(page: Page, thread: str, line: str) -> None:
    """Let a thread run on until its next line of code says this."""
    place = page.get_by_role("region", name=f"thread {thread}")
    for _ in range(30):
        if line in place.inner_text():
            return
        page.keyboard.press(thread.lower())
        page.wait_for_timeout(60)
    raise AssertionError(f"{thread} never came to {line}")


def until_over(page: Page, thread: str) -> None:
    for _ in range(40):
        button = page.get_by_role("button", name=re.compile(f"^{thread}(:| runs on)"))
        if button.get_attribute("aria-disabled") == "true":
            return
        page.keyboard.press(thread.lower())
        page.wait_for_timeout(60)


def test_a_level_is_won_at_par_by_keys_alone(page: Page, server: str) -> None:
    play(page, server + RACE)
    expect(page.locator(".par b")).to_have_text("?")
    press_until(page, "A", "pte_offset_map_lock")
    until_over(page, "B")
    until_over(page, "A")
    result = page.get_by_role("region", name="What came of it")
    expect(result.get_by_role("heading")).to_have_text("Done, with 2 changes of thread.")
    expect(result).to_contain_text("No schedule does it with fewer.", timeout=20_000)
    expect(page.locator(".par b")).to_have_text("2")
    expect(page.get_by_role("status").last).to_contain_text("Done, with 2 changes of thread.")
    assert "m=A.nopfn_ret.1~B.access.2~A.access.3" in page.url
    page.locator(".picker").click()
    expect(
        page.get_by_role("button", name=re.compile("Make it map two frames, v2: won"))
    ).to_contain_text("★")


def test_a_level_is_played_by_mouse(page: Page, server: str) -> None:
    play(page, server + "/play#l=strand&k=nopfn-v4")
    for name, times in (("B runs on", 4), ("A runs on", 1)):
        for _ in range(times):
            page.get_by_role("button", name=name).click()
            page.wait_for_timeout(80)
    assert changes(page) == 1
    page.get_by_role("button", name="A makes one step").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Redo").click()
    assert changes(page) == 1
    page.get_by_role("button", name="Start again").click()
    assert changes(page) == 0
    page.get_by_role("button", name="Undo").click()
    assert changes(page) == 1


def test_a_level_is_played_by_touch(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    said = watched(page)
    play(page, server + HALF)
    for button in page.locator(".bar button, .top .share, .top .icon, .top .picker, .rev").all():
        box = button.bounding_box()
        if box:
            assert box["width"] >= 40 and box["height"] >= 40, button.inner_text()
    for button in page.locator(".turn-of button").all():
        box = button.bounding_box()
        assert box and box["width"] >= 48 and box["height"] >= 48
    for name in ("B", "A"):
        for _ in range(30):
            button = page.get_by_role("button", name=re.compile(f"^{name}(:| runs on)"))
            if button.get_attribute("aria-disabled") == "true":
                break
            button.tap()
            page.wait_for_timeout(60)
    expect(page.locator(".outcome h2")).to_have_text("Done, with 2 changes of thread.")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    context.close()
    assert said == []


def test_a_right_claim_says_what_its_proof_covers(page: Page, server: str) -> None:
    play(page, server + REPAIRED)
    page.get_by_role("button", name="It cannot be done").click()
    result = page.locator(".outcome")
    expect(result.get_by_role("heading")).to_have_text(
        "Right: under v3 it cannot be done.", timeout=20_000
    )
    expect(result).to_contain_text("1,207 states")
    expect(result).to_contain_text("Two threads, one page, with these threads")
    result.get_by_role("button", name="Back to the run").click()
    expect(page.get_by_role("region", name="thread A")).to_be_visible()
    page.reload()
    page.locator(".picker").click()
    expect(
        page.get_by_role("button", name="Make it map two frames, v3: proved impossible")
    ).to_be_visible()


def test_a_wrong_claim_says_so_and_gives_a_hint(page: Page, server: str) -> None:
    play(page, server + HALF)
    page.keyboard.press("n")
    result = page.locator(".outcome")
    expect(result.get_by_role("heading")).to_have_text("It can be done under v2.", timeout=20_000)
    expect(result).to_contain_text("with 2 changes of thread")
    expect(result).to_contain_text("Both threads must have seen the empty pte")
    result.get_by_role("button", name="Go on trying").click()
    assert "m=A.nopfn_ret.1" in page.url


def test_what_can_still_come_is_said_when_asked_only(page: Page, server: str) -> None:
    play(page, server + HALF)
    expect(page.locator(".say.answers")).to_have_count(0)
    page.keyboard.press("q")
    expect(page.locator(".say.answers")).to_contain_text("Yes.", timeout=20_000)
    press_until(page, "A", "user mode")
    expect(page.locator(".say.answers")).to_have_count(0)
    page.get_by_role("button", name="Can it still be done?").click()
    expect(page.locator(".say.answers")).to_contain_text("From here no schedule", timeout=20_000)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("q")
    expect(page.locator(".say.answers")).to_contain_text("Yes.", timeout=20_000)
    page.keyboard.press("h")
    expect(page.locator(".say.answers")).to_contain_text("Hint:")


def test_a_link_opens_the_same_position(page: Page, server: str) -> None:
    play(page, server + WON)
    expect(page.locator(".outcome h2")).to_have_text("Done, with 2 changes of thread.")
    page.get_by_role("button", name="Undo").click()
    assert changes(page) == 1 and page.url.endswith("m=A.nopfn_ret.1~B.access.2")
    play(page, server + RACE + "&m=A.read_pte.99")
    expect(page.get_by_role("alert")).to_contain_text("Not all moves of this link")


@pytest.mark.parametrize("hash", ["", "#l=nothing&k=nothing", "#l=dirty&m=%F0~~A", "#&&&=="])
def test_any_address_opens_a_level(page: Page, server: str, hash: str) -> None:
    play(page, f"{server}/play{hash}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Have ")


def test_nothing_moves_that_was_not_touched(page: Page, server: str) -> None:
    play(page, server + RACE)
    page.wait_for_timeout(300)
    page.evaluate(COUNT_SHIFTS)
    for key in "aaabbbaab":
        page.keyboard.press(key)
        page.wait_for_timeout(80)
    page.keyboard.press("h")
    assert page.evaluate(SHIFTED) == 0


def test_a_way_leads_to_the_stage_and_to_the_next_level(page: Page, server: str) -> None:
    play(page, server + WON)
    page.get_by_role("link", name="Watch yours on the stage").click()
    page.locator("main#stage[data-ready]").wait_for()
    page.go_back()
    page.locator("main[data-ready]").wait_for()
    page.get_by_role("button", name=re.compile("^Next: ")).click()
    expect(page.locator(".outcome")).to_have_count(0)
    assert changes(page) == 0
    page.get_by_role("radio", name=re.compile("v3")).click()
    expect(page).to_have_url(re.compile("k=nopfn-v3"))


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["1280", "1024", "390"])
def test_axe_finds_nothing(browser: Browser, server: str, size: Any, theme: str) -> None:
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    context.add_init_script(f"localStorage.setItem('faultwalk.theme', '{theme}')")
    page = context.new_page()
    for address in (HALF, WON):
        page.goto("about:blank")
        play(page, server + address)
        page.wait_for_timeout(300)
        assert axe(page) == []
    page.locator(".picker").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    context.close()
