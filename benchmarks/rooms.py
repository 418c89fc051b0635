"""How many phones follow one presenter: .venv/bin/python -m benchmarks.rooms [--followers N ...].

One room on one worker of the server, so many cursors a second. Delivered: each follower counts what
it gets, and must get each. Delay: from the presenter's send to each follower's receipt, by one
clock, since all are on this machine. CPU: of the server and of the processes that follow, apart,
and of the server's for each delivery, in all and in our own code, which tells something on a busy
machine too. The same followers then hear a bare loop of `socket.send` (what the system takes) and
websockets' `broadcast()`; then some that stop reading are with them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from tests.server import started_server

COUNTS = (500, 1000)
KINDS = ("bare send", "broadcast()", "room", "room, stalled")
CROWD = (sys.executable, "-m", "benchmarks.crowd")

Process = subprocess.Popen[str]
Row = dict[str, Any]


class Load(NamedTuple):
    """How much is sent to how many."""

    count: int
    rate: int
    seconds: float
    stalled: int

    @property
    def many(self) -> int:
        """Cursors in all."""
        return int(self.seconds * self.rate)


def main() -> int:
    """Measure, print, and exit 0; 1 if a cursor did not arrive."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rooms", description=__doc__)
    parser.add_argument("--followers", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--rate", type=int, default=20, help="cursors a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=1, help="in turns; the median is told")
    parser.add_argument("--stalled", type=int, default=20, help="followers that stop reading")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args()
    before = os.getloadavg()[0]
    loads = [Load(count, args.rate, args.seconds, args.stalled) for count in args.followers]
    told = [
        [measure(kind, load) for _ in range(args.rounds) for kind in args.kinds] for load in loads
    ]
    found = [
        _middle([row for row in rows if row["kind"] == kind])
        for rows in told
        for kind in args.kinds
    ]
    if args.json:
        print(json.dumps({"load_before": before, "rows": found}, indent=2))
    else:
        _print(before, found)
    ours = [row for row in found if row["kind"].startswith("room")]
    return 0 if all(row["delivered"] == row["expected"] for row in ours) else 1


def measure(kind: str, load: Load) -> Row:
    """One way to reach so many followers."""
    if kind.startswith("room"):
        return measure_room(kind, load if kind.endswith("stalled") else load._replace(stalled=0))
    args = {"count": load.count, "many": load.many, "rate": load.rate}
    with started({"kind": kind.partition(" ")[0].removesuffix("()"), **args}) as sender:
        place = {"host": "127.0.0.1", "port": int(_line(sender)), "path": "/{n}"}
        with started({"kind": "follow", "reads": True, **place, **_crowd(load)}) as pages:
            _here(pages)
            sent = _told(sender)
            time.sleep(1)
            return _row(kind, load, told=_told(pages), **sent)


def measure_room(kind: str, load: Load) -> Row:
    """The room itself; some followers may not read."""
    size = str(load.count + load.stalled)
    with started_server(rate_limit="off", room_size=size) as (process, server):
        room = httpx.post(f"{server}/api/rooms", json={}).json()
        place = urlsplit(server)
        path = f"/api/rooms/{room['name']}/follow?who=page-{{n:011}}-{os.getpid()}"
        asked = {"kind": "follow", "host": place.hostname, "port": place.port, "path": path}
        with contextlib.ExitStack() as stack:
            stalled = {**asked, **_crowd(load), "count": load.stalled, "reads": False}
            still = stack.enter_context(started(stalled)) if load.stalled else None
            pages = stack.enter_context(started({**asked, **_crowd(load), "reads": True}))
            for crowd in filter(None, (still, pages)):
                _here(crowd)
            _calm(process.pid)
            sent, used, wall = asyncio.run(present(server, room, load, process.pid))
            if still:
                _told(still)
            return _row(kind, load, sent, used, wall, _told(pages))


