"""Ids of the wrong shape, text that is no text, JSON without end: each has a clear outcome."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import httpx
import pytest
from asking import problem

IDS = (
    "x", "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "a" * 4000, "%F0%9F%92%A9", "' or 1=1 --",
    "%0d%0aset-cookie:a=b", "{id}", "-1", "1e999", "<script>", "%25s%25n", ";", "a%2fb",
)  # fmt: skip
PLACES = (
    "/api/scenarios/{}", "/api/explorations/{}", "/api/explorations/{}/events", "/api/links/{}",
    "/scenarios/{}.svg", "/l/{}.json", "/words/{}", "/static/{}",
)  # fmt: skip


def raw(server: str, request: bytes) -> bytes:
    """What the server answers to these bytes."""
    where = urlsplit(server)
    with socket.create_connection((where.hostname, where.port), timeout=20) as sock:
        sock.sendall(request)
        told = b""
        while part := sock.recv(65536):
            told += part
        return told


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("id", IDS, ids=lambda id: ascii(id[:20]))
def test_an_id_of_the_wrong_shape_is_a_problem(client: httpx.Client, place: str, id: str) -> None:
    answer = client.get(place.format(id))
    assert answer.status_code in (404, 422)
    problem(answer, answer.status_code)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("id", IDS, ids=lambda id: ascii(id[:20]))
def test_an_id_of_the_wrong_shape_cannot_be_deleted(client: httpx.Client, id: str) -> None:
    for place in ("/api/explorations/{}", "/api/links/{}"):
        answer = client.delete(place.format(id))
        assert answer.status_code in (401, 404, 405)
        problem(answer, answer.status_code)


@pytest.mark.parametrize("id", IDS, ids=lambda id: ascii(id[:20]))
def test_the_page_of_a_short_link_that_is_none_helps(client: httpx.Client, id: str) -> None:
    answer = client.get(f"/l/{id}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text.partition("<body>")[2]


@pytest.mark.parametrize("query", ["lang=%ff", "t=%00&m=%ff", "lang=" + "a" * 5000, "%", "&&==&"])
def test_a_query_that_is_no_text_changes_nothing(client: httpx.Client, query: str) -> None:
    for path in ("/", "/gallery", "/api/kernels"):
        assert client.get(f"{path}?{query}").status_code == 200


def test_bytes_that_are_no_text_in_headers_break_nothing(server: str) -> None:
    for name in (b"Accept-Language", b"Accept-Encoding", b"If-None-Match", b"X-Forwarded-For",
                 b"Forwarded", b"X-Request-ID", b"User-Agent", b"Cookie"):  # fmt: skip
        head = b"GET /api/kernels HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        told = raw(server, head + name + b": \xff\xfe\x80, \xc3\x28;q=\xff\r\n\r\n")
        assert b" 200 " in told.partition(b"\r\n")[0], name


def test_bytes_that_are_no_text_in_origin_and_host_are_refused(server: str) -> None:
    head = b"POST /api/run HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n"
    told = raw(server, head + b"Host: x\r\nOrigin: \xff\xfe\r\n\r\n{}")
    assert b" 403 " in told.partition(b"\r\n")[0]
    assert b" 400 " in raw(server, head + b"Host: \xff\r\n\r\n{}").partition(b"\r\n")[0]


def test_bytes_that_are_no_text_in_a_path_are_refused(server: str) -> None:
    told = raw(server, b"GET /api/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert told.split()[1] in (b"400", b"404") and b"problem+json" in told


@pytest.mark.parametrize("path", ["/api/run", "/api/compare", "/api/whatif", "/api/questions",
                                  "/api/explorations", "/api/explorations/matrix", "/api/play",
                                  "/api/play/reach", "/api/kernel-play", "/api/rival",
                                  "/api/links"])  # fmt: skip
@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe", b'{"gallery": "\xc3\x28"}', b"[" * 60_000, b'{"a":' * 20_000,
        b'{"scenario": ' + b"[" * 100 + b"]" * 100 + b"}", b"", b"null", b"1e999", b"NaN",
        json.dumps({"gallery": "a\x00b"}).encode(), b'{"gallery": "x", "gallery": "y"}',
    ],
    ids=lambda body: ascii(body[:16]),
)  # fmt: skip
def test_a_body_that_is_none_is_a_problem(client: httpx.Client, path: str, body: bytes) -> None:
    answer = client.post(path, content=body)
    assert answer.status_code in (400, 413, 422)  # a link holds less than a run
    problem(answer, answer.status_code)
