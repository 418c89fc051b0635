"""How often one client may ask for work: a token bucket for each, in memory, in a bounded table."""

from __future__ import annotations

import hmac
import ipaddress
import math
import secrets
import time
from collections import OrderedDict

from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems import Problem


class Buckets:
    """Token buckets by client; the one unused for longest is forgotten when the table is full."""

    def __init__(self, rate: float, burst: int, most: int = 10_000) -> None:
        self.rate = rate
        self.burst = burst
        self.most = most
        self.table: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Take one token of `client`: 0 when there was one, else the seconds until there is."""
        tokens, then = self.table.pop(client, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - then) * self.rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self.rate
        self.table[client] = (tokens if wait else tokens - 1, now)
        if len(self.table) > self.most:
            self.table.popitem(last=False)
        return wait


def client_of(scope: Scope) -> str:
    """Who is asking: the address, or for IPv6 its /64, which one person commands whole."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), 64), strict=False))


class LinkLimit:
    """How many links one visitor may make: by the minute and by the day.

    What is remembered is not the address but its HMAC, whose key lives for a day and nowhere else.
    """

    def __init__(self, a_minute: int, a_day: int) -> None:
        self.minute = Buckets(a_minute / 60, a_minute)
        self.day = Buckets(a_day / 86_400, a_day)
        self.key, self.until = secrets.token_bytes(32), 0.0

    def take(self, scope: Scope, now: float) -> float:
        """Take one of the visitor's links: 0 when there was one, else the seconds to wait."""
        if now > self.until:
            self.key, self.until = secrets.token_bytes(32), now + 86_400
        client = hmac.digest(self.key, client_of(scope).encode(), "sha256").hex()
        return self.minute.take(client, now) or self.day.take(client, now)


class RateLimit:
    """ASGI middleware: a POST costs its client one token; without one it is answered 429."""

    def __init__(self, app: ASGIApp, rate: float, burst: int) -> None:
        self.app = app
        self.buckets = Buckets(rate, burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or say when to come back."""
        if scope["type"] == "http" and scope["method"] == "POST":
            wait = self.buckets.take(client_of(scope), time.monotonic())
            if wait:
                raise too_many(math.ceil(wait))
        await self.app(scope, receive, send)


def too_many(seconds: int, what: str = "requests") -> Problem:
    """The problem that says how long to wait."""
    sentence = f"too many {what} from one place; try again in {seconds} s"
    headers = {"retry-after": str(seconds)}
    return Problem(429, "Too Many Requests", sentence, kind="too-many", headers=headers)
