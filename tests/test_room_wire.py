"""What a slow page gets: the newest, and nothing that is older than what it has."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable
from typing import Any, cast

import pytest
import uvloop
from loops import played

from app.rooms.names import LETTERS, name_of, read_name
from app.rooms.room import AT_ONCE, PACE, Kept, Room
from app.rooms.says import Cursor
from app.rooms.wire import AGAIN, BEHIND, Slot, Wire, frame


class Stalled:
    """A transport whose other end reads when the test says so."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.waiting = 0

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        self.waiting += len(data)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def get_extra_info(self, name: str) -> None: ...

    def is_closing(self) -> bool:
        return False


def test_a_slow_page_gets_the_newest_only() -> None:
    async def play() -> None:
        transport = Stalled()
        wire = Wire(cast(Any, transport))
        wire.tell(b"x" * (BEHIND + 1))
        for n in range(100):
            wire.tell(b"%d" % n)
        assert len(transport.sent) == 1
        await asyncio.sleep(3 * AGAIN)
        assert len(transport.sent) == 1
        transport.waiting = 0
        await asyncio.sleep(3 * AGAIN)
        assert transport.sent[1:] == [b"99"]
        wire.tell(b"100")
        assert transport.sent[2:] == [b"100"]

    played(play())


def test_no_frame_overtakes_the_rest_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    page, far = socket.socketpair()
    transport = Stalled()
    transport.get_extra_info = lambda name: page if name == "socket" else None  # type: ignore
    wire = Wire(cast(Any, transport))
    write = os.write
    monkeypatch.setattr("app.rooms.wire.os.write", lambda fd, data: write(fd, data[:4]))
    for text in (b"first", b"second"):
        wire.tell(frame(text))
    assert transport.sent == [frame(b"first")[4:], frame(b"second")]
    page.sendall(b"".join(transport.sent))
    transport.waiting = 0
    monkeypatch.undo()
    wire.tell(frame(b"third"))
    assert far.recv(100) == frame(b"first") + frame(b"second") + frame(b"third")
    page.close()
    far.close()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_frames_that_go_out_by_halves_stay_whole_and_in_order(
    run: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some bytes go to the socket itself, the rest and the server's own frames to the transport."""
    write, halves = os.write, list[int]()

    def stingy(fd: int, data: bytes) -> int:
        halves.append(len(data))
        if len(halves) % 5 == 0:
            raise BlockingIOError
        return write(fd, data[: len(data) // (len(halves) % 3 + 1)])

    async def play() -> None:
        wires: list[Wire] = []

        class Page(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                wires.append(Wire(cast(asyncio.Transport, transport)))

        server = await asyncio.get_running_loop().create_server(Page, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        while not wires:
            await asyncio.sleep(0.01)
        (wire,) = wires
        told = [b"%06d" % n + b"." * (n % 7 * 90) for n in range(2000)]
        got: list[bytes] = []
        monkeypatch.setattr("app.rooms.wire.os.write", stingy)
        for n, text in enumerate(told):
            wire.tell(frame(text))
            if n % 10 == 9:
                wire.transport.write(frame(b"pong"))
                got.append(await one(reader))
                while got[-1] != b"pong":
                    got.append(await one(reader))
        while told[-1] not in got[-2:]:
            got.append(await one(reader))
        texts = [text for text in got if text != b"pong"]
        assert len(halves) > 10 and got.count(b"pong") == 200
        assert texts == sorted(texts) and set(texts) <= set(told) and len(texts) > 1000
        wire.transport.close()
        wire.tell(frame(b"late"))  # to nobody, and to no other connection either
        writer.close()
        server.close()

    played(play(), run)


async def one(reader: asyncio.StreamReader) -> bytes:
    """The text of the next frame, which must be one."""
    kind, size = await reader.readexactly(2)
    assert kind == 0x81
    if size >= 126:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
    return await reader.readexactly(size)


def test_a_room_passes_on_what_was_held_up_and_bounds_a_flood() -> None:
    async def play() -> None:
        room, transport = Room("k7mq-9xtd", Kept("", 0)), Stalled()
        room.add(Wire(cast(Any, transport)))
        transport.write = lambda data: transport.sent.append(data)  # type: ignore[method-assign]
        for n in range(1, AT_ONCE + 1):
            room.take(Cursor(n=n))
        assert len(transport.sent) == AT_ONCE + 1
        began, n = time.monotonic(), AT_ONCE
        while time.monotonic() < began + 0.3:
            n += 1
            room.take(Cursor(n=n))
            await asyncio.sleep(0)
        await asyncio.sleep(2 / PACE)
        seconds = time.monotonic() - began
        assert len(transport.sent) <= AT_ONCE + 2 + PACE * seconds < n
        assert transport.sent[-1] == frame(b'{"n":%d}' % n)

    played(play())


def test_who_asks_late_gets_the_newest() -> None:
    async def play() -> None:
        slot = Slot()
        slot.tell(b"1")
        slot.tell(b"2")
        assert await slot.next(1) == b"2"
        assert await slot.next(0.01) is None

    played(play())


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_frame_is_one_of_the_protocol(size: int) -> None:
    from websockets.client import ClientProtocol
    from websockets.frames import Frame
    from websockets.uri import parse_uri

    client = ClientProtocol(parse_uri("ws://x/"), max_size=1 << 20)
    client.state = client.state.OPEN
    client.parser = client.parse()
    next(client.parser)
    client.receive_data(frame(b"a" * size))
    (event,) = client.events_received()
    assert isinstance(event, Frame) and event.data == b"a" * size and event.fin


def test_a_name_is_made_of_its_key_for_ever() -> None:
    assert name_of("KY5Qf2eWAY4bOY0hdV6kKtnn") == "n4gd-fjbb"
    assert len(LETTERS) == 32


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("k7mq-9xtd", "k7mq-9xtd"),
        (" K7MQ 9XTD ", "k7mq-9xtd"),
        ("k7mq9xto", "k7mq-9xt0"),
        ("l7mq-9xti", "17mq-9xt1"),
        ("k7mq-9xt", None),
        ("k7mq-9xtu", None),
        ("", None),
        ("k7mq-9xtd-", "k7mq-9xtd"),
        ("../../etc", None),
    ],
)
def test_a_typed_name_is_understood(typed: str, name: str | None) -> None:
    assert read_name(typed) == name
