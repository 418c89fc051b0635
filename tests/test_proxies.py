"""What a request says of its way here: believed from trusted proxies, from nobody else."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from asking import problem
from loops import played
from server import running_server
from starlette.types import Message, Receive, Scope, Send

from app.proxies import Proxied, networks, root_path
from app.settings import BadSetting, Settings

PROXY, VISITOR = "10.0.0.2", "192.0.2.7"
TRUSTING = Settings(trusted_proxies="10.0.0.0/8, fd00::/8")
RFC7239 = Settings(trusted_proxies="10.0.0.0/8", forwarded=True)
RUN = {"gallery": "two-threads-one-page"}


def seen(peer: str = PROXY, /, settings: Settings = TRUSTING, **headers: str) -> Scope:
    """The scope of a request that `peer` hands over, behind a proxy at 10.0.0.0/8."""
    found: list[Scope] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        found.append(scope)

    async def nothing(*_: Message) -> Any: ...

    sent = [(b"host", b"inner:8000")]
    sent += [(name.replace("_", "-").encode(), v.encode()) for name, v in headers.items()]
    scope: Scope = {
        "type": "http", "method": "GET", "scheme": "http", "client": (peer, 5), "headers": sent,
        "path": "/x", "raw_path": b"/x", "query_string": b"", "root_path": "",
    }  # fmt: skip
    played(Proxied(app, settings)(scope, nothing, nothing))
    return found[0]


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        (VISITOR, VISITOR),
        (f"{VISITOR}, 10.9.9.9", VISITOR),
        (f"203.0.113.1, {VISITOR}", VISITOR),
        (f"{VISITOR}:4711", VISITOR),
        ("[2001:db8::7]:80", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        (f"{VISITOR}, unknown", PROXY),
        (f"{VISITOR}, 10.9.9.9, garbage", PROXY),
        ("", PROXY),
        ("10.0.0.7, 10.0.0.8", "10.0.0.7"),
    ],
)
def test_the_visitor_is_the_last_address_that_is_no_proxy(hops: str, client: str) -> None:
    assert seen(x_forwarded_for=hops)["client"][0] == client


def test_nobody_else_is_believed() -> None:
    told: dict[str, Any] = {"x_forwarded_for": "1.2.3.4", "x_forwarded_proto": "https",
            "x_forwarded_host": "evil.example", "x_forwarded_prefix": "/evil"}  # fmt: skip
    scope = seen(VISITOR, **told)
    assert scope["client"][0] == VISITOR
    assert (scope["scheme"], scope["root_path"]) == ("http", "")
    assert dict(scope["headers"])[b"host"] == b"inner:8000"
    assert scope["untold"] and not seen(**told)["untold"]


def test_a_proxy_tells_scheme_host_and_path() -> None:
    scope = seen(
        x_forwarded_proto="https", x_forwarded_host="fw.example", x_forwarded_prefix="/fw/"
    )
    assert (scope["scheme"], scope["root_path"], scope["path"]) == ("https", "/fw", "/fw/x")
    assert scope["raw_path"] == b"/fw/x"
    assert [v for n, v in scope["headers"] if n == b"host"] == [b"fw.example"]


@pytest.mark.parametrize("prefix", ["//evil.example", "/a b", 'x"', "/a/../b?", "fw"])
def test_a_path_that_is_none_is_not_put_into_pages(prefix: str) -> None:
    assert seen(x_forwarded_prefix=prefix)["root_path"] == ""


def test_forwarded_is_read_where_the_proxies_write_it_and_then_alone() -> None:
    way = f'for=203.0.113.1, for="{VISITOR}:80";proto=https;host=fw.example'
    told: dict[str, Any] = {
        "forwarded": way,
        "x_forwarded_for": "1.2.3.4",
        "x_forwarded_host": "evil.example",
    }
    scope = seen(PROXY, settings=RFC7239, **told)
    assert scope["client"][0] == VISITOR
    assert scope["scheme"] == "https"
    assert dict(scope["headers"])[b"host"] == b"fw.example"


def test_forwarded_is_not_read_elsewhere() -> None:
    told: dict[str, Any] = {
        "forwarded": "for=1.2.3.4;host=evil.example",
        "x_forwarded_for": VISITOR,
    }
    scope = seen(**told)
    assert scope["client"][0] == VISITOR
    assert dict(scope["headers"])[b"host"] == b"inner:8000"


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy", "10.0.0.1;10.0.0.2"])
def test_networks_that_are_none_stop_the_server_at_its_start(text: str) -> None:
    with pytest.raises(BadSetting, match="FAULTWALK_TRUSTED_PROXIES"):
        networks("trusted_proxies", text)


@pytest.mark.parametrize("text", ["fw", "//evil.example", "/a b"])
def test_a_root_path_that_is_none_stops_the_server_at_its_start(text: str) -> None:
    with pytest.raises(BadSetting, match="FAULTWALK_ROOT_PATH"):
        root_path(Settings(root_path=text))


def test_the_public_address_names_the_path_too() -> None:
    assert root_path(Settings(public_url="https://fw.example/fw/")) == "/fw"


def test_visitors_behind_a_trusted_proxy_are_told_apart() -> None:
    with running_server(rate="0.1", burst="2", trusted_proxies="127.0.0.1") as address:

        def status(visitor: str) -> int:
            headers = {"x-forwarded-for": visitor}
            return httpx.post(f"{address}/api/run", json=RUN, headers=headers).status_code

        assert [status("192.0.2.1") for _ in range(3)] == [200, 200, 429]
        assert status("192.0.2.2") == 200


def test_who_is_no_proxy_cannot_pass_for_others() -> None:
    with running_server(rate="0.1", burst="2") as address:
        for n in range(3):
            headers = {"x-forwarded-for": f"192.0.2.{n}"}
            answer = httpx.post(f"{address}/api/run", json=RUN, headers=headers)
        problem(answer, 429)


# Host and Origin


@pytest.mark.parametrize("host", ["evil.example", "fw.example.evil.example", "xfw.example"])
def test_a_host_that_is_not_ours_is_refused_and_not_repeated(host: str) -> None:
    with running_server(hosts="fw.example, *.lab.example") as address:
        answer = httpx.get(f"{address}/", headers={"host": host})
        assert problem(answer, 421)["type"].endswith(":bad-host")
        assert host not in answer.text


def test_hosts_that_are_ours_are_served() -> None:
    with running_server(hosts="fw.example, *.lab.example") as address:
        for host in ("fw.example", "FW.example:8443", "a.lab.example"):
            assert httpx.get(f"{address}/", headers={"host": host}).status_code == 200
        assert httpx.get(f"{address}/healthz").status_code == 200


@pytest.mark.parametrize("host", ["a b", "evil.example/x", '"><script>', "user@host", "x:99999999"])
def test_a_host_that_cannot_be_is_refused(client: httpx.Client, host: str) -> None:
    problem(client.get("/", headers={"host": host}), 400)


def test_two_hosts_are_refused(server: str) -> None:
    where = urlsplit(server)
    with socket.create_connection((where.hostname, where.port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n")
        assert b" 400 " in line.recv(4096).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "file://"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_page_of_another_site_sends_no_work_here(
    client: httpx.Client, method: str, headers: dict[str, str]
) -> None:
    answer = client.request(method, "/api/explorations", content=b"{}", headers=headers)
    assert problem(answer, 403)["type"].endswith(":cross-origin")


def test_our_own_page_and_programs_do(client: httpx.Client, server: str) -> None:
    own: list[dict[str, str]] = [{}, {"origin": server}, {"sec-fetch-site": "same-origin"}]
    for headers in own:
        assert client.post("/api/run", json=RUN, headers=headers).status_code == 200
    elsewhere = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = client.get("/api/kernels", headers=elsewhere)
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]
