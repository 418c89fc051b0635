"""How a cursor reaches a page: at once, or, where a page is slow, only the newest.

A frame is the same bytes for every page, so it is made once and given to each transport. A page
that has not taken up what it was sent is passed over, and has the newest when it is ready.
"""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "faultwalk.transport"
BEHIND = 2048
"""Bytes not yet taken up from which on a page counts as slow."""

KERNEL = 16 * 1024
"""Bytes that the system may hold for a page; by default it would be minutes of cursors."""

AGAIN = 0.05
"""Seconds until a slow page is looked at again."""


class Socket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, whose application may write to the transport itself."""

    async def run_asgi(self) -> None:
        """Tell the application of the transport."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self.transport
        await super().run_asgi()


def frame(text: bytes) -> bytes:
    """A text as a WebSocket frame from a server: unmasked, in one piece (RFC 6455, 5.2)."""
    size = len(text)
    if size < 126:
        return bytes((0x81, size)) + text
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2) + text
    return b"\x81\x7f" + size.to_bytes(8) + text


class Wire:
    """The way to one page: frames go straight to its socket, or else to its transport."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.newest: bytes | None = None
        self.timer: asyncio.TimerHandle | None = None
        made = transport.get_extra_info("socket")
        if made is not None:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL)
        plain = made is not None and transport.get_extra_info("sslcontext") is None
        self.fd = made.fileno() if plain and os.name == "posix" else None

    def tell(self, made: bytes) -> None:
        """Send a frame, or keep it while the page is behind; an older kept one is dropped."""
        if self.timer is None:
            behind = self.transport.get_write_buffer_size()
            if not behind and self.fd is not None:
                self._write(self.fd, made)
                return
            if behind <= BEHIND:
                self.transport.write(made)
                return
        self.newest = made
        if self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(AGAIN, self._again)

    def close(self) -> None:
        """Nobody is there any more."""
        if self.timer:
            self.timer.cancel()

    def _write(self, fd: int, made: bytes) -> None:
        """Write to the socket. The transport has nothing to send, and gets what does not fit."""
        if self.transport.is_closing():
            return  # the descriptor may be another connection's by now
        try:
            sent = os.write(fd, made)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # the transport finds out by itself
        if sent < len(made):
            self.transport.write(made[sent:])

    def _again(self) -> None:
        self.timer = None
        kept, self.newest = self.newest, None
        if kept is not None and not self.transport.is_closing():
            self.tell(kept)


class Slot:
    """The same for a stream of events: the newest waits until it is asked for."""

    def __init__(self) -> None:
        self.newest: bytes | None = None
        self.ready = asyncio.Event()

    def tell(self, made: bytes) -> None:
        """Keep the newest."""
        self.newest = made
        self.ready.set()

    def close(self) -> None:
        """Nobody is there any more."""
        self.ready.set()

    async def next(self, seconds: float) -> bytes | None:
        """The newest, once there is one; None after so many seconds without."""
        try:
            await asyncio.wait_for(self.ready.wait(), seconds)
        except TimeoutError:
            return None
        self.ready.clear()
        kept, self.newest = self.newest, None
        return kept


Follower = Wire | Slot


def transport_of(scope: Any) -> asyncio.Transport | None:
    """The transport of a connection, where the server tells it."""
    found: asyncio.Transport | None = scope.get("extensions", {}).get(EXTENSION)
    return found
