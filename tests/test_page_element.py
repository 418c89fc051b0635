"""<fault-walk>: a run in somebody else's page by one script and one element."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from browser import watched
from hosting import another_site, host, inner, step_of
from playwright.sync_api import Browser, expect

SCENE = "s=two-threads-one-page"

ELEMENT = """<script src="{server}/embed.js"></script>
<fault-walk src="{server}/#{scene}&t=3" variant="min" height="400">
  <a href="{server}/#{scene}">the run</a>
</fault-walk>
<script>
  window.heard = [];
  const run = document.querySelector("fault-walk");
  for (const name of ["fault-ready", "fault-step"])
    document.addEventListener(name, (e) => heard.push([name, e.detail]));
</script>"""


def test_the_element_has_attributes_properties_and_events(browser: Browser, server: str) -> None:
    with host(browser, ELEMENT.format(server=server, scene=SCENE)) as page:
        page.wait_for_function("heard.some(([name]) => name === 'fault-step')")
        assert page.evaluate("heard[0]") == [
            "fault-ready",
            {"steps": 37, "title": "Two threads, one page", "kernel": "nopfn-v2"},
        ]
        assert page.evaluate("[run.step, run.steps, run.playing, run.kernel]") == [
            3,
            37,
            False,
            "nopfn-v2",
        ]
        page.evaluate("run.step = 12")
        page.wait_for_function("run.step === 12")
        page.evaluate("run.setAttribute('step', '20')")
        page.wait_for_function("run.step === 20")
        page.evaluate("run.move(-5)")
        page.wait_for_function("run.step === 15")
        page.evaluate("run.play()")
        page.wait_for_function("run.playing && run.step === 16")
        page.evaluate("run.pause()")
        page.wait_for_function("!run.playing")
        page.evaluate("run.kernel = 'nopfn-v3'")
        page.wait_for_function("run.kernel === 'nopfn-v3'")
        assert page.locator("iframe").get_attribute("title") == "Two threads, one page · Faultwalk"
        assert page.evaluate("run.offsetHeight") == 400
        page.evaluate("run.height = null; run.setAttribute('height', '300')")
        assert page.evaluate("run.offsetHeight") == 300


def test_what_is_asked_before_it_is_there_is_done_then(browser: Browser, server: str) -> None:
    body = ELEMENT.format(server=server, scene=SCENE) + "<script>run.goTo(9)</script>"
    with host(browser, body) as page:
        page.wait_for_function("run.step === 9")


@pytest.mark.parametrize("policy", ["frame-src 'none'", "script-src 'none'"])
def test_where_it_is_not_allowed_it_is_a_link(browser: Browser, server: str, policy: str) -> None:
    body = ELEMENT.format(server=server, scene=SCENE).partition("</fault-walk>")[0]
    pages = {"/": f"<!doctype html>{body}</fault-walk>"}
    with another_site(pages, {"content-security-policy": policy}) as site:
        page = browser.new_page()
        page.goto(site)
        expect(page.get_by_role("link", name="the run")).to_be_visible()
        expect(page.locator("iframe")).to_have_count(0)
        page.close()


def test_under_a_strict_policy_that_allows_the_site_it_works(browser: Browser, server: str) -> None:
    policy = f"default-src 'none'; script-src {server}; frame-src {server}"
    body = f'<script src="{server}/embed.js"></script><fault-walk scenario="munmap-waits">'
    with another_site({"/": f"<!doctype html>{body}"}, {"content-security-policy": policy}) as site:
        page = browser.new_page()
        said = watched(page)
        page.goto(site)
        inner(page)
        assert said == []
        page.close()


def test_two_scripts_are_one_element(browser: Browser, server: str) -> None:
    twice = f'<script src="{server}/embed.js"></script>' * 2
    with host(browser, f'{twice}<fault-walk scenario="munmap-waits" step="4">') as page:
        assert step_of(inner(page)) == 4


def test_it_works_in_a_page_from_the_disk(browser: Browser, server: str, tmp_path: Path) -> None:
    """A deck is often opened by double-click: it has no origin to name."""
    file = tmp_path / "deck.html"
    file.write_text("<!doctype html>" + ELEMENT.format(server=server, scene=SCENE))
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("heard.some(([name]) => name === 'fault-ready')")
    page.evaluate("run.step = 12")
    page.wait_for_function("run.step === 12")
    page.close()


def test_the_script_is_small_and_for_everybody(server: str) -> None:
    answer = httpx.get(f"{server}/embed.js")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert int(answer.headers["content-length"]) < 3000
    again = httpx.get(f"{server}/embed.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
