"""How many phones follow one presenter: .venv/bin/python -m benchmarks.rooms [--followers N ...].

One room on one worker of the server, so many cursors a second. Delivered: each follower counts what
it gets, and must get each. Delay: from the presenter's send to each follower's receipt, by one
clock, since all are on this machine. CPU: of the server and of the processes that follow, apart.
Then the same with followers that stop reading: what the others notice of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.server import started_server

COUNTS = (500, 1000)
RATE, SECONDS = 20, 10.0


def main() -> int:
    """Measure, print, and exit 0; 1 if a cursor did not arrive."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rooms", description=__doc__)
    parser.add_argument("--followers", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--rate", type=int, default=RATE, help="cursors a second")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--stalled", type=int, default=20, help="followers that stop reading")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--follow", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.follow:
        print(json.dumps(asyncio.run(follow(**json.loads(args.follow)))))
        return 0
    before = os.getloadavg()[0]
    found = [
        measure(count, args.rate, args.seconds, stalled)
        for count in args.followers
        for stalled in (0, args.stalled)
    ]
    if args.json:
        print(json.dumps({"load_before": before, "rows": found}, indent=2))
    else:
        _print(before, found)
    return 0 if all(row["delivered"] == row["expected"] for row in found) else 1


def measure(count: int, rate: int, seconds: float, stalled: int) -> dict[str, Any]:
    """One room with so many followers, of which some do not read."""
    with started_server(rate_limit="off", room_size=str(count + stalled)) as (process, server):
        room = httpx.post(f"{server}/api/rooms", json={}).json()
        many = int(seconds * rate)
        asked = {"server": server, "name": room["name"], "many": many}
        command = [sys.executable, "-m", "benchmarks.rooms", "--follow"]
        groups = [{"count": count, "reads": True}]
        groups += [{"count": stalled, "reads": False}] if stalled else []
        followers = [
            subprocess.Popen(
                [*command, json.dumps({**asked, **group})],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for group in groups
        ]
        _until_here(server, room["name"], followers)
        before, began = _cpu(process.pid), time.monotonic()
        sent = asyncio.run(present(server, room, many, rate))
        wall, used = time.monotonic() - began, _cpu(process.pid) - before
        told = [json.loads(each.communicate("end\n")[0]) for each in followers]
    delays = sorted(
        (at - sent[step]) * 1000 for step, times in enumerate(told[0]["at"]) for at in times
    )
    return {
        "followers": count,
        "stalled": stalled,
        "expected": count * many,
        "delivered": len(delays),
        "p50_ms": delays[len(delays) // 2],
        "p99_ms": delays[int(len(delays) * 0.99)],
        "server_cpu": used / wall,
        "followers_cpu": told[0]["cpu"] / wall,
        "us_a_delivery": used / max(len(delays), 1) * 1e6,
    }


def _until_here(server: str, name: str, followers: list[subprocess.Popen[str]]) -> None:
    """Wait until all of them follow."""
    for each in followers:
        assert each.stdout is not None
        line = each.stdout.readline()
        if line.strip() != "here":
            raise RuntimeError(f"followers of {server} {name} say {line!r}")


async def present(server: str, room: dict[str, str], many: int, rate: int) -> list[float]:
    """Send so many cursors, evenly; when each was sent."""
    from websockets.asyncio.client import connect

    address = f"{server.replace('http', 'ws')}/api/rooms/{room['name']}/present"
    sent = []
    async with connect(address, compression=None) as socket:
        await socket.send(json.dumps({"type": "key", "key": room["key"]}))
        await socket.recv()
        reader = asyncio.ensure_future(_drain(socket))
        await asyncio.sleep(1)
        began = time.monotonic()
        for step in range(many):
            await asyncio.sleep(max(0.0, began + step / rate - time.monotonic()))
            sent.append(time.monotonic())
            await socket.send(json.dumps({"type": "go", "at": step}))
        await asyncio.sleep(1)
        reader.cancel()
    return sent


async def _drain(socket: Any) -> None:
    async for _ in socket:
        pass


async def follow(server: str, name: str, many: int, count: int, reads: bool) -> dict[str, Any]:
    """Follow with so many connections, by plain sockets: the load must not be the bottleneck."""
    place = urlsplit(server)
    pages = [Page(many) for _ in range(count)]
    loop = asyncio.get_running_loop()
    for n, page in enumerate(pages):
        await loop.create_connection(lambda page=page: page, place.hostname, place.port)  # type: ignore[misc]
        page.hello(
            place.netloc, f"/api/rooms/{name}/follow?who=page-{n:011}-{'r' if reads else 's'}"
        )
        if n % 50 == 49:
            await asyncio.sleep(0.05)
    while not all(page.greeted for page in pages):
        await asyncio.sleep(0.05)
    if not reads:
        for page in pages:
            page.transport.pause_reading()
    before = time.process_time()
    print("here", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    at: list[list[float]] = [[] for _ in range(many)]
    for page in pages:
        for step, then in page.seen.items():
            at[step].append(then)
    return {"at": at, "cpu": time.process_time() - before}


class Page(asyncio.Protocol):
    """One follower: when each step came. It reads frames as they are, unmasked and whole."""

    def __init__(self, many: int) -> None:
        self.many, self.seen, self.buffer = many, dict[int, float](), b""
        self.greeted = self.upgraded = False
        self.transport: asyncio.Transport = None  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        self.transport = transport  # type: ignore[assignment]

    def hello(self, host: str, path: str) -> None:
        """Ask for a WebSocket."""
        words = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        words += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Host: {host}"]
        self.transport.write("\r\n".join([f"GET {path} HTTP/1.1", *words, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        now = time.monotonic()
        self.buffer += data
        if not self.upgraded:
            _, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            self.upgraded, self.buffer = True, rest
        while len(self.buffer) >= 2:
            size, begin = self.buffer[1], 2
            if size == 126:
                size, begin = int.from_bytes(self.buffer[2:4]), 4
            if len(self.buffer) < begin + size:
                return
            kind, text = self.buffer[0], self.buffer[begin : begin + size]
            self.buffer = self.buffer[begin + size :]
            if kind == 0x81:
                self._cursor(text, now)

    def _cursor(self, text: bytes, now: float) -> None:
        told = json.loads(text)
        if self.greeted and not told.get("away"):
            self.seen.setdefault(told.get("at", 0), now)
        self.greeted = True


def _cpu(pid: int) -> float:
    """Seconds of processor that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _print(load: float, rows: list[dict[str, Any]]) -> None:
    print(f"load before: {load:.1f}; cores: {os.cpu_count()}; {RATE} cursors a second")
    print(f"{'followers':>9} {'stalled':>7} {'delivered':>19} {'p50 ms':>7} {'p99 ms':>7} "
          f"{'server':>7} {'followers':>9} {'us each':>7}")  # fmt: skip
    for row in rows:
        print(f"{row['followers']:>9} {row['stalled']:>7} "
              f"{row['delivered']:>9}/{row['expected']:<9} {row['p50_ms']:>7.1f} "
              f"{row['p99_ms']:>7.1f} {row['server_cpu']:>7.0%} {row['followers_cpu']:>9.0%} "
              f"{row['us_a_delivery']:>7.1f}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
