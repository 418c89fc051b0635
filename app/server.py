"""The HTTP server: uvicorn, and what it leaves out towards clients that are slow or many.

Heads that take too long or grow too large are cut off, connections are counted, and a stop ends
streams cleanly. What is refused here is refused before there is a request, so nobody logs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.problems import of_http
from app.rooms.wire import Socket
from app.settings import Settings

HEAD = 64 * 1024
"""Bytes of request line and headers at most."""

LINGER = 16 * 1024 * 1024
"""Bytes of a refused body that are read and thrown away, so that the sender hears the answer."""

STUCK = 120.0
"""Seconds in which a client must take up what it was sent."""


def plain(status: int, sentence: str) -> bytes:
    """A problem as the bytes of a whole response, for a connection that has no request yet."""
    response = of_http(status, sentence, {"connection": "close"}).response()
    head = b"".join(name + b": " + value + b"\r\n" for name, value in response.raw_headers)
    phrase = of_http(status, "").title.encode()
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (status, phrase, head, bytes(response.body))


class Connection(HttpToolsProtocol):
    """One connection: a head must come whole, in time and within its size; so many at most."""

    seconds = 10.0
    most = 1000

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.due: asyncio.TimerHandle | None = None
        self.stuck: asyncio.TimerHandle | None = None
        self.head = self.wasted = 0
        self.begun = self.refused = self.turned_away = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, or say that the house is full."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self.turn_away(503, "too many connections are open; try again in a few seconds")
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._whole()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has become too large."""
        if self.turned_away:
            return
        if self.due and not self.refused:
            self.head += len(data)
            if self.head > HEAD + self.body_within(data):
                self.turn_away(431, f"request line and headers are larger than {HEAD} bytes")
                return
        super().data_received(data)

    def body_within(self, data: bytes) -> int:
        """Bytes of `data` behind the head's end, if that is in it."""
        _, end, body = data.partition(b"\r\n\r\n")
        return len(body) if end else 0

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        if not self.due:
            self._wait()
        self.begun = True

    def on_headers_complete(self) -> None:
        """The head is whole; how long the body may take is the application's to say."""
        self._whole()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; of one that was refused not without end."""
        super().on_body(body)
        if self.cycle.response_complete:
            self.wasted += len(body)
            if self.wasted > LINGER:
                self.transport.close()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._whole()
        refused, self.refused, self.wasted = self.refused, False, 0
        super().on_message_complete()
        if refused:
            self._wait()  # the wait for a next head ended when the answer did

    def on_response_complete(self) -> None:
        """The answer is whole; what is left of the request must come soon."""
        unread = self.cycle.more_body and not self.pipeline
        super().on_response_complete()
        if unread and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self.refused = True  # what comes now is that rest, and no head
            self.due = self.loop.call_later(self.seconds, self.transport.close)

    def pause_writing(self) -> None:
        """The client does not read what it is sent."""
        super().pause_writing()
        self.stuck = self.loop.call_later(STUCK, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        if self.stuck:
            self.stuck.cancel()
            self.stuck = None
        if self.flow is not None:
            super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is told as everything else is."""
        self.turn_away(400, msg.rstrip("."))

    def turn_away(self, status: int, sentence: str) -> None:
        """Say why, and close."""
        self.turned_away = True
        self._whole()
        if not self.transport.is_closing():
            self.transport.write(plain(status, sentence))
            self.transport.close()

    def _wait(self) -> None:
        self.head, self.begun = 0, False
        self.due = self.loop.call_later(self.seconds, self._late)

    def _whole(self) -> None:
        if self.due:
            self.due.cancel()
            self.due = None

    def _late(self) -> None:
        self.due = None
        if self.begun:
            self.turn_away(408, f"the head of the request took longer than {self.seconds:g} s")
        else:
            self.transport.close()


class Server(uvicorn.Server):
    """uvicorn that ends the application's streams first, so that none is cut off."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking connections, end streams, wait for what is under way, then end."""
        app: FastAPI = self.config.app  # type: ignore[assignment]
        app.state.stopping = True
        for stop in app.state.at_stop:
            stop()
        await super().shutdown(sockets)


def serve(app: FastAPI, settings: Settings, listener: socket.socket) -> NoReturn:
    """Serve until SIGTERM or SIGINT, and end the process."""
    known = {"seconds": settings.head_seconds, "most": settings.connections}
    room_for(settings.connections + 100)
    sys.setswitchinterval(0.001)  # seconds until a run in a thread lets others go on
    config = uvicorn.Config(
        app,
        http=type("Connection", (Connection,), known),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application believes the proxies of its settings, no others
        ws=Socket,
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        timeout_keep_alive=int(settings.idle_seconds),
        timeout_graceful_shutdown=int(settings.stop_seconds),
    )
    signal.signal(signal.SIGTERM, _gone)  # uvicorn raises it again when all is done
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])
    _gone()


def _gone(*_: object) -> NoReturn:
    """End at once: the interpreter's own end trips over threads that still warm caches."""
    sys.stdout.flush()
    os._exit(0)


def room_for(files: int) -> None:
    """Ask the system for as many open files as the connections need, if it has them."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        if soft < files:
            most = files if hard == resource.RLIM_INFINITY else min(files, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
