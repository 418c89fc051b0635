"""Be the kernel in a browser: by mouse, by keys alone, by touch; verdicts, hints, links; axe."""

from __future__ import annotations

import re
from typing import Any

import pytest
from browser import COUNT_SHIFTS, LAPTOP, PHONE, PROJECTOR, SHIFTED, axe, watched
from playwright.sync_api import Browser, Page, expect

from engine.byhand.reference import reference

FIRST = "/be-the-kernel#t=first-read&k=2.6.17"
RACE = "/be-the-kernel#t=device-race&k=nopfn-v3"
ASKED = f"{RACE}&m=down_read~find_vma~walk~read_pte~nopfn~spin_lock"
WRONG = f"{ASKED}~set_pte.told.PWUAD"
LOST = f"{WRONG}~spin_unlock~ret.MINOR~up_read~iret"


def solution(task: str, kernel: str) -> str:
    return "~".join(event.move for event in reference(task, kernel, "en").events)


def begin(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("main[data-ready]").wait_for()


def made(page: Page) -> int:
    return int(page.locator(".tally b").first.inner_text())


def press(page: Page, name: str) -> None:
    """Press the button of a move and wait for what comes of it."""
    before = made(page)
    page.locator(".k-menu .k-move").filter(has_text=re.compile(rf"^{re.escape(name)}$")).click()
    expect(page.locator(".tally b").first).to_have_text(str(before + 1))


def test_a_fault_is_handled_by_mouse(page: Page, server: str) -> None:
    begin(page, server + FIRST)
    expect(page.locator(".say")).to_contain_text("You are the fault handler of 2.6.17")
    for name in ("down_read(&mm->mmap_sem)", "find_vma(…)", "pte_alloc_map(…)", "entry = *pte",
                 "get_page(ZERO_PAGE)", "spin_lock(ptl)", "entry = *pte",
                 "page_add_file_rmap(ZERO_PAGE)", "set_pte_at(ZERO_PAGE P US A)",
                 "spin_unlock(ptl)", "VM_FAULT_MINOR", "up_read(&mm->mmap_sem)"):  # fmt: skip
        press(page, name)
        expect(page.locator(".say.of-ok, .say.of-same")).to_be_visible()
    page.locator(".k-menu .k-move").filter(has_text=re.compile(r"^iret$")).click()
    result = page.get_by_role("region", name="What came of it")
    expect(result.get_by_role("heading", level=2)).to_have_text("Solved with 13 moves: no mistake.")
    expect(result.locator(".took").first).to_contain_text("yield down_read(mm)")
    page.locator(".picker").click()
    expect(page.get_by_role("button", name="The first read, 2.6.17: solved")).to_contain_text("★")


def test_a_mistake_is_named_with_its_rule_and_its_line(page: Page, server: str) -> None:
    begin(page, server + ASKED)
    page.get_by_role("button", name="D", exact=True).click()
    press(page, "set_pte_at(pfn P RW US A D)")
    say = page.locator(".say.of-bad")
    expect(say).to_contain_text("although it was present")
    expect(say).to_contain_text("v3 looks at the pte again under ptl before it stores")
    expect(say).to_contain_text("do_no_pfn, line ")
    expect(page.get_by_role("status").last).to_contain_text("a rule was broken")
    expect(page.locator(".wrong b")).to_have_text("1")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".tally b").first).to_have_text("6")
    expect(page.locator(".wrong b")).to_have_text("1")
    press(page, "entry = *pte")
    expect(page.locator(".say.of-ok")).to_contain_text("So does v3: do_no_pfn, line ")


def test_a_fault_is_handled_by_keys_alone(page: Page, server: str) -> None:
    begin(page, server + FIRST)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator(".tally b").first).to_have_text("1")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".tally b").first).to_have_text("2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".tally b").first).to_have_text("3")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tally b").first).to_have_text("2")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tally b").first).to_have_text("3")
    page.keyboard.press("Home")
    expect(page.locator(".tally b").first).to_have_text("0")


def test_what_cannot_be_done_says_why_and_is_no_move(page: Page, server: str) -> None:
    begin(page, server + FIRST)
    page.locator(".k-move").filter(has_text="spin_unlock(ptl)").click(force=True)
    expect(page.locator(".say.of-refused")).to_contain_text("You do not hold ptl")
    assert made(page) == 0 and "m=" not in page.url


