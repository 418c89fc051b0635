"""Clients that are slow, many, rude or gone: what the server itself does about each."""

from __future__ import annotations

import json
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from asking import problem
from scenes import fickle, read, write
from server import running_server, started_server

MEGABYTE = 1024 * 1024
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
CROWD = fickle(*([write(), read(1)] for _ in range(7))).content()
"""Its search does not come to an end by itself."""


@contextmanager
def line(address: str) -> Iterator[socket.socket]:
    """A connection to the server."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=20) as found:
        yield found


def until_closed(sock: socket.socket) -> bytes:
    """All that the server says before it closes."""
    told = b""
    with_reset = (ConnectionResetError, BrokenPipeError)
    try:
        while part := sock.recv(65536):
            told += part
    except with_reset:
        pass
    return told


def told(answer: bytes) -> tuple[int, dict[str, Any]]:
    """The status and the problem document of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return int(head.split()[1]), json.loads(body)


@pytest.fixture(scope="module")
def hasty() -> Iterator[str]:
    """A server that waits for nobody."""
    given = {"head_seconds": "0.5", "body_seconds": "0.7", "idle_seconds": "1"}
    with running_server(rate_limit="off", connections="40", **given) as address:
        yield address


def test_a_connection_that_says_nothing_is_closed(hasty: str) -> None:
    with line(hasty) as sock:
        began = time.monotonic()
        assert until_closed(sock) == b""
        assert time.monotonic() - began < 5


def test_a_head_that_trickles_in_is_not_waited_for(hasty: str) -> None:
    with line(hasty) as sock:
        sock.sendall(GET)
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 10:
                sock.sendall(b"x-drop: 1\r\n")
                time.sleep(0.1)
        assert time.monotonic() - began < 5
    with line(hasty) as sock:
        sock.sendall(GET)
        status, document = told(until_closed(sock))
        assert (status, document["status"]) == (408, 408)


def test_a_second_head_that_trickles_in_is_not_waited_for_either(hasty: str) -> None:
    with line(hasty) as sock:
        sock.sendall(GET + b"\r\n")
        assert b" 200 " in sock.recv(65536)
        time.sleep(0.1)
        sock.sendall(GET)
        assert b" 408 " in until_closed(sock)


def test_a_head_without_end_is_refused(hasty: str) -> None:
    with line(hasty) as sock:
        sock.sendall(GET + b"x-long: " + b"a" * 70_000)
        assert told(until_closed(sock))[0] == 431
    with line(hasty) as sock:
        sock.sendall(b"GET /" + b"a" * 70_000)
        assert told(until_closed(sock))[0] == 431


def test_the_rest_of_a_refused_body_is_no_head_and_the_connection_goes_on(hasty: str) -> None:
    head = f"POST /api/run HTTP/1.1\r\nHost: x\r\nContent-Length: {MEGABYTE}\r\n\r\n"
    with line(hasty) as sock:
        for _ in range(2):
            sock.sendall(head.encode())
            assert b" 413 " in answered(sock)
            sock.sendall(b" " * MEGABYTE + GET + b"\r\n")
            assert b" 200 " in answered(sock)
        sock.sendall(head.encode())
        assert b" 413 " in answered(sock)
        sock.sendall(b" " * MEGABYTE)
        assert until_closed(sock) == b"", "and it is not kept for ever"


