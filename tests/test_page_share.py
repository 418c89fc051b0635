"""Share: links that open elsewhere as they were here, and all that can be done with one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from browser import LAPTOP, PHONE, PROJECTOR, at, axe, heading, to_step, visit, watched
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect
from server import running_server

RACE = "/#s=two-threads-one-page&t=31"
SIZES = {"laptop": LAPTOP, "projector": PROJECTOR, "phone": PHONE}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile that may copy."""
    made = browser.new_context(
        viewport=LAPTOP, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True
    )
    yield made
    made.close()


def shared(page: Page, address: str) -> Locator:
    """The dialog, open on what is at an address."""
    visit(page, address)
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog", name="Share this run")
    expect(dialog).to_be_visible()
    return dialog


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def made_short(dialog: Locator) -> str:
    """The address of a short link, made now."""
    dialog.get_by_text("Short link", exact=True).click()
    dialog.get_by_role("button", name="Make a short link").click()
    field = dialog.get_by_role("textbox", name="Short link")
    expect(field).to_have_value(re.compile(r"/l/\w+\?t="))
    return field.input_value()


def test_a_whole_link_opens_at_the_same_step_in_another_profile(
    browser: Browser, context: BrowserContext, server: str
) -> None:
    page = context.new_page()
    said = watched(page)
    dialog = shared(page, server + RACE)
    expect(dialog.get_by_role("button", name="Copy: Whole link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    link = copied(page)
    assert link.startswith(f"{server}/#z1.") and link.endswith("&t=31")
    expect(dialog.get_by_text(f"{len(link):,} characters", exact=False)).to_be_visible()
    other = browser.new_context().new_page()
    visit(other, link)
    assert at(other) == 31 and heading(other) == heading(page)
    other.context.close()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#share")).to_be_visible()
    assert said == []


def test_it_opens_from_the_start_or_asks_first(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    dialog = shared(page, server + RACE)
    field = dialog.get_by_role("textbox", name="Whole link")
    dialog.get_by_role("radio", name="from the start").check()
    expect(field).to_have_value(re.compile(r"&t=0$"))
    dialog.get_by_role("checkbox", name=re.compile("Predict")).check()
    expect(field).to_have_value(re.compile(r"&t=0&m=predict$"))
    other = context.new_page()
    visit(other, field.input_value())
    expect(other.get_by_role("radio", name="Predict")).to_be_checked()


def test_a_short_link_is_made_when_asked_opened_and_deleted_by_its_maker(
    browser: Browser, context: BrowserContext
) -> None:
    with running_server(rate_limit="off") as server:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda r: asked.append(r.url) if "/api/links" in r.url else None)
        dialog = shared(page, server + RACE)
        dialog.get_by_text("Short link", exact=True).click()
        expect(dialog).to_contain_text("no address and no name")
        assert asked == [], "nothing is sent before it is asked for"
        url = made_short(dialog)
        assert url.startswith(f"{server}/l/") and url.endswith("?t=31")

        other = browser.new_context().new_page()
        visit(other, url)
        assert at(other) == 31
        other.keyboard.press("s")
        theirs = other.get_by_role("dialog", name="Share this run")
        expect(theirs.get_by_role("textbox", name="Short link")).to_have_value(url)
        expect(theirs.get_by_role("button", name="Delete this short link")).to_have_count(0)
        other.context.close()

        page.reload()
        page.locator("main[data-ready]").wait_for()
        page.keyboard.press("s")
        dialog.get_by_role("button", name="Delete this short link").click()
        expect(dialog.get_by_role("status").filter(has_text="deleted")).to_be_visible()
        assert httpx.get(url).status_code == 410
        expect(dialog.get_by_role("button", name="Make a short link")).to_be_visible()


def test_a_token_outlives_an_answer_that_never_came(context: BrowserContext) -> None:
    with running_server(rate_limit="off") as server:
        page = context.new_page()
        dialog = shared(page, server + RACE)
        bodies: list[Any] = []

        def lose(route: Any) -> None:
            bodies.append(route.request.post_data_json)
            if len(bodies) == 1:
                route.fetch()
                route.abort()
            else:
                route.continue_()

        page.route("**/api/links", lose)
        dialog.get_by_text("Short link", exact=True).click()
        button = dialog.get_by_role("button", name="Make a short link")
        button.click()
        expect(dialog.get_by_role("alert")).to_be_visible()
        expect(dialog).to_contain_text("Nothing is lost")
        button.click()
        expect(dialog.get_by_role("textbox", name="Short link")).to_be_visible()
        assert bodies[0]["delete_token"] == bodies[1]["delete_token"]
        dialog.get_by_role("button", name="Delete this short link").click()
        expect(dialog.get_by_role("status").filter(has_text="whoever opens it")).to_be_visible()


def test_where_no_links_are_kept_it_says_so_and_the_rest_works(context: BrowserContext) -> None:
    with running_server(links="off") as server:
        page = context.new_page()
        dialog = shared(page, server + RACE)
        dialog.get_by_text("Short link", exact=True).click()
        dialog.get_by_role("button", name="Make a short link").click()
        expect(dialog.get_by_role("alert")).to_contain_text("keeps no short links")
        dialog.get_by_text("Whole link", exact=True).click()
        dialog.get_by_role("button", name="Copy: Whole link").click()
        assert copied(page).startswith(f"{server}/#z1.")


@pytest.mark.parametrize(("notes", "said"), [(5, "short link is the better"), (24, "cut off")])
def test_a_long_link_is_advised_against_and_a_very_long_one_refused(
    context: BrowserContext, server: str, notes: int, said: str
) -> None:
    scenario = httpx.get(f"{server}/api/scenarios/two-threads-one-page").json()
    scenario["notes"] = [{**scenario["notes"][0], "text": noise(n)} for n in range(notes)]
    link = httpx.post(f"{server}/api/run", json={"scenario": scenario}).json()["link"]
    page = context.new_page()
    dialog = shared(page, f"{server}/#{link}&t=3")
    expect(dialog).to_contain_text(said)
    refused = len(f"{server}/#{link}&t=3") > 8000
    assert refused == (notes > 10), len(link)
    expect(dialog.get_by_role("button", name="Copy: Whole link")).to_have_count(0 if refused else 1)
    expect(dialog.get_by_text("QR code")).to_have_count(0 if refused else 1)


def noise(n: int) -> str:
    """A text that does not become shorter by packing."""
    return "".join(hashlib.sha256(f"{n} {part}".encode()).hexdigest() for part in range(6))


def test_a_qr_code_holds_the_link_and_prints_alone(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    said = watched(page)
    loaded: list[str] = []
    page.on("response", lambda r: loaded.append(r.url) if "/static/dist/" in r.url else None)
    dialog = shared(page, server + RACE)
    url = made_short(dialog)
    before = len(loaded)
    dialog.get_by_text("QR code", exact=True).click()
    code = dialog.get_by_role("img", name=re.compile("QR code of the link to Two threads"))
    expect(code).to_be_visible()
    assert len(loaded) > before, "the encoder comes when a code is wanted"
    dark = page.evaluate(
        """async (url) => {
          const path = document.querySelector('.share-qr .qr-dark').getAttribute('d');
          return path.split('M').length - 1;
        }""",
        url,
    )
    size = int(str(code.get_attribute("viewBox")).split()[2])
    assert size > 21 and 0.3 < dark / (size - 8) ** 2 < 0.7
    page.evaluate("print = () => {}")
    dialog.get_by_role("button", name="Print").click()
    page.emulate_media(media="print")
    expect(page.locator(".printed-qr .qr")).to_be_visible()
    expect(page.locator("#root")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".printed-qr")).to_be_hidden()
    assert said == []


@pytest.mark.parametrize("kind", ["Text", "Markdown", "Card (PNG)"])
def test_a_run_is_taken_along_as_a_file(context: BrowserContext, server: str, kind: str) -> None:
    page = context.new_page()
    dialog = shared(page, server + RACE)
    dialog.get_by_text("The whole run as a file").click()
    with page.expect_download() as got:
        dialog.get_by_role("button", name=kind, exact=True).click()
    name = got.value.suggested_filename
    assert name.startswith("two-threads-one-page-31.")
    data = Path(got.value.path()).read_bytes()
    assert data.startswith(b"\x89PNG" if name.endswith("png") else b"") and len(data) > 1000


def test_the_code_to_embed_names_the_link_and_the_range(
    context: BrowserContext, server: str
) -> None:
    page = context.new_page()
    dialog = shared(page, server + "/#s=two-threads-one-page&t=14")
    dialog.get_by_text("In your own page or slides").click()
    frame = dialog.get_by_role("textbox", name="As an iframe")
    begins = r'^<iframe src="[^"]*/embed#z1\.[^"]*&amp;t=14&amp;c=min"'
    expect(frame).to_have_value(re.compile(begins))
    dialog.get_by_role("radio", name="the code as well").check()
    dialog.get_by_role("checkbox", name=re.compile("repeats from step 14")).check()
    dialog.get_by_label("Repeats to step").fill("19")
    dialog.get_by_label("Repeats to step").blur()
    expect(frame).to_have_value(re.compile(r"t=14\.\.19&amp;loop=1&amp;c=full"))
    element = dialog.get_by_role("textbox", name=re.compile("As an element")).input_value()
    assert f'<script src="{server}/embed.js" async>' in element
    assert 'step="14..19" loop variant="full"' in element


def test_a_link_is_reported_on_its_page(context: BrowserContext) -> None:
    with running_server(rate_limit="off") as server:
        page = context.new_page()
        url = made_short(shared(page, server + RACE))
        dialog = shared(page, url)
        dialog.get_by_text("Something wrong with this link?").click()
        dialog.get_by_label("What is wrong").fill("it says\nsomething false")
        dialog.get_by_role("button", name="Report it").click()
        expect(dialog).to_contain_text("it is reported")


def test_a_phone_hands_it_on_by_its_own_ways(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=PHONE)
    page.add_init_script("navigator.share = async (what) => { window.handed = what }")
    dialog = shared(page, server + RACE)
    dialog.get_by_role("button", name="Send…").click()
    assert page.evaluate("handed.url") == dialog.get_by_role("textbox").first.input_value()
    page.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_axe_finds_nothing_in_the_dialog(
    browser: Browser, server: str, theme: str, size: str
) -> None:
    page = looked(browser, SIZES[size], theme)
    dialog = shared(page, server + RACE)
    for part in ("QR code", "In your own page or slides", "The whole run as a file"):
        dialog.get_by_text(part, exact=True).click()
    expect(dialog.locator(".qr")).to_be_visible()
    assert axe(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wide and dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
    if size == "phone":
        small = dialog.locator("button, summary, label, input.share-until").evaluate_all(
            "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 47.5)"
            ".map(e => e.outerHTML.slice(0, 80))"
        )
        assert small == []
    page.context.close()


def looked(
    browser: Browser, size: ViewportSize, theme: str, scheme: Literal["light", "dark"] = "light"
) -> Page:
    made = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    made.add_init_script(f"localStorage.setItem('faultwalk.theme', '{theme}')")
    return made.new_page()


# --- the address bar


def test_the_address_changes_four_times_a_second_at_most(page: Page, server: str) -> None:
    page.add_init_script(
        "window.changes = []; const own = history.replaceState.bind(history);"
        "history.replaceState = (...all) => { changes.push(performance.now()); own(...all); }"
    )
    visit(page, f"{server}/#s=two-threads-one-page&t=1")
    page.wait_for_timeout(400)
    page.evaluate("changes.length = 0")
    for _ in range(14):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(170)
    page.wait_for_timeout(400)
    changes = page.evaluate("changes")
    assert len(changes) >= 2
    assert min(b - a for a, b in pairwise(changes)) >= 245
    assert page.url.endswith("&t=15")


def test_back_undoes_a_jump_not_a_step(page: Page, server: str) -> None:
    visit(page, f"{server}/#s=two-threads-one-page&t=1")
    to_step_from(page, 4)
    page.wait_for_timeout(600)
    page.keyboard.press("End")
    page.wait_for_url("**&t=37")
    page.go_back()
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "4")
    page.go_forward()
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "37")


def to_step_from(page: Page, n: int) -> None:
    for _ in range(n - 1):
        page.keyboard.press("ArrowRight")


def test_the_dialog_is_no_part_of_the_first_view(page: Page, server: str) -> None:
    loaded: list[str] = []
    page.on("response", lambda r: loaded.append(r.url) if r.url.endswith(".js") else None)
    visit(page, server)
    to_step(page, 2)
    before = len(loaded)
    page.keyboard.press("s")
    page.get_by_role("dialog", name="Share this run").wait_for()
    assert len(loaded) > before
