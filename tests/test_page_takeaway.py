"""Take away: pictures, films and files of a run, each opened and looked into."""

from __future__ import annotations

import base64
import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import LAPTOP, PHONE, axe, to_step, visit, watched
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

RACE = "/#s=two-threads-one-page&t=31"
LAST = 37
SVG = "{http://www.w3.org/2000/svg}"

PICTURE, FILM, FILES = "This step as a picture", "Steps as a film", "The whole run as a file"

LOOK = """async ([data, type]) => {
  const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
  const decoder = new ImageDecoder({data: bytes, type});
  await decoder.tracks.ready;
  await decoder.completed;
  const { frameCount } = decoder.tracks.selectedTrack, frames = [];
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex += 1) {
    const { image } = await decoder.decode({ frameIndex });
    const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
    const pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    const pixels = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    const counts = new Map();
    let sum = 0;
    for (const pixel of pixels) {
      counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
      sum = (sum * 31 + pixel) >>> 0;
    }
    frames.push({
      width: canvas.width, height: canvas.height, colours: counts.size, sum,
      ground: Math.max(...counts.values()) / pixels.length, seconds: (image.duration ?? 0) / 1e6,
    });
    image.close();
  }
  return frames;
}"""
"""Each frame of a picture as Chromium decodes it."""

PLAY = """async ([data, type]) => {
  const video = document.createElement('video');
  video.muted = true;
  video.src = `data:${type};base64,${data}`;
  await new Promise((done, fail) => { video.onloadeddata = done; video.onerror = () => fail(video.error); });
  const look = () => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const pen = canvas.getContext('2d');
    pen.drawImage(video, 0, 0);
    const pixels = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return pixels.reduce((sum, pixel) => (sum * 31 + pixel) >>> 0, 0);
  };
  const seen = [];
  for (const at of [0.1, video.duration - 0.1]) {
    const sought = new Promise(done => (video.onseeked = done));
    video.currentTime = at;
    await sought;
    // a picture may be decoded a while after it was sought
    for (let n = 0; n < 50 && seen.includes(look()); n += 1) await new Promise(done => setTimeout(done, 100));
    seen.push(look());
  }
  await video.play();
  return { width: video.videoWidth, height: video.videoHeight, duration: video.duration, seen };
}"""  # noqa: E501


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=LAPTOP, accept_downloads=True)
    yield made
    made.close()


def opened(page: Page, address: str, name: str) -> Locator:
    """A part of the dialog Share, open on what is at an address."""
    visit(page, address)
    page.keyboard.press("s")
    return part(page, name)


def part(page: Page, name: str) -> Locator:
    dialog = page.get_by_role("dialog", name="Share this run")
    dialog.get_by_text(name, exact=True).click()
    found = dialog.locator("details").filter(has_text=name)
    expect(found.get_by_role("button").first).to_be_visible()
    return found


def taken(page: Page, within: Locator, button: str) -> tuple[str, bytes]:
    """The name and the bytes of what a button saves."""
    with page.expect_download(timeout=120_000) as got:
        within.get_by_role("button", name=button, exact=True).click()
    return got.value.suggested_filename, Path(got.value.path()).read_bytes()


def looked_into(page: Page, look: str, data: bytes, kind: str) -> Any:
    """What a page without our policy sees in a file."""
    other = page.context.new_page()
    other.route("**/blank", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    other.goto(re.sub(r"(//[^/]+)/.*", r"\1/blank", page.url))
    found = other.evaluate(look, [base64.b64encode(data).decode(), kind])
    other.close()
    return found


def step(within: Locator, label: str, n: int) -> None:
    field = within.get_by_label(label)
    field.fill(str(n))
    field.blur()


def words_of(svg: bytes) -> str:
    root = ET.fromstring(svg)
    return " ".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))


