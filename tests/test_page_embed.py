"""A run in the frame of somebody else's page, on an origin of its own."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from browser import axe, watched
from hosting import LISTEN, another_site, host, inner, step_of
from playwright.sync_api import Browser, Page, ViewportSize, expect

SCENE = "s=two-threads-one-page"
SIZES: dict[str, ViewportSize] = {
    "smallest": {"width": 320, "height": 200},
    "phone": {"width": 390, "height": 480},
    "blog": {"width": 720, "height": 480},
    "wide": {"width": 1280, "height": 720},
}


def iframe(server: str, fields: str, more: str = "") -> str:
    return f'<iframe src="{server}/embed#{SCENE}&{fields}" width=720 height=480 {more}></iframe>'


def told(page: Page, kind: str) -> list[dict[str, Any]]:
    return [data for _, data in page.evaluate("told") if data.get("type") == kind]


def wait_for_step(page: Page, step: int) -> None:
    page.wait_for_function(
        "n => told.some(([, d]) => d.type === 'state' && d.step === n)", arg=step
    )


def test_the_host_drives_it_and_is_told(browser: Browser, server: str) -> None:
    with host(browser, iframe(server, "t=14&c=min")) as page:
        frame, entries = inner(page), page.evaluate("history.length")
        assert step_of(frame) == 14
        page.wait_for_timeout(200)
        assert page.evaluate("told") == [], "nobody is told before he has spoken"
        page.evaluate("say({type: 'hello'})")
        wait_for_step(page, 14)
        ready = told(page, "ready")[0]
        assert ready["steps"] == 37 and ready["kernel"] == "nopfn-v2"
        assert ready["title"] == "Two threads, one page"
        assert {origin for origin, _ in page.evaluate("told")} == {server}
        page.evaluate("say({type: 'goto', step: 23})")
        wait_for_step(page, 23)
        page.evaluate("say({type: 'step', by: -2})")
        wait_for_step(page, 21)
        page.evaluate("say({type: 'play'})")
        wait_for_step(page, 22)
        assert told(page, "state")[-1]["playing"] is True
        page.evaluate("say({type: 'pause'})")
        page.wait_for_function("told.at(-1)[1].playing === false")
        page.evaluate("say({type: 'kernel', id: 'nopfn-v3'})")
        page.wait_for_function("told.some(([, d]) => d.kernel === 'nopfn-v3')")
        assert page.evaluate("history.length") == entries, "the way back is the host's"


def test_open_full_carries_the_content_and_the_step(browser: Browser, server: str) -> None:
    with host(browser, iframe(server, "t=14")) as page:
        frame = inner(page)
        frame.get_by_role("button", name="Step", exact=True).click()
        page.evaluate("say({type: 'kernel', id: 'nopfn-v3'})")
        expect(frame.locator(".e-title")).to_contain_text("nopfn-v3")
        with page.context.expect_page() as opened:
            frame.get_by_role("link", name="open on the stage").click()
        full = opened.value
        full.locator("main[data-ready]").wait_for()
        assert full.url.startswith(f"{server}/#z1.") and full.url.endswith("&t=15")
        expect(full.get_by_role("radio", name=re.compile("^v3"))).to_be_checked()
        assert frame.url.endswith("&t=14"), "its own address is left alone"


def test_a_short_link_opens_full_as_one(browser: Browser, server: str) -> None:
    made = httpx.post(f"{server}/api/links", json={"gallery": "two-threads-one-page"}).json()
    body = f'<iframe src="{server}/embed/{made["id"]}?t=31&c=min" width=720 height=480></iframe>'
    with host(browser, body) as page:
        frame = inner(page)
        assert step_of(frame) == 31
        frame.get_by_role("button", name="Step back").click()
        href = frame.get_by_role("link", name="open on the stage").get_attribute("href")
        assert href == f"/l/{made['id']}?t=30"


@pytest.mark.parametrize(
    "message",
    [
        "null",
        "'goto'",
        "{type: 'goto', step: 3}",
        "{source: 'faultwalk', v: 2, type: 'goto', step: 3}",
        "{source: 'faultwalk', v: 1, type: 'goto', step: '3'}",
        "{source: 'faultwalk', v: 1, type: 'goto', step: 1.5}",
        "{source: 'faultwalk', v: 1, type: 'step', by: NaN}",
        "{source: 'faultwalk', v: 1, type: 'kernel', id: '../x'}",
        "{source: 'faultwalk', v: 1, type: 'constructor'}",
        "{source: 'faultwalk', v: 1, type: ['goto'], step: 3}",
    ],
)
def test_what_is_malformed_is_ignored(browser: Browser, server: str, message: str) -> None:
    with host(browser, iframe(server, "t=14&c=min")) as page:
        frame = inner(page)
        page.evaluate(f"document.querySelector('iframe').contentWindow.postMessage({message}, '*')")
        page.wait_for_timeout(150)
        assert step_of(frame) == 14
        expect(frame.get_by_role("alert")).to_have_count(0)


def test_only_the_origin_that_is_named_is_heard(browser: Browser, server: str) -> None:
    """Chromium tells the host's console that it was not the one: that is for its author."""
    body = LISTEN + iframe(server, "t=14&origin=https://slides.example")
    with another_site({"/": f"<!doctype html>{body}"}) as site:
        page = browser.new_page()
        page.goto(site)
        frame = inner(page)
        page.evaluate("say({type: 'goto', step: 3})")
        page.wait_for_timeout(200)
        assert step_of(frame) == 14 and page.evaluate("told") == []
        page.close()


