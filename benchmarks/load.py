"""What one worker carries: .venv/bin/python -m benchmarks.load [--seconds N] [--rounds N] [--json].

POST /api/run of a scenario of some 200 steps beside the same server's empty route, in the same
run, in turns, at 16 connections. Warm: a scenario that came before. Cold: each one that never came,
which is computed. Beside: warm, while one more connection asks for cold ones. CPU is the server's
for each answer, which tells something on a busy machine too. The load is made in a process of its
own, which takes the second core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks.scenes import long_scenario
from engine import run
from tests.server import started_server

CONNECTIONS = 16
KINDS = ("empty route", "run, warm", "run, cold", "run, warm, beside cold")


def main() -> int:
    """Measure, print, and exit 0; 1 if an answer was not 200."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each kind in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--generate", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.generate:
        print(json.dumps(asyncio.run(generate(**json.loads(args.generate)))))
        return 0
    found = measure(args.seconds, args.rounds)
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        _print(found)
    return 0 if all(set(kind["statuses"]) == {"200"} for kind in found["kinds"].values()) else 1


def measure(seconds: float, rounds: int) -> dict[str, Any]:
    """Every kind in turns; of each the median of its rounds."""
    steps = len(run(scenario(0)).steps)
    before = os.getloadavg()[0]
    told: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    with (
        tempfile.TemporaryDirectory() as folder,
        started_server(data=folder, rate_limit="off") as (server, address),
    ):
        httpx.post(f"{address}/api/run", json={"scenario": scenario(0).content()}, timeout=60)
        _settled(server.pid)
        for number in range(rounds):
            for kind in KINDS:
                asked = {"address": address, "kind": kind, "seconds": seconds, "seed": number}
                spent = _spent(server.pid)
                made = _generated(asked)
                made["cpu ms"] = (_spent(server.pid) - spent) / made["asked"] * 1000
                told[kind].append(made)
    kinds = {kind: _middle(found) for kind, found in told.items()}
    busy = {"load before": round(before, 1), "load after": round(os.getloadavg()[0], 1)}
    machine = {"cores": os.cpu_count(), **busy}
    return {"steps": steps, "connections": CONNECTIONS, "machine": machine, "kinds": kinds}


def scenario(number: int) -> Any:
    """A scenario of 220 steps; each number is another one, in what it maps too."""
    plain = long_scenario(170)
    content = plain.content()
    content["title"] = f"many faults, {number}"
    content["processes"][0]["vmas"][0]["start"] = hex(0x40000000 + number % 4096 * 0x10000)
    return type(plain).model_validate(content)


def _generated(asked: dict[str, Any]) -> dict[str, Any]:
    """What a generator in a process of its own measures."""
    command = [sys.executable, "-m", "benchmarks.load", "--generate", json.dumps(asked)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _spent(process: int) -> float:
    """Seconds of CPU that a process has used; 0 where the system does not tell."""
    try:
        with open(f"/proc/{process}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _settled(process: int) -> None:
    """Wait until the server has worked out what its first visitor will ask; a minute at most."""
    for _ in range(60):
        spent = _spent(process)
        time.sleep(1)
        if _spent(process) - spent < 0.05:
            return


def _middle(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure, and all statuses."""
    names = ("a second", "p50 ms", "p99 ms", "cpu ms")
    middle = {name: round(statistics.median(r[name] for r in rounds), 2) for name in names}
    statuses = sum((Counter(r["statuses"]) for r in rounds), Counter())
    return {**middle, "statuses": dict(statuses), "rounds": [r["a second"] for r in rounds]}


def _print(found: dict[str, Any]) -> None:
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    print(f"{found['steps']} steps, {found['connections']} connections, one worker; {machine}")
    print(f"{'':26}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}   answers")
    for kind, told in found["kinds"].items():
        figures = f"{told['a second']:>10.0f}{told['p50 ms']:>9.2f}{told['p99 ms']:>9.2f}"
        figures += f"{told['cpu ms']:>9.2f}"
        print(f"{kind:26}{figures}   {told['statuses']}")


# --- the generator


async def generate(address: str, kind: str, seconds: float, seed: int) -> dict[str, Any]:
    """Ask as fast as answers come, over so many connections, for so long."""
    where = urlsplit(address)
    empty = _request("GET", "/healthz", b"")
    warm = _post(0)
    fresh = (_post(n) for n in _numbers(seed))
    nexts: dict[str, Callable[[], bytes]] = {
        "empty route": lambda: empty,
        "run, cold": lambda: next(fresh),
    }
    source = nexts.get(kind, lambda: warm)
    beside = [lambda: next(fresh)] if kind.endswith("beside cold") else []
    loop = asyncio.get_running_loop()
    lines: list[Line] = []
    for ask in [source] * CONNECTIONS + beside:
        _, line = await loop.create_connection(lambda a=ask: Line(a), where.hostname, where.port)  # type: ignore[misc]
        lines.append(line)
    await asyncio.gather(*(line.ask_once() for line in lines[:CONNECTIONS]))  # warms what is warm
    counted = lines[:CONNECTIONS]
    for line in lines:
        line.begin()
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    times = sorted(t for line in counted for t in line.times)
    statuses = sum((line.statuses for line in counted), Counter())
    return {
        "asked": sum(len(line.times) for line in lines) + CONNECTIONS,
        "a second": len(times) / took,
        "p50 ms": times[len(times) // 2] * 1000,
        "p99 ms": times[min(len(times) - 1, len(times) * 99 // 100)] * 1000,
        "statuses": statuses,
    }


def _numbers(seed: int) -> Iterator[int]:
    """Numbers that no other generator uses."""
    number = time.time_ns() // 1000 * 8 + seed
    while True:
        number += 1_000_003
        yield number


def _post(number: int) -> bytes:
    body = json.dumps({"scenario": scenario(number).content()}).encode()
    return _request("POST", "/api/run", body)


def _request(method: str, path: str, body: bytes) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Line(asyncio.Protocol):
    """One connection that asks again as soon as it has been answered."""

    def __init__(self, ask: Callable[[], bytes]) -> None:
        self.source = ask
        self.times: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.buffer = b""
        self.since = 0.0
        self.going = False
        self.answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    async def ask_once(self) -> None:
        """Ask, and wait for the answer, which is not counted."""
        self.answered = asyncio.get_running_loop().create_future()
        self._send()
        await self.answered
        self.times.clear()
        self.statuses.clear()

    def begin(self) -> None:
        """Ask on and on."""
        self.going = True
        self._send()

    def _send(self) -> None:
        request = self.source()
        self.since = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Whether the answer is whole, by its Content-Length."""
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return
        self.times.append(time.perf_counter() - self.since)
        self.statuses[head[9:12].decode()] += 1
        self.buffer = b""
        if self.answered and not self.answered.done():
            self.answered.set_result(None)
        if self.going:
            self._send()


if __name__ == "__main__":
    sys.exit(main())
