"""Talking to a room: who presents, who follows, and what they hear."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from scenes import GALLERY
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from engine import encode_link

LINK = encode_link(GALLERY["two-threads-one-page"])
NAMES = (f"page-{n}-of-the-test" for n in range(10_000))


def opened(server: str, **body: str) -> dict[str, str]:
    answer = httpx.post(f"{server}/api/rooms", json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, str] = answer.json()
    return told


def socket(server: str, path: str, **more: Any) -> ClientConnection:
    made: ClientConnection = connect(f"{server.replace('http', 'ws')}/api/rooms/{path}", **more)
    return made


def follower(server: str, name: str, **more: Any) -> ClientConnection:
    return socket(server, f"{name}/follow?who={next(NAMES)}", **more)


def heard(page: ClientConnection, seconds: float = 5) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(page.recv(timeout=seconds))
    return told


def until(page: ClientConnection, seconds: float = 20, **wanted: Any) -> dict[str, Any]:
    """What comes first with these fields."""
    end = time.monotonic() + seconds
    while True:
        told = heard(page, max(end - time.monotonic(), 0.01))
        flat = {**told.get("cursor", {}), **told}
        if all(flat.get(name) == value for name, value in wanted.items()):
            return told


@contextmanager
def presenting(server: str, room: dict[str, str]) -> Iterator[ClientConnection]:
    with socket(server, f"{room['name']}/present") as guide:
        say(guide, "key", key=room["key"])
        assert "cursor" in heard(guide)
        yield guide


def say(guide: ClientConnection, type: str, **fields: Any) -> None:
    guide.send(json.dumps({"type": type, **fields}))


def closed(page: ClientConnection) -> int:
    """The code that it is closed with."""
    with pytest.raises(ConnectionClosed) as told:
        while True:
            page.recv(timeout=10)
    assert told.value.rcvd is not None
    return int(told.value.rcvd.code)


def vote(page: ClientConnection, choice: int, q: str = "q/14", round: int = 1) -> str:
    """What an answer is answered."""
    say(page, "vote", q=q, round=round, choice=choice)
    while "vote" not in (told := heard(page)):
        pass
    return str(told["vote"])
