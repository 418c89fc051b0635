"""A real browser for tests: the system's Chromium, and what it complained about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from programs import provided

LAPTOP: ViewportSize = {"width": 1280, "height": 800}
PROJECTOR: ViewportSize = {"width": 1024, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}

NOT_WANTED = [
    # Playwright's own, for Chromium heeds the last list alone
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    # the lists under the address bar: with each window two pages more, which take longer to load
    # than most of ours
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
]
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=" + ",".join(NOT_WANTED),
    "--disable-sync",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


COUNT_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(e => e.value)))
    .observe({type: 'layout-shift'});
}"""
SHIFTED = """() => new Promise(done => requestAnimationFrame(() => setTimeout(
  () => done(window.shifts.reduce((sum, value) => sum + value, 0)), 100)))"""
"""How far things moved by themselves since COUNT_SHIFTS, as Chromium counts it, keys or not."""


def find_chromium() -> str:
    """Where Chromium is; without one the test fails in CI and is skipped elsewhere."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return provided(found, "no Chromium: install it, or name it in CHROMIUM")


@contextmanager
def a_browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=os.geteuid() != 0, args=ARGUMENTS
        )
        yield browser
        browser.close()


def watched(page: Page) -> list[str]:
    """A list that fills with what the console and uncaught errors say."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def visit(page: Page, address: str) -> None:
    """Open an address as somebody who has been here, and wait until the stage can be stepped."""
    page.add_init_script("localStorage.setItem('faultwalk.been', 'yes')")
    page.goto(address)
    page.locator("main[data-ready]").wait_for()


def at(page: Page) -> int:
    """The step that the stage shows."""
    return int(page.get_by_role("slider", name="Step").get_attribute("aria-valuenow") or -1)


def heading(page: Page) -> str:
    """What the caption says happened."""
    return page.get_by_role("heading", level=1).inner_text()


def to_step(page: Page, n: int) -> None:
    """Press the key for a step n times."""
    for _ in range(n):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider", name="Step")).to_have_attribute("aria-valuenow", str(n))


def axe(page: Page, *rules: str) -> list[tuple[str, list[str]]]:
    """What axe finds wrong on a page: rule and elements. rules: only these, even if off."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = Axe().run(page, options=options).response["violations"]
    return [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found]


def assert_clean(
    browser: Browser, address: str, size: Any, theme: Any, opened: bool = False
) -> None:
    """Nothing for axe to find, nothing in the console, nothing wider than the page.

    opened: with all details unfolded.
    """
    context = browser.new_context(viewport=size, color_scheme=theme)
    page = context.new_page()
    said = watched(page)
    page.goto(address)
    if opened:
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    context.close()