def test_the_picture_as_svg_stands_alone_and_says_what_the_stage_says(
    context: BrowserContext, server: str
) -> None:
    page = context.new_page()
    said = watched(page)
    name, data = taken(page, opened(page, server + RACE, PICTURE), "SVG")
    assert name == "two-threads-one-page-31-view.svg"
    root = ET.fromstring(data)
    assert (root.get("width"), root.get("height")) == ("1280", "720")
    drawn = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert drawn <= {"svg", "title", "desc", "rect", "path", "text", "tspan"}
    names = {attribute for each in root.iter() for attribute in each.attrib}
    assert not any("href" in one or one.startswith("on") for one in names)
    assert b"url(" not in data and data.count(b"http") == 1, "its own namespace"
    words = words_of(data)
    for told in (
        "B overwrites the filled pte: 0x7000b replaces 0x7000a.",
        "present pte overwritten",
    ):
        assert told in words
    for told in ("of 37", "pte[mspec+3] of process P", "stale", "0x40003 → 0x7000a r", "do_no_pfn"):
        assert told in words
    for lane in ("thread A", "thread B", "pte[3]", "cpu0 TLB", "mmap_sem", "ptl"):
        assert lane in words
    assert said == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_picture_as_png_has_its_size_and_is_not_blank(
    context: BrowserContext, server: str, colours: str
) -> None:
    page = context.new_page()
    said = watched(page)
    picture = opened(page, server + RACE, PICTURE)
    picture.get_by_label("Size").select_option("2560 × 1440")
    picture.get_by_role("radio", name=colours).check()
    seen = picture.get_by_role(
        "img", name=re.compile("Two threads, one page, step 31. B overwrites")
    )
    expect(seen).to_be_visible()
    name, data = taken(page, picture, "PNG")
    assert name == "two-threads-one-page-31-view.png"
    (frame,) = looked_into(page, LOOK, data, "image/png")
    assert (frame["width"], frame["height"]) == (2560, 1440)
    assert frame["colours"] > 200 and 0.3 < frame["ground"] < 0.9
    assert said == []


