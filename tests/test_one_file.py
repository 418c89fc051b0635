"""A run in one HTML file: it plays from disk, without a network, and without script it reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from browser import LAPTOP, PHONE, at, axe, heading, watched
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from scenes import GALLERY

import engine
from engine import BadScenario, NotBuilt, one_file, run
from engine.cli import main

FLAGSHIP = "two-threads-one-page"
PUBLIC = "https://faultwalk.example"
FRAME, MOST = 280_000, 430_000
"""Bytes of the page without a run, and with the longest of the gallery; runs differ in length."""


@pytest.fixture
def offline(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has no network at all."""
    context = browser.new_context(viewport=LAPTOP)
    context.set_offline(True)
    yield context
    context.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "run.html"
    made.write_text(run(FLAGSHIP).html(at=31, url=PUBLIC), encoding="utf-8")
    return made


def opened(context: BrowserContext, file: Path, hash: str = "") -> tuple[Page, list[str]]:
    page = context.new_page()
    said = watched(page)
    page.on("request", lambda request: said.append(request.url))
    page.goto(f"{file.as_uri()}{hash}")
    page.locator("main[data-ready]").wait_for()
    assert said.pop(0).startswith(file.as_uri())
    return page, said


def test_it_plays_from_disk_without_a_network(offline: BrowserContext, file: Path) -> None:
    page, said = opened(offline, file)
    assert at(page) == 31 and "0x7000b replaces 0x7000a" in heading(page)
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Step", exact=True).click()
    assert at(page) == 33
    page.keyboard.press("Home")
    assert at(page) == 0
    page.keyboard.press("v")
    expect(page.locator(".chip.bad")).to_be_visible()
    box = page.get_by_role("slider", name="Step").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 40)
    assert 10 < at(page) < 25
    page.keyboard.press(" ")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(heading(page))
    page.keyboard.press(" ")
    page.keyboard.press("w")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    for key in "rRsfF1234":  # what is elsewhere does nothing here
        page.keyboard.press(key)
    assert said == []


def test_every_pane_is_there_in_the_page_s_own_type(offline: BrowserContext, file: Path) -> None:
    page, said = opened(offline, file)
    for pane in (".p-vmas", ".p-walk", ".p-entry", ".p-source", ".lanes"):
        expect(page.locator(pane)).to_be_visible()
    fonts = "[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)"
    assert {f.strip('"') for f in page.evaluate(fonts)} == {
        "Inter Variable",
        "JetBrains Mono Variable",
    }
    page.get_by_role("button", name="how it ends").click()
    expect(page.get_by_role("heading", name="How it ends")).to_be_in_viewport()
    page.get_by_text("All 37 steps in words").click()
    expect(page.locator(".astext li")).to_have_count(37)
    assert said == []


def test_the_whole_page_is_one_link_away_at_the_same_step(
    offline: BrowserContext, file: Path
) -> None:
    page, _ = opened(offline, file, "#t=7")
    assert at(page) == 7
    page.keyboard.press("ArrowRight")
    link = page.get_by_role("link", name="Open the whole page").first
    address = link.get_attribute("href") or ""
    assert address.startswith(f"{PUBLIC}/#z1.") and address.endswith("&t=8")
    assert engine.decode_link(address).title == "Two threads, one page"
    expect(page).to_have_url(f"{file.as_uri()}#t=8")
    page.evaluate("location.hash = 't=12'")
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", "12")


def test_without_an_address_nothing_leads_away(offline: BrowserContext, tmp_path: Path) -> None:
    alone = tmp_path / "alone.html"
    alone.write_text(run(FLAGSHIP).html(), encoding="utf-8")
    page, said = opened(offline, alone)
    page.keyboard.press("End")
    assert page.locator("a[href]").count() == 0
    assert said == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(browser: Browser, file: Path, size: ViewportSize, scheme: str) -> None:
    page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(file.as_uri())
    page.locator("main[data-ready]").wait_for()
    assert axe(page) == []
    page.get_by_role("button", name="Keys and help").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("radio", name="dark" if scheme == "light" else "light").check()
    assert axe(page) == []
    page.close()