def answered(sock: socket.socket) -> bytes:
    """One answer of the server, whole."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = sock.recv(65536)
        assert part, answer
        answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    while len(body) < length:
        body += sock.recv(65536)
    assert len(body) == length, "another answer came behind it"
    return head


def test_a_large_body_right_behind_its_head_is_no_large_head(hasty: str) -> None:
    body = json.dumps({"gallery": "two-threads-one-page"}).encode().ljust(100_000)
    head = f"POST /api/run HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    with line(hasty) as sock:
        sock.sendall(head.encode() + b"\r\n" + body)
        assert b" 200 " in sock.recv(65536)


def test_a_body_that_trickles_in_is_answered_and_closed(hasty: str) -> None:
    with line(hasty) as sock:
        sock.sendall(b"POST /api/run HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        assert told(until_closed(sock))[0] == 408


def test_what_is_no_http_is_told_as_a_problem(hasty: str) -> None:
    for rude in (b"\x16\x03\x01\x02\x00\x01", b"HELO there\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        with line(hasty) as sock:
            sock.sendall(rude)
            assert told(until_closed(sock))[0] == 400


def test_connections_beyond_the_most_are_told_so_and_others_go_on(hasty: str) -> None:
    with ExitStack() as open_ones, httpx.Client(base_url=hasty) as client:
        assert client.get("/healthz").status_code == 200
        socks = [open_ones.enter_context(line(hasty)) for _ in range(60)]
        assert b" 503 " in until_closed(socks[-1])
        assert client.get("/healthz").status_code == 200
    time.sleep(0.7)
    assert httpx.get(f"{hasty}/healthz").status_code == 200


def test_hundreds_of_idle_connections_cost_nobody_else_anything() -> None:
    with running_server(head_seconds="30") as address, ExitStack() as open_ones:
        for _ in range(500):
            sock = open_ones.enter_context(line(address))
            sock.sendall(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        assert httpx.get(f"{address}/healthz").status_code == 200
        assert time.monotonic() - began < 2


# Bodies


@pytest.mark.parametrize("size", [64 * 1024, 10 * MEGABYTE])
def test_a_large_body_has_a_clear_outcome(client: httpx.Client, size: int) -> None:
    body = json.dumps({"gallery": "two-threads-one-page"}).encode().ljust(size)
    answer = client.post("/api/run", content=body)
    if size > 128 * 1024:
        assert problem(answer, 413)["type"].endswith(":too-large")
    else:
        assert answer.status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_body_without_end_is_not_read_to_its_end(hasty: str) -> None:
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with line(hasty) as sock:
        sock.sendall(b"POST /api/run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(OSError):
            for _ in range(40 * 16):
                sock.sendall(chunk)
            raise AssertionError("40 MB were read")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "gzip, gzip"])
def test_a_compressed_body_is_not_unpacked(client: httpx.Client, coding: str) -> None:
    answer = client.post("/api/run", content=b"\x1f\x8b", headers={"content-encoding": coding})
    assert problem(answer, 415)["type"].endswith(":content-encoding")
    assert answer.headers["accept-encoding"] == "identity"


# HEAD


@pytest.mark.parametrize("path", ["/", "/gallery", "/healthz", "/api/kernels", "/api/scenarios",
                                  "/api/schema/scenario", "/api/openapi.json", "/api/glossary",
                                  "/static/icon.svg", "/words/editor"])  # fmt: skip
def test_head_is_answered_as_get_is_without_the_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers.get(name) == got.headers.get(name)


def test_head_of_what_is_not_there_is_a_404_and_of_a_post_a_405(client: httpx.Client) -> None:
    assert client.head("/nothing").status_code == 404
    assert client.head("/api/run").status_code == 405
    assert client.put("/api/kernels").headers["allow"] == "GET, HEAD"


# The end


def test_a_stop_ends_streams_cleanly_and_soon() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        started_server(data=folder, rate_limit="off") as (process, address),
        line(address) as idle,
        httpx.Client(base_url=address, timeout=20) as client,
    ):
        idle.sendall(GET + b"\r\n")
        assert b" 200 " in idle.recv(15)
        asked = client.post("/api/explorations", json={"scenario": CROWD}).json()
        with client.stream("GET", f"/api/explorations/{asked['id']}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("data: ")
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            rest = list(lines)  # raises where the stream is cut off
        assert rest[-1] == ""
        assert process.wait(10) == 0
        assert time.monotonic() - began < 8
        assert until_closed(idle).endswith(b'{"ok":true}')


def test_a_stop_waits_for_the_answer_under_way() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        started_server(data=folder) as (process, address),
        line(address) as sock,
    ):
        body = json.dumps({"gallery": "two-threads-one-page"}).encode()
        head = f"POST /api/run HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        sock.sendall(head.encode())
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        threading.Timer(0.3, lambda: sock.sendall(body)).start()
        answer = until_closed(sock)
        assert b" 200 " in answer.partition(b"\r\n")[0] and answer.endswith(b"}")
        assert process.wait(10) == 0


def test_a_run_that_takes_too_long_by_the_clock_is_ended() -> None:
    with running_server(run_seconds="0.000001") as address:
        asked = {"gallery": "two-threads-one-page", "kernel": "nopfn-v1"}
        answer = httpx.post(f"{address}/api/run", json=asked)
        assert problem(answer, 503)["type"].endswith(":took-too-long")


def test_https_is_made_to_stay_where_the_operator_says_so() -> None:
    with running_server(hsts="max-age=31536000", trusted_proxies="127.0.0.1") as address:
        secure = httpx.get(f"{address}/", headers={"x-forwarded-proto": "https"})
        assert secure.headers["strict-transport-security"] == "max-age=31536000"
        assert "strict-transport-security" not in httpx.get(f"{address}/").headers
