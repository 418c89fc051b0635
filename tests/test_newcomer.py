"""For who has never seen kernel code: the first screen, words that explain themselves, the end."""

from __future__ import annotations

import re

import httpx
import pytest
from browser import (
    COUNT_SHIFTS,
    LAPTOP,
    PHONE,
    PROJECTOR,
    SHIFTED,
    at,
    axe,
    heading,
    to_step,
    visit,
)
from playwright.sync_api import Browser, Page, ViewportSize, expect
from scenes import GALLERY

import engine
from app.glossary import terms
from engine.ending import ending
from engine.rival import rival

FLAGSHIP = "two-threads-one-page"


def first_visit(browser: Browser, server: str) -> Page:
    page = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    page.goto(server)
    page.locator("main[data-ready]").wait_for()
    return page


def test_the_first_screen_says_what_this_is_and_gives_nothing_away(
    browser: Browser, server: str
) -> None:
    page = first_visit(browser, server)
    assert "Two threads touch the same page" in heading(page)
    story = page.get_by_role("region", name="Story")
    expect(page.locator(".caption .site")).to_contain_text("A page fault: the CPU finds no usable")
    expect(story).to_contain_text("you will be asked")
    expect(story).to_contain_text("does every CPU know?")
    expect(story).not_to_contain_text("Watch the second thread")
    end = story.bounding_box()
    assert end is not None and end["y"] + end["height"] <= PHONE["height"] - 68
    assert axe(page) == []
    page.get_by_role("link", name="Memory from nothing").tap()
    expect(page.locator(".picker b")).to_have_text("Memory from nothing")
    expect(page.locator(".welcome")).to_have_count(0)
    expect(story).to_contain_text("Watch the two faults")
    page.keyboard.press("ArrowRight")
    expect(story).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"])