def test_a_gif_has_a_frame_for_each_step(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    said = watched(page)
    film = opened(page, server + RACE, FILM)
    step(film, "From step", 28)
    step(film, "To step", 32)
    film.get_by_label("Seconds a step").select_option("2")
    film.get_by_label("Size").select_option("640 × 360")
    expect(film).to_contain_text("5 pictures, 10 seconds")
    name, data = taken(page, film, "GIF")
    assert name == "two-threads-one-page-28-32.gif"
    assert data[:6] == b"GIF89a" and struct.unpack("<HH", data[6:10]) == (640, 360)
    assert b"NETSCAPE2.0" in data
    frames = looked_into(page, LOOK, data, "image/gif")
    assert len(frames) == 5
    assert [frame["seconds"] for frame in frames] == [2] * 5
    assert len({frame["sum"] for frame in frames}) == 5, "no two steps look alike"
    assert all(frame["colours"] > 50 and 0.3 < frame["ground"] < 0.9 for frame in frames)
    expect(film.get_by_role("status")).to_contain_text("GIF")
    assert said == []


@pytest.mark.parametrize("kind", ["WebM", "MP4"])
def test_a_video_plays_as_long_as_it_says(context: BrowserContext, server: str, kind: str) -> None:
    page = context.new_page()
    said = watched(page)
    film = opened(page, server + RACE, FILM)
    step(film, "From step", 29)
    step(film, "To step", 31)
    film.get_by_label("Seconds a step").select_option("1")
    film.get_by_label("Size").select_option("1280 × 720")
    expect(film).to_contain_text(re.compile("3 pictures, 3 seconds"))
    if not film.get_by_role("button", name=kind, exact=True).count():
        expect(film).to_contain_text(f"This browser has no encoder for {kind}.")
        pytest.skip(f"this Chromium encodes no {kind}, and says so")
    name, data = taken(page, film, kind)
    assert name == f"two-threads-one-page-29-31.{kind.lower()}"
    seen = looked_into(page, PLAY, data, f"video/{kind.lower()}")
    assert (seen["width"], seen["height"]) == (1280, 720)
    assert seen["duration"] == pytest.approx(3, abs=0.6)
    assert len(set(seen["seen"])) == 2, "the last step is not the first"
    assert said == []


def test_where_nothing_encodes_video_it_says_so(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    page.add_init_script("delete globalThis.VideoEncoder")
    film = opened(page, server + RACE, FILM)
    expect(film).to_contain_text("This browser has no encoder for video here")
    expect(film.get_by_role("button", name="GIF", exact=True)).to_be_visible()
    expect(film.get_by_role("button", name=re.compile("MP4|WebM"))).to_have_count(0)


def test_a_film_is_cancelled(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    saved: list[str] = []
    page.on("download", lambda download: saved.append(download.suggested_filename))
    film = opened(page, server + RACE, FILM)
    film.get_by_label("Size").select_option("1920 × 1080")
    film.get_by_role("button", name="GIF", exact=True).click()
    expect(film.get_by_role("progressbar")).to_be_visible()
    film.get_by_role("button", name="Cancel").press("Enter")
    expect(film.get_by_role("status").filter(has_text="Cancelled")).to_be_visible()
    expect(film.get_by_role("button", name="GIF", exact=True)).to_be_focused()
    assert saved == []


def test_steps_stay_within_the_run_and_in_order(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    film = opened(page, server + RACE, FILM)
    step(film, "To step", 900)
    expect(film.get_by_label("To step")).to_have_value(str(LAST))
    step(film, "To step", 900)
    expect(film.get_by_label("To step")).to_have_value(str(LAST))
    step(film, "From step", -3)
    expect(film.get_by_label("From step")).to_have_value("0")
    step(film, "To step", 4)
    step(film, "From step", 9)
    expect(film.get_by_label("To step")).to_have_value("9")


def test_what_is_to_be_predicted_is_in_no_picture(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    visit(page, f"{server}/#s=two-threads-one-page&t=0&m=predict")
    to_step(page, 2)
    page.keyboard.press("s")
    words = words_of(taken(page, part(page, PICTURE), "SVG")[1])
    assert "drawn as you step" in words and "2" in words.split()
    for later in ("0x7000", "writes it next", "nopfn", "stale", "still", "overwritten"):
        assert later not in words.replace("nopfn-v2", ""), later
    film = part(page, FILM)
    expect(film.get_by_label("To step")).to_have_value("2")
    step(film, "To step", 30)
    expect(film.get_by_label("To step")).to_have_value("2")
    expect(film).to_contain_text("In Predict it ends at step 2")


def test_who_asks_first_gives_no_answer_away(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    picture = opened(page, f"{server}/#s=two-threads-one-page&t=14", PICTURE)
    assert "0x7000a by A" in words_of(taken(page, picture, "SVG")[1])
    page.get_by_role("checkbox", name=re.compile("Predict")).check()
    words = words_of(taken(page, picture, "SVG")[1])
    assert "0x7000" not in words and "drawn as you step" in words


def test_the_encoders_come_when_they_are_wanted(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    loaded: list[str] = []
    page.on("response", lambda r: loaded.append(r.url) if r.url.endswith(".js") else None)
    visit(page, server + RACE)
    page.keyboard.press("s")
    film = part(page, FILM)
    step(film, "To step", 1)
    film.get_by_label("Size").select_option("640 × 360")
    before = list(loaded)
    taken(page, film, "GIF")
    assert len(loaded) == len(before) + 1


@pytest.mark.parametrize(
    ("button", "begins"),
    [("HTML", b"<!doctype html>"), ("CSV", b"step,"), ("Card (SVG)", b"<svg"), ("JSON", b"{")],
)
def test_the_run_is_taken_along_whole(
    context: BrowserContext, server: str, button: str, begins: bytes
) -> None:
    page = context.new_page()
    name, data = taken(page, opened(page, server + RACE, FILES), button)
    assert name.startswith("two-threads-one-page-31.")
    assert data[:200].lower().startswith(begins) and len(data) > 1000


def test_it_prints_the_stage_not_the_dialog(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    page.add_init_script(
        "print = () => console.log(document.querySelectorAll('dialog[open]').length)"
    )
    files = opened(page, server + RACE, FILES)
    with page.expect_console_message(lambda message: message.text == "0"):
        files.get_by_role("button", name="Print").click()


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_axe_finds_nothing_and_fingers_find_everything(
    browser: Browser, server: str, theme: str
) -> None:
    made = browser.new_context(viewport=PHONE, reduced_motion="reduce", has_touch=True)
    made.add_init_script(f"localStorage.setItem('faultwalk.theme', '{theme}')")
    page = made.new_page()
    opened(page, server + RACE, PICTURE)
    part(page, FILM)
    part(page, FILES)
    dialog = page.get_by_role("dialog", name="Share this run")
    assert axe(page) == []
    assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
    small = dialog.locator("button, summary, select, input[type=number], .share-opens label")
    found = small.evaluate_all(
        "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert found == []
    made.close()