def test_only_the_parent_is_heard(browser: Browser, server: str) -> None:
    """Another frame of the same page is no parent."""
    body = iframe(server, "t=14") + '<iframe name="other" srcdoc="x"></iframe>'
    with host(browser, body) as page:
        frame = inner(page)
        page.evaluate(
            "const at = document.querySelector('iframe').contentWindow;"
            "frames.other.eval('(at) => at.postMessage("
            '{source: "faultwalk", v: 1, type: "goto", step: 3}, "*")\')(at)'
        )
        page.wait_for_timeout(200)
        assert step_of(frame) == 14


def test_a_flood_is_not_heeded(browser: Browser, server: str) -> None:
    with host(browser, iframe(server, "t=0")) as page:
        frame = inner(page)
        frame.evaluate(
            "window.moves = 0; new MutationObserver((all) => (moves += all.length)).observe("
            "document.querySelector('.scrubber'), { attributeFilter: ['aria-valuenow'] })"
        )
        page.evaluate("for (let i = 0; i < 500; i += 1) say({type: 'goto', step: i % 2 ? 30 : 3})")
        page.wait_for_timeout(1500)
        assert 20 < frame.evaluate("moves") < 250
        page.evaluate("say({type: 'goto', step: 17})")
        wait_for_step(page, 17)
        assert len(told(page, "state")) < 40


def test_a_range_is_played_again_and_again(browser: Browser, server: str) -> None:
    with host(browser, iframe(server, "t=21..23&loop=1&c=min")) as page:
        frame = inner(page)
        assert step_of(frame) == 21
        page.evaluate("say({type: 'hello'})")
        page.wait_for_timeout(300)
        assert told(page, "state")[-1]["playing"] is False, "nothing moves before Play is pressed"
        frame.get_by_role("button", name="play").click()
        page.wait_for_function(
            "told.filter(([, d]) => d.type === 'state' && d.step === 21 && d.playing).length > 1",
            timeout=15_000,
        )
        steps = {state["step"] for state in told(page, "state")}
        assert steps == {21, 22, 23}


def test_it_rests_while_nobody_sees_it(browser: Browser, server: str) -> None:
    body = iframe(server, "t=0..9&loop=1") + '<p style="height: 3000px">'
    with host(browser, body) as page:
        frame = inner(page)
        page.evaluate("say({type: 'play'})")
        wait_for_step(page, 1)
        page.evaluate("scrollTo(0, 2500)")
        page.wait_for_function("told.at(-1)[1].playing === false")
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function("told.at(-1)[1].playing === true")
        assert step_of(frame) < 9


def test_the_keyboard_works_inside_and_focus_stays_outside_until_then(
    browser: Browser, server: str
) -> None:
    with host(browser, '<input id="mine" autofocus>' + iframe(server, "t=14")) as page:
        frame = inner(page)
        page.wait_for_timeout(300)
        assert page.evaluate("document.activeElement.id") == "mine"
        page.keyboard.press("ArrowRight")
        assert step_of(frame) == 14
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        expect(frame.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "15")
        for key, step in (("End", 37), ("Home", 0), ("PageDown", 1)):
            page.keyboard.press(key)
            expect(frame.get_by_role("slider", name="Step")).to_have_attribute(
                "aria-valuenow", str(step)
            )
        frame.get_by_role("button", name="Step", exact=True).focus()
        page.keyboard.press("Enter")
        assert step_of(frame) == 2


