"""The whole site below a path, behind a real nginx, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import at, to_step, visit
from nginx import advised, running_nginx
from playwright.sync_api import Browser, Page, expect
from server import running_server

FLAGSHIP = "two-threads-one-page"
PAGES = ("", "edit", "gallery", "lessons", "lessons/recheck", "lessons/edit", "lessons/own",
         "sheet?seed=1", "sheet?seed=1&key=1", "inventory", "play", "be-the-kernel", "thread",
         "glossary", "truth", "compare", "matrix", "known-differences", "operators", "r",
         "r/k7mq-9xtd", "present-notes")  # fmt: skip
SOURCES = Path(__file__).resolve().parent.parent / "static" / "src"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The site at /fw/ of an nginx that is trusted."""
    with (
        running_server(rate_limit="off", trusted_proxies="127.0.0.1") as server,
        running_nginx(advised(server)) as proxy,
    ):
        yield f"{proxy}/fw"


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The paths that the page asks for."""
    found: list[str] = []
    page.on("request", lambda request: found.append(re.sub(r"^https?://[^/]+", "", request.url)))
    return found


def stayed(asked: list[str]) -> bool:
    """Whether nothing was asked for outside the site."""
    return bool(asked) and all(path.startswith("/fw/") for path in asked)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_leads_out_of_the_site(site: str, name: str) -> None:
    html = httpx.get(f"{site}/{name}", timeout=60).raise_for_status().text
    found = re.findall(r'\s(?:href|src|action)="(/[^"]*)"', html)
    assert found and all(address.startswith("/fw/") for address in found)
    assert ' data-below="/fw"' in html


def test_the_stage_steps_and_its_address_stays(page: Page, site: str, asked: list[str]) -> None:
    visit(page, f"{site}/")
    to_step(page, 3)
    expect(page).to_have_url(re.compile(r"/fw/#z1\..*&t=3"))
    assert stayed(asked)


def test_the_gallery_filters_and_opens_a_scene(page: Page, site: str, asked: list[str]) -> None:
    page.goto(f"{site}/gallery")
    page.locator(".filter a[data-value=first]").click()
    expect(page).to_have_url(f"{site}/gallery?level=first")
    page.locator(".scene-card:not([hidden]) h3 a").first.click()
    page.locator("main[data-ready]").wait_for()
    expect(page).to_have_url(re.compile(r"/fw/#"))
    assert stayed(asked)


def test_a_search_is_followed_as_a_stream(page: Page, site: str, asked: list[str]) -> None:
    visit(page, f"{site}/#s={FLAGSHIP}&t=21&m=schedules")
    answer = page.get_by_role("region", name="Schedules").locator(".answer")
    expect(answer).to_contain_text("It can go wrong", timeout=30_000)
    assert any(path.endswith("/events") for path in asked)
    link = page.get_by_role("region", name="Schedules").locator("a[href*='matrix']")
    expect(link).to_have_attribute("href", re.compile("^/fw/matrix#"))
    assert stayed(asked)


def test_two_runs_are_compared(page: Page, site: str, asked: list[str]) -> None:
    page.goto(f"{site}/compare#s={FLAGSHIP},k=nopfn-v2~s={FLAGSHIP},k=nopfn-v3")
    page.locator("main[data-ready]").wait_for()
    page.locator("a.to-stage").first.click()
    page.locator("main[data-ready]").wait_for()
    expect(page).to_have_url(re.compile(r"/fw/#"))
    assert stayed(asked)


def test_the_editor_opens_runs_and_closes(page: Page, site: str, asked: list[str]) -> None:
    visit(page, f"{site}/")
    page.locator("#edit").click()
    expect(page).to_have_url(re.compile(r"/fw/edit#?"))
    expect(page.locator(".ed-status")).to_contain_text("It runs")
    page.reload()
    expect(page.locator(".ed-status")).to_contain_text("It runs")
    page.locator("#edit").click()
    expect(page).to_have_url(re.compile(r"/fw/#"))
    assert stayed(asked)


def test_a_short_link_is_made_and_opened(page: Page, site: str, asked: list[str]) -> None:
    made = httpx.post(f"{site}/api/links", json={"gallery": FLAGSHIP})
    told: dict[str, Any] = made.json()
    assert told["url"] == f"{site}/l/{told['id']}"
    assert made.headers["location"] == f"/fw/l/{told['id']}"
    visit(page, f"{told['url']}?t=5")
    assert at(page) == 5
    to = httpx.get(f"{site}/l/{told['id'].upper()}").headers["location"]
    assert to == f"/fw/l/{told['id']}"
    assert stayed(asked)


def test_a_room_is_followed(browser: Browser, page: Page, site: str, asked: list[str]) -> None:
    visit(page, f"{site}/")
    page.keyboard.press("P")
    name = page.locator(".room-join .room-name").inner_text()
    page.keyboard.press("PageDown")
    other = browser.new_page()
    sockets: list[str] = []
    other.on("websocket", lambda socket: sockets.append(socket.url))
    other.goto(f"{site}/r/{name.upper()}")  # leads to the name's own spelling
    expect(other).to_have_url(f"{site}/r/{name}")
    other.locator("main[data-ready]").wait_for()
    page.keyboard.press("PageDown")
    expect(other.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "1")
    assert len(sockets) == 1 and "/fw/api/rooms/" in sockets[0]
    assert stayed(asked)
    other.close()


def test_the_site_without_its_slash_leads_to_it() -> None:
    with running_server(root_path="/fw") as server:
        answer = httpx.get(f"{server}/fw?lang=en")
        assert (answer.status_code, answer.headers["location"]) == (308, "/fw/?lang=en")


def test_a_proxy_may_leave_the_path_as_it_is() -> None:
    with running_server(root_path="/fw") as server:
        whole = httpx.get(f"{server}/fw/gallery").raise_for_status().text
        assert 'href="/fw/thread"' in whole
        assert httpx.get(f"{server}/gallery").text == whole
        assert httpx.get(f"{server}/fw/api/openapi.json").json()["servers"] == [{"url": "/fw"}]


def test_every_address_in_the_sources_of_the_page_goes_through_one_place() -> None:
    """An address from the root on, outside of site() and of what calls it, would leave the site."""
    rooted = re.compile(r"""["'`]/[a-z#?]|["'`]/["'`](?!\))""")
    callers = "site|base|ask|post|Search|fetched|split|replace|replaceAll|includes|matchAll"
    through = re.compile(rf"\b({callers})(<.*>)?\(|PLACES")
    lost = [
        f"{file.name}:{number}: {line.strip()[:120]}"
        for file in sorted(SOURCES.rglob("*.ts*"))
        if file != SOURCES / "embed.ts"  # stands on other sites, and goes by its own address
        for number, line in enumerate(file.read_text().splitlines(), 1)
        for found in rooted.finditer(line)
        if not through.search(line[: found.start()])
    ]
    assert lost == []