def test_without_script_it_reads(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("ol > li").count() == 37
    words = page.locator("ol > li").nth(30).inner_text()
    assert "replaces 0x7000a" in words and "step 14" in words and "`" not in words
    context.close()


def test_no_script_of_a_scenario_s_author_runs(offline: BrowserContext, tmp_path: Path) -> None:
    evil = "</script><script>document.title='no'</script>%%trace%%<img src=x onerror=alert(1)>"
    data = run(FLAGSHIP).scenario.content() | {"title": evil, "story": evil}
    hostile = tmp_path / "hostile.html"
    hostile.write_text(run(data).html(), encoding="utf-8")
    page, said = opened(offline, hostile)
    assert page.title() == evil and said == []
    assert page.locator("img").count() == 0


def test_its_policy_lets_nothing_in_and_nothing_out(file: Path) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', file.read_text())
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'" and "connect-src" not in rules
    assert re.fullmatch(r"'sha256-[\w+/=]{44}'", rules["script-src"])
    assert re.fullmatch(r"'sha256-[\w+/=]{44}'", rules["style-src"])


def test_every_run_of_the_gallery_is_small_enough() -> None:
    assert one_file.FILE.stat().st_size < FRAME
    sizes = {id: len(run(scenario).html().encode()) for id, scenario in GALLERY.items()}
    assert {id: size for id, size in sizes.items() if size > MOST} == {}


def test_the_trace_in_it_is_the_trace() -> None:
    shown = run(FLAGSHIP, kernel="nopfn-v3")
    page = shown.html()
    data = re.search(r'id="trace"[^>]*>(.*?)</script>', page)
    assert data and json.loads(data[1]) == json.loads(json.dumps(shown.json()))
    assert page == run(FLAGSHIP, kernel="nopfn-v3").html()


def test_the_command_writes_it(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["run", FLAGSHIP, "--as", "html", "--at", "5", "--url", PUBLIC]) == 0
    assert capfdbinary.readouterr().out.decode() == run(FLAGSHIP).html(5, PUBLIC)
    assert main(["run", FLAGSHIP, "--as", "html", "--url", "javascript:alert(1)"]) == 2
    with pytest.raises(BadScenario):
        run(FLAGSHIP).html(url='https://x" onload="')


def test_where_the_page_is_not_built_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(one_file, "FILE", tmp_path / "nothing.html")
    with pytest.raises(NotBuilt):
        run(FLAGSHIP).html()
    assert main(["run", FLAGSHIP, "--as", "html"]) == 2
    assert "not built" in capsys.readouterr().err


def test_the_server_gives_it_away(client: httpx.Client, server: str) -> None:
    body = {"run": {"gallery": FLAGSHIP, "kernel": "nopfn-v3"}, "at": 3}
    answer = client.post("/api/run.html", json=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text == run(FLAGSHIP, "nopfn-v3").html(3, server)
    again = client.post(
        "/api/run.html", json=body, headers={"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304
    table = client.post("/api/run.csv", json=body)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text == run(FLAGSHIP, "nopfn-v3").csv()
    assert client.post("/api/run.exe", json=body).status_code == 404
    assert client.post("/api/run.csv", json={"run": {"gallery": "nowhere"}}).status_code == 422
    assert client.post("/api/files/csv", json=body["run"]).status_code == 404


@pytest.mark.parametrize("kind", ["txt", "md", "svg", "png"])
def test_the_server_keeps_back_what_is_to_be_predicted(client: httpx.Client, kind: str) -> None:
    body = {"run": {"link": run(FLAGSHIP).link}, "at": 14}
    told = client.post(f"/api/run.{kind}", json=body)
    asked = client.post(f"/api/run.{kind}", json={**body, "quiz": True})
    assert told.status_code == asked.status_code == 200
    assert told.content != asked.content
    if kind == "md":
        assert f"/#{body['run']['link']}&t=14&m=predict)" in asked.text  # type: ignore[index]
        assert len(asked.text) < len(told.text)


def test_a_short_link_gives_it_away_with_the_way_back(
    client: httpx.Client, server: str, offline: BrowserContext, tmp_path: Path
) -> None:
    made = client.post("/api/links", json={"link": run(FLAGSHIP).link}).json()
    answer = client.get(f"/l/{made['id']}.html?t=31")
    assert "attachment" in answer.headers["content-disposition"]
    file = tmp_path / "short.html"
    file.write_text(answer.text, encoding="utf-8")
    page, said = opened(offline, file)
    page.keyboard.press("ArrowRight")
    link = page.get_by_role("link", name="Open the whole page").first
    expect(link).to_have_attribute("href", f"{server}/l/{made['id']}?t=32")
    assert client.get(f"/l/{made['id']}.csv").text == run(FLAGSHIP).csv() and said == []