def test_the_first_step_of_all_moves_nothing(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page = browser.new_context(viewport=size).new_page()
    page.goto(server)
    page.locator("main[data-questions]").wait_for()
    page.wait_for_timeout(500)  # fonts and lists that arrive late
    page.evaluate(COUNT_SHIFTS)
    to_step(page, 3)
    assert page.evaluate(SHIFTED) == 0
    page.context.close()


def test_a_word_under_the_mouse_shows_its_card_and_keeps_the_focus(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}")
    word = page.locator(".caption .known").first
    expect(word).to_be_visible()
    word.hover()
    expect(page.locator("#term")).to_be_visible()
    assert page.evaluate("document.activeElement.id") != "term"
    page.keyboard.press("Escape")
    expect(page.locator("#term")).not_to_be_visible()


def test_an_end_leads_on_to_the_next_scene(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=37")
    end = page.get_by_role("region", name="Outcome", exact=True)
    expect(end).to_contain_text("What there was to see Watch the second thread")
    end.get_by_role("button", name="Next: The recheck").click()
    expect(page.locator(".picker b")).to_have_text("The recheck")


def test_what_to_watch_is_said_where_it_is_true(page: Page, server: str) -> None:
    story = page.get_by_role("region", name="Story")
    visit(page, f"{server}/#s={FLAGSHIP}&k=nopfn-v1")
    expect(story).to_contain_text("Watch the second thread")
    page.locator(".rev", has_text="v3").first.click()
    expect(story).to_contain_text("does every CPU know?")
    expect(story).not_to_contain_text("Watch the second thread")
    page.locator(".rev", has_text="v2").first.click()
    expect(story).to_contain_text("Watch the second thread")
    other = engine.run(GALLERY[FLAGSHIP], schedule="A until end").scenario
    assert "Watch" not in other.story and not other.watch_under


def test_an_empty_pte_says_who_has_read_it_and_who_writes_it(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=6")
    empty = page.locator(".frame.empty")
    expect(empty).to_contain_text("the pte is none")
    expect(empty).to_contain_text("A writes it next, at step 23")
    to_step_14 = page.get_by_role("slider", name="Step")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(to_step_14).to_have_attribute("aria-valuenow", "14")
    expect(empty).to_contain_text("found empty by A at step 7, B at step 14")
    page.get_by_role("radio", name="Predict").click()
    expect(empty).not_to_contain_text("step 23")
    page.get_by_role("radio", name="Play").click()
    empty.get_by_role("button", name="step 23").click()
    expect(page.locator(".frame.live")).to_contain_text("0x7000a")


def test_a_later_visit_begins_in_the_mode_chosen_last(browser: Browser, server: str) -> None:
    page = first_visit(browser, server)
    page.get_by_role("radio", name="Play").tap()
    page.goto("about:blank")
    page.goto(server)
    expect(page.get_by_role("radio", name="Play")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".welcome")).to_have_count(0)
    page.context.close()


def test_a_sentence_links_a_word_once_and_code_is_left_alone(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=1")
    words = page.get_by_role("heading", level=1).locator(".known")
    expect(words).to_have_text(["faults", "pte"])
    to_step_14 = f"{server}/#s={FLAGSHIP}&t=31"
    page.goto(to_step_14)
    expect(
        page.locator(".caption .words > p").first.locator(".known", has_text="pte")
    ).to_have_count(0)


def test_a_term_on_a_card_takes_its_place(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=2")
    page.get_by_role("heading", level=1).get_by_role("button", name="mmap_sem").click()
    card = page.get_by_role("dialog", name="mmap_sem")
    card.get_by_role("button", name="vmas").click()
    expect(page.get_by_role("dialog", name="vma")).to_contain_text("One stretch")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_words_of_sentences_are_told_apart_from_names(client: httpx.Client) -> None:
    told = client.get("/api/glossary").json()
    said = {word for word, term in told.items() if term.get("said")}
    assert {"pte", "ptes", "frame", "page", "vma", "TLB", "faults", "v1", "v5"} <= said
    assert not {"none", "step", "count", "->nopfn", "bit A"} & said
    assert said == {word for term in terms().values() for word in term.words}


def test_the_end_is_told_and_leads_to_the_repair(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=37")
    ends = page.locator(".results")
    expect(ends).to_contain_text("A never sees what B wrote")
    expect(ends.get_by_role("heading", name="2 of the kernel's rules broken")).to_be_visible()
    expect(ends.locator(".news")).to_contain_text("The driver broke its promise")
    ends.get_by_role("link", name="See the repair: compare with v3").click()
    expect(page.locator(".ending")).to_contain_text("v3 none broken")


def test_what_a_run_comes_to_in_words() -> None:
    def told(name: str, kernel: str | None = None) -> str:
        return ending(engine.run(GALLERY[name], kernel))

    assert "behind the same address" in told(FLAGSHIP, "nopfn-v3")
    assert "@B looked again under `ptl` at #32, found that @A had filled" in told(
        FLAGSHIP, "nopfn-v3"
    )
    assert "looked again" not in told(FLAGSHIP, "nopfn-v2")
    assert "looked again" in told("anonymous-two-threads", "2.6.17")
    assert told("lost-dirty-bit").startswith("@B made the pte")
    assert told("second-answer-is-sigbus") == "@B gets `SIGBUS`."
    assert "oopses" in told("dead-thread-holds-mmap-sem")
    assert told("dead-thread-holds-mmap-sem").endswith("@B waits for ever.")
    assert told("anonymous-read-then-write").startswith("Every access came through")


@pytest.mark.parametrize(
    ("kernel", "nearest", "mends"),
    [
        ("nopfn-v2", "nopfn-v3", True),
        ("nopfn-v1", "2.6.17", False),
        ("nopfn-v3", "nopfn-v2", False),
    ],
)
def test_the_rival_is_the_nearest_that_ends_otherwise(
    client: httpx.Client, kernel: str, nearest: str, mends: bool
) -> None:
    link = engine.encode_link(engine.run(GALLERY[FLAGSHIP], kernel).scenario)
    found = client.post("/api/rival", json={"link": link}).json()
    assert found == {"kernel": nearest, "mends": mends}


def test_without_another_end_the_parent_is_the_rival() -> None:
    calm = engine.run(GALLERY["anonymous-read-then-write"], "2.6.18")
    assert rival(calm) == {"kernel": calm.kernel.parent, "mends": False}


def test_a_link_is_compared_with_what_ends_otherwise(page: Page, server: str) -> None:
    link = engine.encode_link(engine.run(GALLERY[FLAGSHIP], "nopfn-v2").scenario)
    visit(page, f"{server}/#{link}&t=20")
    expect(page.get_by_role("link", name="compare with v3", exact=True)).to_be_visible()


def test_a_fork_says_what_it_comes_to(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, f"{server}/#s={FLAGSHIP}&t=14&m=whatif")
    page.get_by_role("button", name="A runs now").tap()
    expect(page.locator(".forked")).to_contain_text("It still breaks the kernel's rules")
    expect(page.locator(".forked")).to_be_focused()
    context.close()


def test_a_fork_says_how_it_ends_now(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=12&m=whatif")
    page.get_by_role("button", name="SIGBUS").click()
    expect(page.locator(".forked")).to_contain_text("How it ends now: A gets SIGBUS")


def test_the_rules_that_hold_are_folded_under_those_that_break(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=37")
    ends = page.locator(".results")
    expect(ends.locator(".rules .broken")).to_have_count(2)
    kept = ends.locator(".kept")
    expect(kept.get_by_text("Nobody waits for ever.")).to_be_hidden()
    kept.get_by_text("other rules hold").click()
    expect(kept.get_by_text("Nobody waits for ever.")).to_be_visible()


def test_the_way_to_the_repair_opens_where_the_runs_part(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=37")
    page.get_by_role("link", name="See the repair").click()
    expect(page.get_by_role("slider")).not_to_have_attribute("aria-valuenow", "0")
    expect(page.get_by_text("First difference").first).to_be_visible()


def test_a_remark_has_the_lines_that_are_left(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=PHONE)
    visit(page, f"{server}/#s=anonymous-read-then-write&t=57")
    note = page.locator(".words .note")
    expect(note).to_contain_text("zeroes.")
    assert note.evaluate("e => e.scrollHeight <= e.clientHeight")
    box, room = note.bounding_box(), page.locator(".sentences").bounding_box()
    assert box and room and box["y"] + box["height"] <= room["y"] + room["height"] + 1
    page.close()


def test_arrows_walk_the_bits_and_leave_the_run_alone(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=31")
    bits = page.locator("button.bit:visible")
    assert bits.first.get_attribute("tabindex") == "0"
    bits.first.focus()
    page.keyboard.press("ArrowRight")
    expect(bits.nth(1)).to_be_focused()
    assert at(page) == 31
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Why?")).to_be_visible()


def test_a_chosen_mode_gives_the_arrows_back(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}")
    page.get_by_role("radio", name="Play").focus()
    page.keyboard.press("Enter")
    to_step(page, 1)
    expect(page.get_by_role("radio", name="Play")).to_have_attribute("aria-checked", "true")


def test_remarks_are_a_key_apart(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=anonymous-read-then-write")
    page.keyboard.press("n")
    expect(page.locator(".note")).to_be_visible()
    first = at(page)
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator(".note")).to_contain_text("The write's own page")
    page.keyboard.press("N")
    page.keyboard.press("N")
    assert at(page) == first


def test_back_from_another_run_is_back_to_the_question(page: Page, server: str) -> None:
    visit(page, f"{server}/#s={FLAGSHIP}&t=0&m=predict")
    page.locator("main[data-questions]").wait_for()
    page.keyboard.press("End")
    page.locator(".choice", has_text="do_anonymous_page").click()
    page.get_by_role("button", name="It would be right in another run").click()
    expect(page.get_by_role("radio", name="Play")).to_have_attribute("aria-checked", "true")
    page.go_back()
    expect(page.get_by_role("radio", name="Predict")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".told-why")).to_contain_text("Not so.")


def test_first_steps_begin_with_the_easiest(page: Page, server: str, client: httpx.Client) -> None:
    asked = client.get("/gallery?level=first").text
    shown = re.findall(r'<section class="topic[^>]*aria-labelledby="topic-([\w-]+)"', asked)
    assert shown[0] == "copy" and asked.count("Start here") == 1
    page.goto(f"{server}/gallery")
    first = page.locator(".topic:visible").first
    expect(first).to_contain_text("Start here")
    page.get_by_role("link", name="Second look").click()
    expect(first).to_contain_text("Recheck under the lock")
    page.get_by_role("link", name="All levels").click()
    expect(first).to_contain_text("Start here")


def test_the_glossary_finds_a_word_by_its_name_first(page: Page, server: str) -> None:
    page.goto(f"{server}/glossary")
    expect(page.locator(".group h2").first).to_have_text("Start here")
    find = page.get_by_role("searchbox", name="Find a term")
    for word, term in [("page fault", "page fault"), ("TLB", "TLB"), ("frame", "frame (pfn)")]:
        find.fill(word)
        expect(page.locator(".term-entry:visible h3").first).to_have_text(term)
    find.fill("")
    expect(page.locator(".group h2").first).to_be_visible()
    expect(page.locator("#mm")).to_be_visible()


def test_a_scene_of_the_story_opens_in_view(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server}/thread")
    page.get_by_role("button", name="Run it here").first.tap()
    player = page.locator(".inline-player[data-ready]")
    player.wait_for()
    expect(player.get_by_role("button", name="Step", exact=True)).to_be_in_viewport()
    expect(player.get_by_role("heading", level=5)).to_be_in_viewport()
    player.get_by_role("button", name="from the start").tap()
    expect(player.locator(".count b")).to_have_text("0")
    context.close()
