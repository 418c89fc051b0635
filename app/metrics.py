"""Counts and times for a monitor, in the text format of Prometheus; none of them about a person."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

Labels = dict[str, str]
Sample = tuple[str, Labels, float]
"""What the name of the family goes on with, labels, value."""

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds up to which answers are counted together."""

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STARTED = time.time()


class Requests:
    """Requests by method, route and status, and how long each route took to answer."""

    def __init__(self) -> None:
        self.count: Counter[tuple[str, str, int]] = Counter()
        self.sent: Counter[str] = Counter()
        self.under: dict[str, list[int]] = {}
        self.seconds: Counter[str] = Counter()
        self.open = 0

    def add(self, method: str, route: str, status: int, seconds: float, size: int) -> None:
        """One request was answered: its route's template, seconds to the end, bytes of the body."""
        self.count[method, route, status] += 1
        self.sent[route] += size
        self.seconds[route] += seconds  # type: ignore[assignment]
        buckets = self.under.setdefault(route, [0] * (len(BOUNDS) + 1))
        buckets[bisect_left(BOUNDS, seconds)] += 1

    def counted(self) -> Iterator[Sample]:
        """How many, by method, route and status."""
        for (method, route, status), count in self.count.items():
            yield "", {"method": method, "route": route, "status": str(status)}, count

    def histogram(self) -> Iterator[Sample]:
        """How long they took, by route."""
        for route, buckets in self.under.items():
            total = 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), buckets, strict=True):
                total += count
                yield "_bucket", {"route": route, "le": bound}, total
            yield "_sum", {"route": route}, self.seconds[route]
            yield "_count", {"route": route}, total

    def bytes(self) -> Iterator[Sample]:
        """Bytes of bodies sent, by route."""
        for route, count in self.sent.items():
            yield "", {"route": route}, count


Read = Callable[[], Iterable[Sample]]


class Metrics:
    """The families that are told, each read when it is asked for."""

    def __init__(self) -> None:
        self.requests = Requests()
        self.families: list[tuple[str, str, str, Read]] = []
        told = self.requests
        self.add("requests_total", "counter", "Requests answered.", told.counted)
        self.add(
            "request_seconds", "histogram", "Seconds to the end of the answer.", told.histogram
        )
        self.add("sent_bytes_total", "counter", "Bytes of bodies sent.", told.bytes)
        self.add("requests_open", "gauge", "Requests under way.", lambda: one(told.open))
        self.add("start_time_seconds", "gauge", "When the process began.", lambda: one(STARTED))
        self.add("memory_bytes", "gauge", "Memory of the process.", lambda: one(memory()))

    def add(self, name: str, kind: str, says: str, read: Read) -> None:
        """Tell one family more: faultwalk_<name>, its kind, what it is, what reads it."""
        self.families.append((f"faultwalk_{name}", kind, says, read))

    def text(self) -> str:
        """All of them."""
        lines = []
        for name, kind, says, read in self.families:
            lines += [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]
            lines += [f"{name}{end}{_labels(labels)} {value:.16g}" for end, labels, value in read()]
        return "\n".join(lines) + "\n"


def one(value: float, **labels: str) -> list[Sample]:
    """A family of one sample."""
    return [("", labels, value)]


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def memory() -> int:
    """Bytes of memory that the process holds; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
