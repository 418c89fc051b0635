"""Short links under load: made and opened by 16 connections, on SQLite and on PostgreSQL.

    .venv/bin/python -m benchmarks.store [--json] [--seconds N]

Each figure stands beside the same server's empty route in the same run. New links are contents that
nobody made before: each is validated, run, hashed, written and synced before it is answered. The
clients share the machine with the server, so that a server of its own does better.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.scenes import long_scenario
from tests.postgres import running_postgres
from tests.server import running_server

CONNECTIONS = 16
ADDRESSED = {"gallery": "two-threads-one-page"}


def main() -> int:
    """Measure, print, and exit 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--seconds", type=float, default=4.0, help="for each figure")
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        print(json.dumps(asyncio.run(load(*options.work, options.seconds))))
        return 0
    figures = store_figures(options.seconds)
    if options.json:
        print(json.dumps(figures, indent=2))
        return 0
    print(f"{'':34}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}")
    for name, told in figures.items():
        if isinstance(told, dict):
            print(f"{name:34}{told['rate']:>10,}{told['p50']:>9}{told['p99']:>9}")
        else:
            print(f"{name}: {told}")
    return 0


def store_figures(seconds: float) -> dict[str, Any]:
    """Every figure about the store, by name."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        found |= of_server("SQLite", seconds, data=folder)
        found["one commit to this disk, ms"] = round(commit(Path(folder)), 2)
    try:
        with running_postgres() as server:
            found |= of_server("PostgreSQL", seconds, links_url=server.url)
    except BaseException as skipped:  # pytest's Skipped is no Exception
        if type(skipped).__name__ != "Skipped":
            raise
        found["PostgreSQL"] = "not there"
    found["machine"] = f"{platform.machine()}, Python {platform.python_version()}"
    found["load of the machine meanwhile"] = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return found


def of_server(name: str, seconds: float, **settings: str) -> dict[str, Any]:
    """The figures of one server."""
    with running_server(rate_limit="off", links_most="1000000", **settings) as address:
        kinds = ["empty", "new", "again", "read", "page", "text", "picture"]
        return {f"{name}, {WORDS[kind]}": measured(address, kind, seconds) for kind in kinds}


WORDS = {
    "empty": "empty route",
    "new": "a new link made",
    "again": "a known link made again",
    "read": "GET /api/links/ID",
    "page": "GET /l/ID",
    "text": "GET /l/ID.txt",
    "picture": "GET /l/ID.png, drawn anew",
}


def measured(address: str, kind: str, seconds: float) -> dict[str, Any]:
    """One kind of request from a process of its own."""
    command = [sys.executable, "-m", "benchmarks.store", "--work", address, kind]
    done = subprocess.run(
        [*command, "--seconds", str(seconds)], capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


async def load(address: str, kind: str, seconds: float) -> dict[str, Any]:
    """So many connections that ask one after the other: rate, and times in milliseconds."""
    host, _, port = address.removeprefix("http://").partition(":")
    id = json.loads((await one(host, int(port), post(ADDRESSED)))[1])["id"]
    seed = time.time_ns()
    base = long_scenario(30).content()

    def request(number: int) -> bytes:
        if kind == "new":
            return post({"scenario": {**base, "title": f"{seed} {number}"}})
        if kind == "again":
            return post(ADDRESSED)
        path = {
            "empty": "/healthz",
            "read": f"/api/links/{id}",
            "page": f"/l/{id}?t=31",
            "text": f"/l/{id}.txt",
            "picture": f"/l/{id}.png?t={number % 900_000 + 40}",
        }[kind]
        return f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n".encode()

    return await crowd(host, int(port), request, seconds)


def post(body: Any) -> bytes:
    """A request for a link."""
    raw = json.dumps(body).encode()
    head = f"POST /api/links HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(raw)}\r\n\r\n"
    return head.encode() + raw


async def crowd(
    host: str, port: int, request: Callable[[int], bytes], seconds: float
) -> dict[str, Any]:
    """All connections at once, the first second not counted."""
    times: list[float] = []
    number = 0
    begin = time.perf_counter() + 1
    end = begin + seconds

    async def client() -> None:
        nonlocal number
        reader, writer = await asyncio.open_connection(host, port)
        while (start := time.perf_counter()) < end:
            number += 1
            writer.write(request(number))
            status, _ = await answer(reader)
            if status not in (200, 201):
                raise RuntimeError(f"the server answered {status}")
            if start > begin:
                times.append(time.perf_counter() - start)
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    cuts = statistics.quantiles(times, n=100)
    rate = int(len(times) / seconds)
    return {"rate": rate, "p50": round(cuts[49] * 1000, 2), "p99": round(cuts[98] * 1000, 2)}


async def one(host: str, port: int, request: bytes) -> tuple[int, bytes]:
    """One request, and what comes of it."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    told = await answer(reader)
    writer.close()
    return told


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


def commit(folder: Path) -> float:
    """How long the disk takes to sync one small write, in milliseconds: the median of 50."""
    times = []
    with (folder / "sync").open("wb") as file:
        for _ in range(50):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    sys.exit(main())
