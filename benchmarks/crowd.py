"""The other ends of a room's benchmark, each a process of its own: python -m benchmarks.crowd JSON.

Followers are plain sockets under one epoll: frames are known by their bytes, and the clock is read
once for a handful of them, after they were read, so never too early. To compare with there are a
bare loop of `socket.send` to as many followers, which is what the system takes, and `websockets`.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

HANDFUL = 64
"""Sockets that are read between two looks at the clock."""

HELLO = (
    "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TEXT, PING = 0x81, 0x89


def main() -> None:
    """Be what the argument says, and print what was seen."""
    kinds: dict[str, Callable[..., Any]] = {"follow": follow, "bare": bare, "broadcast": broadcast}
    told = json.loads(sys.argv[1])
    print(json.dumps(kinds[told.pop("kind")](**told)))


def follow(host: str, port: int, path: str, count: int, many: int, reads: bool) -> dict[str, Any]:
    """Follow so many times, until stdin says something; when each step came."""
    pages: dict[int, socket.socket] = {}
    for n in range(count):
        page = socket.create_connection((host, port), 60)
        page.sendall(HELLO.format(path=path.format(n=n), host=host, port=port).encode())
        while not page.recv(1, socket.MSG_PEEK):
            raise RuntimeError("the server has hung up")
        page.setblocking(False)
        pages[page.fileno()] = page
    crowd = Crowd(pages, many)
    crowd.run(lambda: crowd.greeted == count)
    print("here", flush=True)
    before = time.process_time()
    if reads:
        crowd.run(None)
    else:
        sys.stdin.readline()
    return {"at": crowd.at[1:], "cpu": time.process_time() - before}


class Crowd:
    """Followers that read."""

    def __init__(self, pages: dict[int, socket.socket], many: int) -> None:
        self.pages, self.greeted = pages, 0
        self.at: list[list[float]] = [[] for _ in range(many + 1)]
        self.known: dict[bytes, int] = {}
        self.rests = dict.fromkeys(pages, b"")
        self.heads = set(pages)
        self.ready = select.epoll()
        for fd in pages:
            self.ready.register(fd, select.EPOLLIN)
        self.ready.register(0, select.EPOLLIN)

    def run(self, over: Callable[[], bool] | None) -> None:
        """Read until it is over, or until somebody says so on stdin."""
        known, rests, at = self.known, self.rests, self.at
        reads = {fd: page.recv for fd, page in self.pages.items()}
        while not (over and over()):
            steps = []
            for fd, _ in self.ready.poll(maxevents=HANDFUL):
                if fd == 0:
                    return
                data = reads[fd](4096)
                step = None if rests[fd] else known.get(data)
                if step is not None:
                    steps.append(step)
                elif data:
                    steps += self.parse(fd, data)
                else:
                    self.ready.unregister(fd)
            now = time.monotonic()
            for step in steps:
                at[step].append(now)

    def parse(self, fd: int, data: bytes) -> list[int]:
        """The steps in what came, which may be more than a frame, or less."""
        data = self.rests[fd] + data
        if fd in self.heads:
            _, end, rest = data.partition(b"\r\n\r\n")
            if end:
                self.heads.discard(fd)
            data = rest if end else data
        found = []
        while fd not in self.heads and len(data) >= 2:
            size, begin = (data[1], 2) if data[1] < 126 else (int.from_bytes(data[2:4]), 4)
            if len(data) < begin + size:
                break
            whole, data = data[: begin + size], data[begin + size :]
            if whole[0] == PING:
                self.pages[fd].send(bytes((0x8A, 0x80 | size, 0, 0, 0, 0)) + whole[begin:])
            elif whole[0] == TEXT:
                found += self.read(whole, whole[begin:])
        self.rests[fd] = data
        return found

    def read(self, whole: bytes, text: bytes) -> list[int]:
        """The step of a cursor; none in the one that greets, and in the one that says away."""
        told = json.loads(text)
        if "at" not in told:
            self.greeted += 1
        if "at" not in told or "away" in told:
            return []
        self.known[whole] = told["at"]
        return [told["at"]]


def frame(step: int) -> bytes:
    """A cursor as a room sends it, of the same size."""
    return bytes((TEXT, len(cursor(step)))) + cursor(step)


def cursor(step: int) -> bytes:
    """Its text; the step 0 greets."""
    at = f',"at":{step}' if step else ""
    return f'{{"n":{1_764_000_000_000 + step},"run":"0123456789ab"{at}}}'.encode()


def bare(count: int, many: int, rate: int) -> dict[str, Any]:
    """Nothing but send, again and again."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    print(listener.getsockname()[1], flush=True)
    pages = []
    for _ in range(count):
        page, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head:
            head += page.recv(4096)
        page.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        page.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + frame(0))
        page.setblocking(False)
        pages.append(page)
    sys.stdin.readline()
    sends = [page.send for page in pages]
    sent, began, before = [], time.monotonic(), os.times()
    for step in range(many):
        time.sleep(max(0.0, began + step / rate - time.monotonic()))
        sent.append(time.monotonic())
        made = frame(step + 1)
        for send in sends:
            send(made)
    return seen(sent, before)


def seen(sent: list[float], before: os.times_result) -> dict[str, Any]:
    """When each round began, what they took, and how long."""
    now = os.times()
    used = now.user - before.user, now.system - before.system
    return {"sent": sent, "used": used, "wall": now.elapsed - before.elapsed}


def broadcast(many: int, rate: int, **_: int) -> dict[str, Any]:
    """The same by websockets' own broadcast."""
    import uvloop

    return uvloop.run(_broadcast(many, rate))


async def _broadcast(many: int, rate: int) -> dict[str, Any]:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.asyncio.server import broadcast as send_all

    async def greet(page: ServerConnection) -> None:
        await page.send(cursor(0).decode())
        await page.wait_closed()

    server = await serve(greet, "127.0.0.1", 0, compression=None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    sent, began, before = [], time.monotonic(), os.times()
    for step in range(many):
        await asyncio.sleep(max(0.0, began + step / rate - time.monotonic()))
        sent.append(time.monotonic())
        send_all(server.connections, cursor(step + 1).decode())
    await asyncio.sleep(1 / rate)  # what could not be sent at once is sent now
    return seen(sent, before)


if __name__ == "__main__":
    main()
