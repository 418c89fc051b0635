"""What the tests share: one real server, a client of it, and a browser."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import httpx
import pytest
from browser import LAPTOP, a_browser, watched
from editing import opened
from playwright.sync_api import Browser, Page, expect
from postgres import Postgres, running_postgres
from server import running_server

# A machine that does much else at once is slow, not wrong.
expect.set_options(timeout=15_000)
for ask in (httpx.get, httpx.post, httpx.put, httpx.delete, httpx.head, httpx.request):
    ask.__kwdefaults__ = {**(ask.__kwdefaults__ or {}), "timeout": 60}


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a running server that lets a test ask as often as it likes."""
    with running_server(rate_limit="off") as address:
        yield address


@pytest.fixture(scope="session")
def client(server: str) -> Iterator[httpx.Client]:
    """An HTTP client of that server."""
    with httpx.Client(base_url=server, timeout=30) as found:
        yield found


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of our own."""
    with running_postgres() as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, for as long as the tests run."""
    with a_browser() as found:
        yield found


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Iterator[Browser]:
    """That browser; what a file's tests leave open in it is closed after them."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page that must leave the console clean."""
    opened = browser.new_page(viewport=LAPTOP)
    said = watched(opened)
    yield opened
    opened.close()
    assert said == []


@pytest.fixture
def editor(browser: Browser, server: str) -> Iterator[Page]:
    """The editor with the flagship. Of a refused run the browser itself tells; of nothing else."""
    context = browser.new_context(viewport=LAPTOP)
    page = context.new_page()
    said = watched(page)
    opened(page, server)
    yield page
    context.close()
    assert [line for line in said if not line.startswith("Failed to load resource")] == []
