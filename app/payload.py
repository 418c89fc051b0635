"""Documents made once, sent often: bytes, their ETag, gzip, and a cache bounded in bytes."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

SMALL = 1024
"""Below this many bytes gzip is not worth its while."""


@dataclass(frozen=True)
class Payload:
    """A document ready to be sent; kept compressed unless it is small."""

    body: bytes
    zipped: bool
    etag: str
    media_type: str = "application/json"
    link: str = ""
    """For a run: the self-contained link to it."""

    language: str = ""
    """The language of what it says, if another reader would be told it in his own."""

    def respond(self, request: Request, cache: str = "no-cache") -> Response:
        """The response to `request`: 304 when the client has this already, gzip when it may be."""
        headers = {"etag": self.etag, "cache-control": cache, "vary": "accept-encoding"}
        if self.language:
            headers["content-language"] = self.language
            headers["vary"] = "accept-encoding, accept-language"
        if self.etag in _etags(request):
            return Response(status_code=304, headers=headers)
        if self.zipped and accepts(request.headers.get("accept-encoding", ""), "gzip"):
            headers["content-encoding"] = "gzip"
            return Response(self.body, headers=headers, media_type=self.media_type)
        return Response(self.plain(), headers=headers, media_type=self.media_type)

    def plain(self) -> bytes:
        """The document itself."""
        return gzip.decompress(self.body) if self.zipped else self.body


def make(
    content: Any, key: str = "", media_type: str = "application/json", language: str = ""
) -> Payload:
    """`content` as a payload, its ETag taken from `key`, or from the bytes where there is none."""
    link = content.get("link", "") if isinstance(content, dict) else ""
    made = packed(msgspec.json.encode(content), key, media_type, link)
    return replace(made, language=language)


def packed(body: bytes, key: str = "", media_type: str = "text/html", link: str = "") -> Payload:
    """These bytes as a payload."""
    etag = f'W/"{key or digest(body)}"'
    if len(body) < SMALL:
        return Payload(body, False, etag, media_type, link)
    return Payload(gzip.compress(body, 6, mtime=0), True, etag, media_type, link)


def digest(*parts: bytes) -> str:
    """A short name for these bytes."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def accepts(header: str, coding: str) -> bool:
    """Whether an Accept-Encoding `header` allows `coding`."""
    for item in header.lower().split(","):
        name, _, quality = item.partition(";")
        if name.strip() == coding:
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _etags(request: Request) -> set[str]:
    """The ETags in If-None-Match, all in their weak form."""
    found = request.headers.get("if-none-match", "").split(",")
    return {"W/" + tag.strip().removeprefix("W/") for tag in found if tag.strip()}


class Cache:
    """Payloads by key; those unused for longest go when there are more than `most` bytes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._kept: OrderedDict[str, Payload] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> Payload | None:
        """The payload kept under `key`, which now is the one used last."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: str, payload: Payload) -> None:
        """Keep `payload`, and let go of others until all fit."""
        with self._lock:
            self.size -= _cost(self._kept.pop(key, None))
            self._kept[key] = payload
            self.size += _cost(payload)
            while self.size > self.most:
                self.size -= _cost(self._kept.popitem(last=False)[1])


def _cost(payload: Payload | None) -> int:
    """The bytes that keeping `payload` takes, roughly."""
    return len(payload.body) + len(payload.link) + 1000 if payload else 0
