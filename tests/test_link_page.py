"""What is at a short link: the run as text without script, the stage with it, files, previews."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator

import httpx
import pytest
from browser import LAPTOP, PHONE, at, axe, heading, visit, watched
from playwright.sync_api import Browser, expect
from scenes import GALLERY
from server import running_server

from engine import encode_link, run, trace_json
from engine.picture.raster import png
from engine.present import present
from engine.reading import reading

SCENARIO = GALLERY["two-threads-one-page"].model_copy(update={"expect": {}})
TRACE = run(SCENARIO)


@pytest.fixture(scope="module")
def links() -> Iterator[httpx.Client]:
    """A client of a server that keeps one link, the flagship's."""
    with running_server(rate_limit="off") as address, httpx.Client(base_url=address) as client:
        made = client.post("/api/links", json={"gallery": "two-threads-one-page"})
        client.headers["x-id"] = made.json()["id"]
        yield client


@pytest.fixture(scope="module")
def path(links: httpx.Client) -> str:
    """Where the link is."""
    return f"/l/{links.headers['x-id']}"


def text_of(html: str) -> str:
    """What a reader sees of it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.partition('<div id="root">')[2]))


def test_the_whole_run_is_in_the_page(links: httpx.Client, path: str) -> None:
    page = links.get(path).text
    assert len(re.findall(r'<li id="s\d+"', page)) == len(TRACE.steps)
    text = text_of(page)
    for line in reading(TRACE):
        for sentence in (line.what, line.why, *line.rules, *line.notes):
            plain = re.sub(r"[`@]", "", re.sub(r"#(\d+)", r"step \1", sentence))
            plain = plain.replace("'", "&#39;").replace("->", "-&gt;")
            assert plain in text, sentence


def test_the_step_of_the_link_is_marked(links: httpx.Client, path: str) -> None:
    assert 'aria-current="step"' not in links.get(path).text.partition("run-steps")[2]
    page = links.get(f"{path}?t=14").text
    assert re.search(r'<li id="s14" [^>]*aria-current="step"', page)
    for odd in ("t=999999", "t=-1", "t=x", "t=" + "9" * 500, "m=nonsense", "t=3&t=4"):
        assert links.get(f"{path}?{odd}").status_code == 200


def test_a_pasted_link_has_a_preview(links: httpx.Client, path: str) -> None:
    page = links.get(f"{path}?t=31").text
    told = dict(
        re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)"', page)
    )
    base = str(links.base_url).rstrip("/")
    assert told["og:title"] == SCENARIO.title
    assert told["og:image"] == told["twitter:image"] == f"{base}{path}.png?t=31"
    assert told["og:url"] == f"{base}{path}?t=31"
    assert "never sees what B wrote" in told["og:description"]
    assert told["twitter:card"] == "summary_large_image"
    image = links.get(told["og:image"])
    assert image.headers["content-type"] == "image/png"
    assert struct.unpack(">II", image.content[16:24]) == (1200, 630)
    assert image.content == png(TRACE, 31)
    assert image.headers["cross-origin-resource-policy"] == "cross-origin"


def test_predict_tells_nothing_of_what_comes(links: httpx.Client, path: str) -> None:
    """Neither the preview, nor the page before its data, nor the texts."""
    page = links.get(f"{path}?t=14&m=predict").text
    seen = page.partition('id="opening"')[0]
    said = re.sub(r'<script type="application/json" id="messages">.*?</script>', "", seen)
    texts = [said] + [links.get(f"{path}.{k}?t=14&m=predict").text for k in ("txt", "md", "svg")]
    for text in texts:
        assert "0x7000b" not in text and "never sees" not in text
        assert "predict" in text or "?" in text
    assert f'href="{path}?t=14"' in said


@pytest.mark.parametrize("kind", ["txt", "md", "json", "svg", "png"])
def test_a_link_is_there_as_a_file(links: httpx.Client, path: str, kind: str) -> None:
    answer = links.get(f"{path}.{kind}?t=14")
    assert answer.status_code == 200
    url = f"{links.base_url}".rstrip("/") + f"{path}?t=14"
    assert answer.content == present(TRACE, kind, 14, url=url)
    assert "immutable" in answer.headers["cache-control"]
    again = links.get(f"{path}.{kind}?t=14", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert links.head(f"{path}.{kind}").status_code == 200
    if kind == "svg":
        assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    if kind == "json":
        assert answer.json() == json.loads(json.dumps(trace_json(TRACE)))


def test_the_page_says_what_it_is_written_in(links: httpx.Client, path: str) -> None:
    answer = links.get(path)
    assert answer.headers["content-language"] == "en"
    assert links.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


# --- in a browser


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_without_script(
    browser: Browser, links: httpx.Client, path: str, size: object, theme: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{links.base_url}".rstrip("/") + f"{path}?t=31")
    expect(page.get_by_role("heading", level=1)).to_have_text(SCENARIO.title)
    assert page.get_by_role("listitem").filter(has_text="replaces").count() == 1
    expect(page.locator("#s31")).to_be_visible()
    wide = page.locator("body").bounding_box()
    assert wide and wide["width"] <= size["width"]  # type: ignore[index]
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_text(
    browser: Browser, links: httpx.Client, path: str, theme: str
) -> None:
    """The page as it is without script; axe is one itself, so the stage is kept from coming."""
    base = str(links.base_url).rstrip("/")
    context = browser.new_context(color_scheme=theme, viewport=LAPTOP)  # type: ignore[arg-type]
    page = context.new_page()
    page.route("**/main-*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    for address in (f"{path}?t=31", f"{path}?t=14&m=predict"):
        page.goto(base + address)
        page.evaluate(
            "document.querySelector('.unscripted').style.setProperty('visibility', 'visible')"
        )
        page.evaluate("document.querySelector('.unscripted').style.setProperty('height', 'auto')")
        assert axe(page) == []
    context.close()


@pytest.mark.parametrize("status", [404, 410])
def test_axe_finds_nothing_where_nothing_is(
    browser: Browser, links: httpx.Client, status: int
) -> None:
    address = "/l/aaaaaaaaaa"
    if status == 410:
        made = links.post("/api/links", json={"gallery": "munmap-waits"}).json()
        token = {"authorization": f"Bearer {made['delete_token']}"}
        links.delete(f"/api/links/{made['id']}", headers=token)
        address = f"/l/{made['id']}"
    page = browser.new_page()
    answer = page.goto(str(links.base_url).rstrip("/") + address)
    assert answer and answer.status == status
    assert axe(page) == []
    expect(page.get_by_role("link", name="The gallery")).to_be_visible()
    page.close()


def test_where_script_runs_the_stage_opens_at_the_step(
    browser: Browser, links: httpx.Client, path: str
) -> None:
    page = browser.new_page(viewport=LAPTOP)
    said, asked = watched(page), []
    page.on("request", lambda r: asked.append(r.url) if "/api/run" in r.url else None)
    base = str(links.base_url).rstrip("/")
    visit(page, f"{base}{path}?t=31")
    assert at(page) == 31 and "replaces" in heading(page)
    assert asked == [], "the run is in the page"
    assert page.locator(".unscripted").count() == 0
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**{path}?t=30")
    page.reload()
    page.locator("main[data-ready]").wait_for()
    assert at(page) == 30 and page.url.endswith(f"{path}?t=30")
    assert said == []
    page.close()


def test_another_run_leaves_the_short_link_and_back_returns(
    browser: Browser, links: httpx.Client, path: str
) -> None:
    page = browser.new_page(viewport=LAPTOP)
    visit(page, str(links.base_url).rstrip("/") + f"{path}?t=31")
    page.get_by_role("radio", name=re.compile("v3")).or_(
        page.get_by_role("button", name=re.compile("^v3"))
    ).first.click()
    page.wait_for_url(re.compile(r"/#z1\."))
    page.go_back()
    page.wait_for_url(re.compile(f"{path}\\?t="))
    expect(page.locator("main[data-ready]")).to_be_visible()
    page.close()


def test_the_editor_opens_on_what_the_short_link_holds(
    browser: Browser, links: httpx.Client, path: str
) -> None:
    page = browser.new_page(viewport=LAPTOP)
    visit(page, str(links.base_url).rstrip("/") + f"{path}?t=3")
    page.get_by_role("button", name="Edit").first.click()
    page.wait_for_url(re.compile(r"/edit#z1\..*&t=3$"))
    page.close()


def test_a_short_link_and_the_long_one_show_the_same(links: httpx.Client, path: str) -> None:
    told = links.get(f"/api/{path.replace('/l/', 'links/')}").json()
    assert told["link"] == encode_link(TRACE.scenario, TRACE.witness)
