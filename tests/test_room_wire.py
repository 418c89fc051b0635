"""What a slow page gets: the newest, and nothing that is older than what it has."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from app.rooms.names import LETTERS, name_of, read_name
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

    asyncio.run(play())


def test_who_asks_late_gets_the_newest() -> None:
    async def play() -> None:
        slot = Slot()
        slot.tell(b"1")
        slot.tell(b"2")
        assert await slot.next(1) == b"2"
        assert await slot.next(0.01) is None

    asyncio.run(play())


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
