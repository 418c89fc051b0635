"""A room in real browsers, as its tests hold one: who presents, who follows, what they look at."""

from __future__ import annotations

from browser import LAPTOP, PHONE, PROJECTOR, visit, watched
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

SCENE = "/#s=two-threads-one-page&t=0"
ASKED_AT = 6
"""The step before the first question of that scene."""
WRONG, RIGHT = 0, 1
"""Which of that question's answers are so."""


class Class:
    """Who presents, and those who follow, each in a profile of his own."""

    def __init__(self, browser: Browser, server: str) -> None:
        self.browser, self.server = browser, server
        self.contexts: list[BrowserContext] = []
        self.said: list[list[str]] = []
        self.name = ""

    def profile(self, size: ViewportSize, touch: bool = False) -> BrowserContext:
        made = self.browser.new_context(viewport=size, has_touch=touch)
        self.contexts.append(made)
        return made

    def present(self, scene: str = SCENE) -> Page:
        page = self.profile(PROJECTOR).new_page()
        self.said.append(watched(page))
        visit(page, self.server + scene)
        return self.begin(page)

    def begin(self, page: Page) -> Page:
        """Open the room on a page that shows the stage."""
        page.keyboard.press("P")
        way_in = page.get_by_role("dialog", name="Follow on your own screen")
        expect(way_in.get_by_role("img")).to_be_visible()
        self.name = way_in.locator(".room-name").inner_text()
        page.keyboard.press("PageDown")
        expect(way_in).to_have_count(0)
        return page

    def follow(
        self, size: ViewportSize = LAPTOP, context: BrowserContext | None = None, server: str = ""
    ) -> Page:
        page = (context or self.profile(size, touch=size == PHONE)).new_page()
        if context is None:
            self.said.append(watched(page))
        page.goto(f"{server or self.server}/r/{self.name}")
        page.locator("main[data-ready]").wait_for()
        return page


def reaches(page: Page, step: int) -> None:
    slider = page.get_by_role("slider", name="Step")
    expect(slider).to_have_attribute("aria-valuenow", str(step), timeout=15_000)


def line(page: Page) -> Locator:
    return page.locator(".room-line")


def question(page: Page) -> Locator:
    return page.get_by_role("region", name="Predict")


def to_question(page: Page) -> None:
    page.locator("main[data-questions]").wait_for()
    page.keyboard.press("End")
    reaches(page, ASKED_AT)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def says_nothing(page: Page) -> None:
    """Nothing on the page tells which answer is right."""
    expect(question(page).locator(".right, .mark, .told-why")).to_have_count(0)
