"""Where this server is, as visitors see it, and what asks from elsewhere.

A Host header is whatever the client likes. It ends up in the addresses that are handed out, so one
that is no host name, or none of this server's, is refused; `public_url` takes its place if set.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems import Problem
from app.settings import Settings

HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
SAFE = ("GET", "HEAD", "OPTIONS")
OPERATORS = ("/healthz", "/readyz", "/metrics")
"""Who asks whether the server is well often knows its address only."""


def origin_of(settings: Settings, request: Request) -> str:
    """The address of this site without a last slash: https://faultwalk.example."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = request.headers.get("host", "localhost")
    return f"{request.url.scheme}://{host}{below(request)}"


def below(request: Request) -> str:
    """The path below which the site stands: "", or "/fw" without a last slash."""
    return str(request.scope.get("root_path", ""))


class OwnSite:
    """ASGI middleware: answers to the site's own names, and only to its own pages and programs.

    A host that cannot be is answered 400, one that is not ours 421. A page of another site may
    link here and show what is here, but may not have its visitors send work: 403.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.names = {name.strip().lower() for name in settings.hosts.split(",") if name.strip()}
        self.public = urlsplit(settings.public_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or say what is wrong with its host or its origin."""
        if scope["type"] in ("http", "websocket"):
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            host = hosts[0].decode("latin-1").lower() if hosts else ""
            if len(hosts) > 1 or (host and not HOST.fullmatch(host)):
                raise bad_host(400, "Bad Request", "the Host header is no name of a host")
            if self.names and not self.ours(scope, host):
                sentence = "this server does not answer to that host name"
                raise bad_host(421, "Misdirected Request", sentence)
            # a browser lets any site open a WebSocket to any other
            works = scope["type"] == "websocket" or scope["method"] not in SAFE
            if works and self.from_elsewhere(Headers(scope=scope), host):
                raise cross_origin()
        await self.app(scope, receive, send)

    def ours(self, scope: Scope, host: str) -> bool:
        """Whether the request is for a name of ours, or from who looks after the server."""
        name = re.sub(r":\d+$", "", host)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return path in OPERATORS or any(_fits(name, known) for known in self.names)

    def from_elsewhere(self, headers: Headers, host: str) -> bool:
        """Whether a page of another site sends this; programs send neither header."""
        site = headers.get("sec-fetch-site")  # no page can write it, and no proxy rewrites it
        if site is not None:
            return site not in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None:
            return False
        sender = urlsplit(origin).netloc if origin.startswith(("http://", "https://")) else ""
        return not sender or sender.lower() not in {host, self.public}


def _fits(name: str, known: str) -> bool:
    """Whether a name is `known`, or below it where that begins with *."""
    return name.endswith(known[1:]) if known.startswith("*.") else name == known


def bad_host(status: int, title: str, sentence: str) -> Problem:
    """The problem that says so, without repeating the name."""
    return Problem(status, title, sentence, kind="bad-host")


def cross_origin() -> Problem:
    """The problem that a page of another site is told."""
    sentence = (
        "a page of another site may not send work here; if the page is this site's own, its proxy "
        "must pass on the Host header"
    )
    return Problem(403, "Forbidden", sentence, kind="cross-origin")
