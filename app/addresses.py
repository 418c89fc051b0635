"""Where this server is, as visitors see it, and what asks from elsewhere.

A Host header is whatever the client likes. It ends up in the addresses that are handed out, so one
that is no host name, or none of this server's, is refused; `public_url` takes its place if set.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems import Problem
from app.settings import BadSetting, Settings

HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")


def origin_of(settings: Settings, request: Request) -> str:
    """The address of this server without a last slash: https://faultwalk.example."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"


def from_elsewhere(settings: Settings, request: Request) -> bool:
    """Whether a page of another site sends this; programs send no Origin."""
    origin = request.headers.get("origin")
    if origin is None:
        return False
    host = urlsplit(origin).netloc if origin.startswith(("http://", "https://")) else ""
    own = {request.headers.get("host", ""), urlsplit(settings.public_url).netloc} - {""}
    return host.lower() not in {name.lower() for name in own}


class KnownHosts:
    """ASGI middleware: a request for a host that cannot be, or is not ours, is answered 400."""

    def __init__(self, app: ASGIApp, names: str) -> None:
        self.app = app
        self.names = {name.strip().lower() for name in names.split(",") if name.strip()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or say what is wrong with its host."""
        if scope["type"] in ("http", "websocket"):
            host = Headers(scope=scope).get("host", "")
            if host and not HOST.fullmatch(host):
                raise bad_host("the Host header is no name of a host")
            name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
            # who asks whether the server is well often knows its address only
            if self.names and scope["path"] != "/healthz" and name.lower() not in self.names:
                raise bad_host("this server does not answer to that host name")
        await self.app(scope, receive, send)


def bad_host(sentence: str) -> Problem:
    """The problem that says so, without repeating the name."""
    return Problem(400, "Bad Request", sentence, kind="bad-host")


def proxies(settings: Settings) -> list[str]:
    """The proxies that are believed. Raises BadSetting."""
    found = [name.strip() for name in settings.trusted_proxies.split(",") if name.strip()]
    for name in found:
        try:
            ipaddress.ip_network(name, strict=False)
        except ValueError:
            said = f"FAULTWALK_TRUSTED_PROXIES names {name!r}; it should be addresses or networks"
            raise BadSetting(said) from None
    return found
