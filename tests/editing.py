"""The editor in a real browser, as its tests hold it: its text, its form, what it says is wrong."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

RUNS = "It runs"


def opened(page: Page, server: str, place: str = "/edit") -> None:
    page.goto(server + place)
    expect(status(page)).to_contain_text(RUNS)


def status(page: Page) -> Locator:
    return page.locator(".ed-status")


def text(page: Page) -> str:
    """The whole text, of which the page shows only the lines in view."""
    return str(
        page.evaluate(
            "document.querySelector('.ed-code').shadowRoot.querySelector('.cm-content')"
            ".cmTile.view.state.doc.toString()"
        )
    )


def typed(page: Page, old: str, new: str) -> None:
    """Select `old` as a user would by search, and type `new` over it."""
    page.evaluate(
        """([old]) => {
            const root = document.querySelector('.ed-code').shadowRoot;
            const { view } = root.querySelector('.cm-content').cmTile;
            const anchor = view.state.doc.toString().indexOf(old);
            if (anchor < 0) throw new Error('not in the text: ' + old);
            const selection = { anchor, head: anchor + old.length };
            view.dispatch({ selection, scrollIntoView: true });
            view.focus();
        }""",
        [old],
    )
    page.keyboard.insert_text(new) if new else page.keyboard.press("Delete")


def form(page: Page) -> None:
    page.get_by_role("tab", name="Form").click()


def faults(page: Page) -> Locator:
    return page.get_by_role("list", name="What is wrong").get_by_role("button")