def test_predict_asks_first_and_hides_what_follows(browser: Browser, server: str) -> None:
    with host(browser, iframe(server, "t=0&c=predict")) as page:
        frame = inner(page)
        frame.locator("main[data-questions]").wait_for()
        for _ in range(12):
            frame.get_by_role("button", name="Step", exact=True).click(force=True)
        expect(frame.locator(".choice").first).to_be_visible()
        stopped = step_of(frame)
        page.evaluate("say({type: 'goto', step: 37})")
        page.wait_for_timeout(150)
        assert step_of(frame) == stopped, "nothing passes an open question"
        frame.locator("body").press("0")
        page.evaluate(f"say({{type: 'goto', step: {stopped + 1}}})")
        wait_for_step(page, stopped + 1)
        href = frame.get_by_role("link", name="open on the stage").get_attribute("href")
        assert href and href.endswith("&m=predict")


def test_it_needs_no_storage(browser: Browser, server: str) -> None:
    """As where a browser blocks third parties: each use of it throws."""
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', "
        "{ get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    page = context.new_page()
    said = watched(page)
    page.goto(f"{server}/embed#{SCENE}&t=3&theme=dark")
    page.locator("main[data-ready]").wait_for()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert said == [] and context.cookies() == []
    context.close()


def test_the_theme_that_is_lent_is_not_kept(page: Page, server: str) -> None:
    page.goto(f"{server}/embed#{SCENE}&theme=dark")
    page.locator("main[data-ready]").wait_for()
    assert page.evaluate("localStorage.getItem('faultwalk.theme')") is None


def test_only_embed_may_be_framed(server: str) -> None:
    for path, who in (("/", "'none'"), ("/gallery", "'none'"), ("/embed", "* file:")):
        answer = httpx.get(server + path)
        assert f"frame-ancestors {who};" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers
    for id in ("aaaaaaaaaa", "!!"):
        answer = httpx.get(f"{server}/embed/{id}")
        assert answer.status_code == 404
        assert "frame-ancestors * file:;" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("isolated", [False, True])
def test_a_host_that_isolates_itself_may_frame_it(
    browser: Browser, server: str, isolated: bool
) -> None:
    headers = {
        "cross-origin-embedder-policy": "require-corp" if isolated else "unsafe-none",
        "cross-origin-opener-policy": "same-origin",
    }
    body = f'<script src="{server}/embed.js"></script><fault-walk scenario="munmap-waits">'
    with another_site({"/": f"<!doctype html>{body}"}, headers) as site:
        page = browser.new_page()
        page.goto(site)
        inner(page)
        page.close()


def test_its_document_is_served(server: str) -> None:
    for name, says in (("embed", "Embed a run"), ("links", "Links")):
        answer = httpx.get(f"{server}/docs/{name}")
        assert answer.status_code == 200 and f"<title>{says} · Faultwalk</title>" in answer.text
    assert httpx.get(f"{server}/docs/conformance").status_code in (404, 422)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("variant", ["min", "full", "predict"])
def test_it_fits_and_axe_finds_nothing(
    browser: Browser, server: str, theme: str, size: str, variant: str
) -> None:
    page = browser.new_context(viewport=SIZES[size], reduced_motion="reduce").new_page()
    step = 0 if variant == "predict" else 31
    page.goto(f"{server}/embed#{SCENE}&t={step}&c={variant}&theme={theme}")
    page.locator("main[data-ready]").wait_for()
    if variant == "predict":
        page.locator("main[data-questions]").wait_for()
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        expect(page.locator(".choice").first).to_be_attached()
    assert axe(page) == []
    root = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert root[0] <= SIZES[size]["width"] and root[1] <= SIZES[size]["height"]
    for button in page.locator(".e-bar :is(button, a)").all():
        box = button.bounding_box()
        assert box and box["y"] + box["height"] <= SIZES[size]["height"] + 1
        assert box["x"] >= 0 and box["x"] + box["width"] <= SIZES[size]["width"]
    expect(page.get_by_role("heading", level=1)).to_be_attached()
    page.context.close()
