"""The main views as pictures: a change of looks shows in review.

tests/screens/ holds each view at half its size. A view that differs clearly fails, and the new
picture lies beside the old one; FAULTWALK_SCREENS=write takes the new ones over.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from browser import LAPTOP, PHONE, PROJECTOR
from playwright.sync_api import Browser, Page, ViewportSize

SCREENS = Path(__file__).parent / "screens"
ALLOWED = 5.0
"""Mean difference of a colour channel, 0 to 255, over 96 by 60 cells: fonts may differ a little."""


class View(NamedTuple):
    """An address, how it is seen, what is pressed, what is waited for before that and after it."""

    address: str
    size: ViewportSize
    theme: Literal["light", "dark"] = "light"
    keys: tuple[str, ...] = ()
    own_theme: str = "auto"
    ready: str = "body"
    after: str = "body"


BLOG: ViewportSize = {"width": 720, "height": 480}
FRAME: ViewportSize = {"width": 960, "height": 600}
SMALLEST: ViewportSize = {"width": 320, "height": 200}
EMBED = "/embed#s=two-threads-one-page&t=31"
RACE = "/#s=two-threads-one-page&t=31"
PARTED = "/compare#s=two-threads-one-page,k=nopfn-v2~s=two-threads-one-page,k=nopfn-v3&t=32"
GAME = "/play#l=overwrite&k=nopfn-v2&m=A.nopfn_ret.1~B.spin_lock.1"
HAND = (
    "/be-the-kernel#t=device-race&k=nopfn-v3"
    "&m=down_read~find_vma~walk~read_pte~nopfn~spin_lock~set_pte.told.PWUAD"
)
VIEWS = {
    "stage": View(RACE, LAPTOP),
    "stage-dark": View(RACE, LAPTOP, "dark"),
    "stage-phone": View(RACE, PHONE),
    "projector": View(RACE, PROJECTOR, own_theme="projector"),
    "why": View(RACE, LAPTOP, keys=("w",)),
    "whatif": View("/#s=two-threads-one-page&t=14&m=whatif", LAPTOP),
    "schedules": View(f"{RACE}&m=schedules", LAPTOP, ready=".outcome.own"),
    "schedules-phone": View(f"{RACE}&m=schedules", PHONE, "dark", ready=".outcome.own"),
    "matrix": View("/matrix#s=two-threads-one-page", LAPTOP, ready="table.matrix"),
    "compare": View(PARTED, LAPTOP),
    "compare-projector": View(PARTED, PROJECTOR, own_theme="projector"),
    "compare-phone": View(PARTED, PHONE, "dark"),
    "play": View(GAME, LAPTOP, ready=".place"),
    "play-dark": View(GAME, LAPTOP, "dark", ready=".place"),
    "play-projector": View(GAME, PROJECTOR, own_theme="projector", ready=".place"),
    "play-small-dark": View(GAME, PROJECTOR, "dark", ready=".place"),
    "play-phone": View(GAME, PHONE, ready=".place"),
    "play-phone-dark": View(GAME, PHONE, "dark", ready=".place"),
    "byhand": View(HAND, LAPTOP, ready=".say.of-bad"),
    "byhand-projector": View(HAND, PROJECTOR, own_theme="projector", ready=".say.of-bad"),
    "byhand-phone-dark": View(HAND, PHONE, "dark", ready=".say.of-bad"),
    "share": View(RACE, LAPTOP, keys=("s",), after=".share-sheet"),
    "share-phone-dark": View(RACE, PHONE, "dark", keys=("s",), after=".share-sheet"),
    "embed-min": View("/embed#s=two-threads-one-page&t=31&c=min", BLOG, ready="main[data-ready]"),
    "embed-full": View(EMBED, FRAME, ready="main[data-ready]"),
    "embed-full-dark": View(EMBED, FRAME, "dark", ready="main[data-ready]"),
    "embed-smallest": View(EMBED, SMALLEST, ready="main[data-ready]"),
    "thread": View("/thread", LAPTOP),
    "thread-phone": View("/thread#m6", PHONE),
    "glossary": View("/glossary#pte", LAPTOP),
    "gallery": View("/gallery", LAPTOP),
    "gallery-phone": View("/gallery?claim=fork", PHONE, "dark"),
    "truth": View("/truth", LAPTOP),
}

COMPARE = """async ([one, other]) => {
  const cells = async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = new OffscreenCanvas(96, 60);
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, 96, 60);
    return context.getImageData(0, 0, 96, 60).data;
  };
  const [a, b] = [await cells(one), await cells(other)];
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
}"""


def picture(browser: Browser, server: str, view: View) -> bytes:
    context = browser.new_context(
        viewport=view.size,
        color_scheme=view.theme,
        device_scale_factor=0.5,
        reduced_motion="reduce",
    )
    context.add_init_script(
        f"localStorage.setItem('faultwalk.been', 'yes');"
        f"localStorage.setItem('faultwalk.theme', '{view.own_theme}')"
    )
    page = context.new_page()
    page.goto(server + view.address, wait_until="networkidle")
    page.locator(view.ready).first.wait_for()
    for key in view.keys:
        page.keyboard.press(key)
    page.locator(view.after).first.wait_for()
    taken = settled(page)
    context.close()
    return taken


def settled(page: Page) -> bytes:
    """The page's picture, once it is the same twice."""
    before = b""
    for _ in range(30):
        taken = page.screenshot(animations="disabled")
        if taken == before:
            return taken
        before = taken
        page.wait_for_timeout(150)
    raise AssertionError("it does not come to rest")


@pytest.fixture(scope="module")
def judge(browser: Browser) -> Page:
    """A page that compares pictures."""
    return browser.new_page()


def difference(page: Page, one: bytes, other: bytes) -> float:
    return float(page.evaluate(COMPARE, [base64.b64encode(p).decode() for p in (one, other)]))


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_looks_as_it_did(browser: Browser, server: str, judge: Page, name: str) -> None:
    taken = picture(browser, server, VIEWS[name])
    kept = SCREENS / f"{name}.png"
    if os.environ.get("FAULTWALK_SCREENS") == "write":
        SCREENS.mkdir(exist_ok=True)
        kept.write_bytes(taken)
    differs = difference(judge, kept.read_bytes(), taken)
    if differs > ALLOWED:
        (SCREENS / f"{name}-changed.png").write_bytes(taken)
    assert differs <= ALLOWED, f"{name} looks different ({differs:.1f}); see {kept} and -changed"


def test_the_comparison_can_fail(browser: Browser, server: str, judge: Page) -> None:
    light = picture(browser, server, VIEWS["stage"])
    dark = picture(browser, server, VIEWS["stage-dark"])
    assert difference(judge, light, dark) > ALLOWED
