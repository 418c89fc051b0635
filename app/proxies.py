"""Requests that came through a proxy: who asks, how, for which host, and below which path.

What a request says of its way here is believed only if a trusted proxy hands it over: anybody can
write such a header. A proxy must set each of them itself, or clear what came with the request.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from app.settings import PREFIX, BadSetting, Settings

log = logging.getLogger("faultwalk")

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
BELOW = re.compile(r"(/[A-Za-z0-9._~-]+)*")
PAIR = re.compile(r'\s*([a-z]+)=("[^"]*"|[^;]*)\s*')
TOLD = tuple(f"x-forwarded-{name}".encode() for name in ("for", "proto", "host", "prefix"))


def networks(name: str, text: str) -> Networks:
    """The networks that the setting `name` lists, with commas. Raises BadSetting."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tuple(ipaddress.ip_network(part, strict=False) for part in found)
    except ValueError as error:
        said = f"{PREFIX}{name.upper()}: {error}; it should be addresses or networks, with commas"
        raise BadSetting(said) from None


def root_path(settings: Settings) -> str:
    """The path below which the site stands: "" or "/fw". Raises BadSetting."""
    found = (settings.root_path or urlsplit(settings.public_url).path).rstrip("/")
    if not BELOW.fullmatch(found):
        raise BadSetting(f"{PREFIX}ROOT_PATH is {found!r}; it should be a path, as /fw")
    return found


def inside(address: str, known: Networks) -> bool:
    """Whether an address is in one of these networks; what is no address is in none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in network for network in known)


class Proxied:
    """ASGI middleware, the outermost: the scope as if the visitor had come without the proxies.

    Where the proxies write Forwarded (RFC 7239) instead of X-Forwarded-*, nothing else is read,
    since a proxy passes on what it does not know. Raises BadSetting.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.trusted = networks("trusted_proxies", settings.trusted_proxies)
        self.below = root_path(settings)
        self.forwarded = settings.forwarded
        self.warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the right scope; the path of the site without its last slash leads to it."""
        if scope["type"] in ("http", "websocket"):
            scope = self.seen(scope)
            below = scope["root_path"]
            if below and scope["path"] == below and scope["type"] == "http":
                await _redirect(below, scope["query_string"], send)
                return
        await self.app(scope, receive, send)

    def seen(self, scope: Scope) -> Scope:
        """A scope of its own for the request.

        vouched: it came from a trusted proxy. untold: it came through a proxy that is not.
        """
        headers = dict(scope["headers"])
        told = any(name in headers for name in (*TOLD, b"forwarded"))
        peer = scope["client"][0] if scope.get("client") else ""
        changed, below = {}, self.below
        vouched = inside(peer, self.trusted)
        if told and vouched:
            read = _rfc7239 if self.forwarded else _x_forwarded
            way = read(headers)
            changed = self.vouched(scope, peer, way)
            below = self.below or way.get("prefix", "")
            told = False
        elif told and not self.warned:
            self.warned = True
            log.warning("forwarding headers come from outside %sTRUSTED_PROXIES", PREFIX)
        path = scope["path"]
        if below and path != below and not path.startswith(below + "/"):  # the proxy took it away
            changed["path"] = below + path
            changed["raw_path"] = below.encode() + scope.get("raw_path", path.encode())
        return {**scope, **changed, "root_path": below, "untold": told, "vouched": vouched}

    def vouched(self, scope: Scope, peer: str, way: Mapping[str, str]) -> dict[str, object]:
        """What the proxy says of client, scheme and host."""
        found: dict[str, object] = {"client": (self.visitor(peer, way.get("for", "")), 0)}
        if way.get("proto") in ("http", "https"):
            secure = way["proto"] == "https"
            plain = {"http": "ws", "https": "wss"} if scope["type"] == "websocket" else {}
            found["scheme"] = plain.get(way["proto"], "https" if secure else "http")
        if way.get("host"):
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            found["headers"] = [(b"host", way["host"].encode("latin-1")), *others]
        return found

    def visitor(self, peer: str, hops: str) -> str:
        """The last address on the way that is no proxy of ours."""
        found = peer
        for hop in reversed(hops.split(",")):
            address = _address(hop)
            if address is None:  # the proxy does not know, or does not tell
                return found
            found = address
            if not inside(address, self.trusted):
                return found
        return found


def _address(hop: str) -> str | None:
    """The address in 192.0.2.7, 192.0.2.7:80, 2001:db8::7 or "[2001:db8::7]:80"."""
    hop = hop.strip().strip('"')
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ipaddress.ip_address(hop))
    except ValueError:
        return None


def _x_forwarded(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """for, proto, host and prefix; of lists what the nearest proxy added."""
    found = {"for": headers.get(b"x-forwarded-for", b"").decode("latin-1")}
    for name in ("proto", "host", "prefix"):
        text = headers.get(f"x-forwarded-{name}".encode(), b"").decode("latin-1")
        found[name] = text.rpartition(",")[2].strip()
    found["prefix"] = found["prefix"].rstrip("/")
    if not BELOW.fullmatch(found["prefix"]):
        found["prefix"] = ""
    return found


def _rfc7239(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """for, proto and host of Forwarded."""
    hops = [_pairs(hop) for hop in headers.get(b"forwarded", b"").decode("latin-1").split(",")]
    return {**hops[-1], "for": ",".join(hop.get("for", "unknown") for hop in hops)}


def _pairs(hop: str) -> dict[str, str]:
    found = [PAIR.fullmatch(part.lower()) for part in hop.split(";")]
    return {match[1]: match[2].strip('"') for match in found if match}


async def _redirect(below: str, query: bytes, send: Send) -> None:
    place = f"{below}/".encode() + (b"?" + query if query else b"")
    headers = [(b"location", place), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 308, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
