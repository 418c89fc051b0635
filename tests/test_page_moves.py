"""Moving by meaning, and asking why: by keys, by mouse, forwards and back."""

from __future__ import annotations

from browser import at, heading, to_step, visit
from playwright.sync_api import Page, expect


def test_why_names_who_last_wrote_each_thing_and_leads_there(page: Page, server: str) -> None:
    visit(page, server)
    to_step(page, 31)
    page.keyboard.press("w")
    dialog = page.get_by_role("dialog", name="Why?")
    expect(dialog).to_contain_text("present pte overwritten")
    expect(dialog).to_contain_text("held by B")
    expect(dialog.get_by_role("listitem").first).to_contain_text("B overwrites the filled pte")
    dialog.get_by_role("list", name="which follows from").first.get_by_role(
        "button", name="step 23"
    ).click()
    expect(dialog).to_be_hidden()
    assert at(page) == 23
    assert heading(page).startswith("A fills the empty pte")


def test_a_bit_answers_for_itself(page: Page, server: str) -> None:
    visit(page, server)
    to_step(page, 31)
    page.locator(".bitrow:not(.faded) .bit", has_text="RW").click()
    dialog = page.get_by_role("dialog", name="Why?")
    expect(dialog.locator(".why-name")).to_contain_text("RW")
    expect(dialog.get_by_role("button", name="step 23").first).to_be_visible()


def test_bits_that_share_a_box_answer_together(page: Page, server: str) -> None:
    visit(page, server)
    to_step(page, 31)
    page.locator(".bitrow:not(.faded) .bit", has_text="×4").click()
    names = page.get_by_role("dialog", name="Why?").locator(".why-name")
    expect(names.locator("b")).to_have_count(4)
    expect(names).to_contain_text("PSE")


def test_letters_move_by_meaning_and_capitals_back(page: Page, server: str) -> None:
    visit(page, server)
    stops = []
    for _ in range(2):
        page.keyboard.press("e")
        stops.append(at(page))
    assert stops == [23, 31]
    page.keyboard.press("E")
    assert at(page) == 23
    page.keyboard.press("Home")
    page.keyboard.press("x")
    page.keyboard.press("x")
    assert heading(page).startswith("B ")
    page.keyboard.press("X")
    assert heading(page).startswith("A ")


def test_step_over_leaves_a_function_whole(page: Page, server: str) -> None:
    visit(page, server)
    while "calls" not in heading(page) and at(page) < 20:
        page.keyboard.press("ArrowRight")
    before, called = at(page), page.locator(".crumb").count()
    page.keyboard.press("o")
    assert at(page) > before
    assert page.locator(".crumb").count() <= called


def test_a_click_on_a_line_number_runs_to_it(page: Page, server: str) -> None:
    visit(page, server)
    to_step(page, 23)
    line = page.locator(".line", has_text="set_pte_at(mm, address, entry)")
    line.locator(".num").click()
    assert at(page) == 31
    line.locator(".num").click(modifiers=["Shift"])
    assert at(page) == 23


def test_the_keyboard_runs_to_a_line(page: Page, server: str) -> None:
    visit(page, server)
    to_step(page, 23)
    listing = page.get_by_role("region", name="do_no_pfn")
    listing.focus()
    page.keyboard.press("Enter")
    assert at(page) == 31


def test_from_the_blocked_to_the_blocking_and_to_the_end_of_the_wait(
    page: Page, server: str
) -> None:
    visit(page, f"{server}/#s=dead-thread-holds-mmap-sem&t=8")
    page.keyboard.press("b")
    assert heading(page).startswith("A takes mmap_sem")
    taken = at(page)
    page.keyboard.press("b")
    assert at(page) > 8 > taken


def test_the_menu_goes_both_ways(page: Page, server: str) -> None:
    visit(page, server)
    page.get_by_role("button", name="go to").click()
    page.get_by_role("button", name="next: write to this pte").click()
    assert at(page) == 23
    page.get_by_role("button", name="next: write to this pte").click()
    page.get_by_role("button", name="previous: write to this pte").click()
    assert at(page) == 23


def test_the_lanes_are_a_table_too(page: Page, server: str) -> None:
    visit(page, server)
    page.get_by_text("The lanes as a table").click()
    table = page.get_by_role("region", name="Threads and locks, step by step")
    row = table.get_by_role("row", name="thread B")
    expect(row.get_by_role("cell").nth(7)).to_have_text("write")
    page.get_by_role("button", name="later").click()
    expect(table.get_by_role("row", name="pte[3]").get_by_role("cell").nth(10)).to_have_text(
        "0x7000b by B"
    )
    table.get_by_role("button", name="step 31").click()
    assert at(page) == 31


def test_it_plays_backwards_too(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=two-threads-one-page&t=4")
    page.get_by_role("combobox", name="Speed").select_option("4")
    page.locator("body").click(position={"x": 400, "y": 30})
    page.keyboard.press("Shift+Space")
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "0")


STANDING = """() => [...document.querySelectorAll(
    '.p-vmas, .p-walk, .p-entry, .said-first, .note, .chip, .crumbs')]
  .map(e => e.innerText).concat([...document.querySelectorAll('.sheet-of:not(.away) .line')]
  .map(e => e.className.trim() + e.querySelector('.gutter').textContent)).join('\\n')"""


def test_a_step_looks_the_same_however_one_gets_there(page: Page, server: str) -> None:
    visit(page, server)
    on_the_way = []
    for n in range(1, 38):
        to = page.get_by_role("slider", name="Step")
        page.keyboard.press("ArrowRight")
        expect(to).to_have_attribute("aria-valuenow", str(n))
        on_the_way.append(page.evaluate(STANDING))
    for n in (37, 5, 31, 12, 36, 1):
        visit(page, f"{server}/#s=two-threads-one-page&t={n}")
        page.reload()
        page.locator("main[data-ready]").wait_for()
        assert page.evaluate(STANDING) == on_the_way[n - 1], n
    page.keyboard.press("End")
    for n in range(36, 0, -1):
        page.keyboard.press("ArrowLeft")
        assert page.evaluate(STANDING) == on_the_way[n - 1], n