def test_a_hint_comes_in_two_steps(page: Page, server: str) -> None:
    begin(page, server + ASKED)
    page.keyboard.press("h")
    expect(page.locator(".say.answers")).to_contain_text("What did v3 add")
    page.get_by_role("button", name="What next?").click()
    expect(page.locator(".say.answers")).to_contain_text("v3 does entry = *pte next.")
    expect(page.locator(".say.answers")).to_contain_text("do_no_pfn, line ")
    page.get_by_role("button", name="Make this move").click()
    expect(page.locator(".tally b").first).to_have_text("7")
    expect(page.locator(".say.answers")).to_have_count(0)


def test_another_end_says_what_differs(page: Page, server: str) -> None:
    begin(page, server + LOST)
    result = page.get_by_role("region", name="What came of it")
    expect(result.get_by_role("heading", level=2)).to_have_text(
        "It is over, and not as v3 leaves it."
    )
    expect(result.locator(".differs")).to_contain_text("pfn 0x7000b P RW US A D")
    result.get_by_role("link", name="Watch v3 do it on the stage").click()
    page.locator("main#stage[data-ready]").wait_for()
    page.go_back()
    page.locator("main[data-ready]").wait_for()
    page.get_by_role("button", name="Undo the last move").click()
    expect(page.locator(".outcome")).to_have_count(0)


def test_a_link_has_the_moves_and_the_past_can_be_looked_at(page: Page, server: str) -> None:
    begin(page, server + RACE + "&m=" + solution("device-race", "nopfn-v3"))
    expect(page.locator(".outcome h2")).to_have_text("Solved with 11 moves: no mistake.")
    page.get_by_role("button", name=re.compile("^5. vma->vm_ops->nopfn")).click()
    expect(page.locator(".say")).to_contain_text("0x7000b")
    expect(page.locator(".k-made[aria-current]")).to_contain_text("nopfn")
    page.get_by_role("radio", name=re.compile("v2")).click()
    expect(page).to_have_url(re.compile("k=nopfn-v2$"))


def test_a_link_with_a_move_that_there_is_not_says_so(browser: Browser, server: str) -> None:
    page = browser.new_page()
    begin(page, f"{server}/be-the-kernel#t=file&k=2.6.17&m=down_read~fly")
    expect(page.get_by_role("alert")).to_contain_text("there is no move 'fly'")
    assert made(page) == 0
    page.close()


@pytest.mark.parametrize("hash", ["", "#t=nothing&k=nothing", "#t=file&m=~~~", "#&&=="])
def test_any_address_opens_a_task(page: Page, server: str, hash: str) -> None:
    page.goto(f"{server}/be-the-kernel{hash}")
    page.locator("main[data-ready]").wait_for()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A ")


def test_nothing_moves_that_was_not_touched(page: Page, server: str) -> None:
    begin(page, server + FIRST)
    page.wait_for_timeout(300)
    page.evaluate(COUNT_SHIFTS)
    for name in ("down_read(&mm->mmap_sem)", "find_vma(…)", "pte_alloc_map(…)"):
        press(page, name)
        page.wait_for_timeout(80)
    page.keyboard.press("h")
    page.wait_for_timeout(200)
    assert page.evaluate(SHIFTED) < 0.01


def test_a_fault_is_handled_by_touch(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    said = watched(page)
    begin(page, server + FIRST)
    for button in page.locator("main button:visible, .top .share, .top .picker").all():
        box = button.bounding_box()
        small = button.evaluate("e => e.matches('.bit, .why-button, .ref, .linkish')")
        if box and not small:
            assert box["height"] >= 40, button.inner_text()
    page.get_by_role("button", name=re.compile("^down_read")).tap()
    expect(page.locator(".say.of-ok")).to_be_visible()
    page.get_by_role("button", name="look", exact=True).tap()
    page.get_by_role("button", name=re.compile("^find_vma")).tap()
    expect(page.locator(".tally b").first).to_have_text("2")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    context.close()
    assert said == []


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["1280", "1024", "390"])
def test_axe_finds_nothing(browser: Browser, server: str, size: Any, theme: str) -> None:
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    context.add_init_script(f"localStorage.setItem('faultwalk.theme', '{theme}')")
    page = context.new_page()
    for address in (FIRST, WRONG, LOST):
        page.goto("about:blank")
        begin(page, server + address)
        page.wait_for_timeout(300)
        assert axe(page) == []
    page.locator(".picker").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    context.close()
