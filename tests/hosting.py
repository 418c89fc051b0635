"""Other people's sites for tests: pages on an origin of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from browser import LAPTOP, watched
from playwright.sync_api import Browser, Frame, Page, ViewportSize

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript"}
TYPES |= {".css": "text/css", ".md": "text/plain"}
Pages = Mapping[str, str | bytes | Path]


@contextmanager
def another_site(pages: Pages, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve these pages by path on a port of their own; a Path serves the file, or a folder."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            found = b"" if path == "/favicon.ico" else _find(pages, path)
            self.send_response(200 if found is not None else 404)
            kind = TYPES.get(Path(path).suffix, TYPES[".html"])
            self.send_header("content-type", kind)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _find(pages: Pages, path: str) -> bytes | None:
    for prefix, page in pages.items():
        if isinstance(page, Path) and page.is_dir() and path.startswith(prefix):
            file = page / path.removeprefix(prefix)
            return file.read_bytes() if file.is_file() else None
        if path == prefix:
            if isinstance(page, Path):
                return page.read_bytes()
            return page.encode() if isinstance(page, str) else page
    return None


LISTEN = """<script>
  window.told = [];
  addEventListener("message", (e) => told.push([e.origin, e.data]));
  const say = (message) => document.querySelector("iframe").contentWindow
    .postMessage({ source: "faultwalk", v: 1, ...message }, "*");
</script>"""


@contextmanager
def host(browser: Browser, body: str, size: ViewportSize = LAPTOP) -> Iterator[Page]:
    """A page of another origin with this in it; its console, and the frame's, stay clean."""
    with another_site({"/": f"<!doctype html><title>host</title>{LISTEN}{body}"}) as site:
        page = browser.new_page(viewport=size)
        said = watched(page)
        page.goto(site)
        yield page
        page.close()
        assert said == []


def inner(page: Page) -> Frame:
    """The frame of the run, once it can be stepped."""
    element = page.wait_for_selector("iframe")
    found = element.content_frame() if element else None
    assert found is not None
    found.locator("main[data-ready]").wait_for()
    return found


def step_of(frame: Frame) -> int:
    return int(frame.locator(".scrubber").get_attribute("aria-valuenow") or -1)