async def present(
    server: str, room: dict[str, str], load: Load, pid: int
) -> tuple[list[float], tuple[float, float], float]:
    """Send the cursors, evenly: when each was sent, and what the server used meanwhile."""
    from websockets.asyncio.client import connect

    address = f"{server.replace('http', 'ws')}/api/rooms/{room['name']}/present"
    sent = []
    async with connect(address, compression=None) as socket:
        await socket.send(json.dumps({"type": "key", "key": room["key"]}))
        await socket.recv()
        reader = asyncio.ensure_future(_drain(socket))
        await asyncio.sleep(0.5)
        before, began = _cpu(pid), time.monotonic()
        for step in range(load.many):
            await asyncio.sleep(max(0.0, began + step / load.rate - time.monotonic()))
            sent.append(time.monotonic())
            await socket.send(json.dumps({"type": "go", "at": step + 1}))
        await asyncio.sleep(1 / load.rate)
        used, wall = _less(_cpu(pid), before), time.monotonic() - began
        await asyncio.sleep(1)
        reader.cancel()
    return sent, used, wall


async def _drain(socket: Any) -> None:
    async for _ in socket:
        pass


@contextmanager
def started(told: dict[str, Any]) -> Iterator[Process]:
    """A process of the crowd."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*CROWD, json.dumps(told)], stdin=pipe, stdout=pipe, text=True) as made:
        try:
            yield made
        finally:
            made.kill()


def _crowd(load: Load) -> dict[str, int]:
    return {"count": load.count, "many": load.many}


def _line(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _say(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _here(process: Process) -> None:
    """Wait until all of them follow."""
    line = _line(process)
    if line.strip() != "here":
        raise RuntimeError(f"followers say {line!r}")


def _told(process: Process) -> dict[str, Any]:
    """What it saw."""
    _say(process)
    found: dict[str, Any] = json.loads(_line(process))
    return found


def _calm(pid: int) -> None:
    """Wait until a server has nothing to do: it warms its caches when it starts."""
    before = -1.0
    while sum(_cpu(pid)) - before > 0.02:
        before = sum(_cpu(pid))
        time.sleep(1)


def _cpu(pid: int) -> tuple[float, float]:
    """Seconds of processor that a process has used: itself, and in the system."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    tick = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / tick, int(fields[12]) / tick


def _less(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return one[0] - other[0], one[1] - other[1]


def _row(
    kind: str,
    load: Load,
    sent: list[float],
    used: tuple[float, float],
    wall: float,
    told: dict[str, Any],
) -> Row:
    delays = sorted((at - sent[n]) * 1000 for n, times in enumerate(told["at"]) for at in times)
    each = 1e6 / max(len(delays), 1)
    return {
        "followers": load.count,
        "kind": kind,
        "expected": load.count * load.many,
        "delivered": sum(min(len(times), load.count) for times in told["at"]),
        "p50_ms": delays[len(delays) // 2],
        "p99_ms": delays[int(len(delays) * 0.99)],
        "server_cpu": sum(used) / wall,
        "followers_cpu": told["cpu"] / wall,
        "us_a_delivery": sum(used) * each,
        "us_of_it_ours": used[0] * each,
    }


def _middle(rows: list[Row]) -> Row:
    """Of each figure the median; of what was delivered the least."""
    figures = [name for name, value in rows[0].items() if isinstance(value, float)]
    middle = {name: statistics.median(row[name] for row in rows) for name in figures}
    return {**rows[0], **middle, "delivered": min(row["delivered"] for row in rows)}


def _print(load: float, rows: list[Row]) -> None:
    print(f"load before: {load:.1f}; cores: {os.cpu_count()}; CPU in shares of one core")
    print(f"{'followers':>9} {'by':<13} {'delivered':>15} {'p50 ms':>7} {'p99 ms':>7} "
          f"{'server':>6} {'followers':>9} {'us each':>7} {'in user mode':>12}")  # fmt: skip
    for row in rows:
        print(f"{row['followers']:>9} {row['kind']:<13} "
              f"{row['delivered']:>7}/{row['expected']:<7} {row['p50_ms']:>7.1f} "
              f"{row['p99_ms']:>7.1f} {row['server_cpu']:>6.0%} {row['followers_cpu']:>9.0%} "
              f"{row['us_a_delivery']:>7.1f} {row['us_of_it_ours']:>12.1f}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
