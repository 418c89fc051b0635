"""Short links over HTTP, on a real server: made, opened, deleted, reported, and refused."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from scenes import GALLERY
from server import ROOT, running_server

from engine import decode_content, encode_link, gallery, run
from engine.link_id import is_id

FLAGSHIP = {"gallery": "two-threads-one-page"}
OTHER = {"gallery": "lost-dirty-bit"}
SCENARIO = GALLERY["two-threads-one-page"]
TOKEN = "a-token-of-my-own-making"


@pytest.fixture(scope="module")
def links() -> Iterator[httpx.Client]:
    """A client of a server whose store is empty at first."""
    with server_with(rate_limit="off") as client:
        yield client


@contextmanager
def server_with(**settings: str) -> Iterator[httpx.Client]:
    """A client of a server of its own. Neither gives up because the machine has other work."""
    with (
        running_server(run_seconds="600", **settings) as address,
        httpx.Client(base_url=address, timeout=600) as client,
    ):
        yield client


def make(client: httpx.Client, body: Any = FLAGSHIP, **more: Any) -> dict[str, Any]:
    """Make a link."""
    answer = client.post("/api/links", json={**body, **more})
    assert answer.status_code in (200, 201), answer.text
    told: dict[str, Any] = answer.json()
    return told


def problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The answer is a problem of this kind."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"urn:faultwalk:problem:{kind}")
    assert told["title"] and told["detail"]
    return told


def test_a_link_is_made_once(links: httpx.Client) -> None:
    body = {"gallery": "anonymous-two-threads"}
    first, again = (links.post("/api/links", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["delete_token"] != again.json()["delete_token"]
    assert first.headers["location"] == f"/l/{first.json()['id']}"
    assert first.json()["url"] == str(links.base_url).rstrip("/") + first.headers["location"]
    assert first.headers["cache-control"] == "no-store"


def test_a_link_is_the_same_however_it_is_given(links: httpx.Client) -> None:
    trace = run(SCENARIO)
    ways = [
        FLAGSHIP,
        {"scenario": SCENARIO.content()},
        {"link": encode_link(trace.scenario, trace.witness)},
        {"scenario": SCENARIO.content(), "kernel": SCENARIO.kernel},
    ]
    assert len({make(links, way)["id"] for way in ways}) == 1
    other = make(links, {**FLAGSHIP, "kernel": "nopfn-v3"})
    assert other["id"] != make(links)["id"]


def test_what_was_made_can_be_read(links: httpx.Client) -> None:
    id = make(links)["id"]
    answer = links.get(f"/api/links/{id}")
    told = answer.json()
    scenario, check = decode_content(told["link"])
    assert run(scenario).witness == check == told["content"]["check"]
    assert (told["id"], told["title"], told["schema"]) == (id, SCENARIO.title, 1)
    assert "immutable" in answer.headers["cache-control"]
    again = links.get(f"/api/links/{id}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_the_check_of_an_older_model_is_kept(links: httpx.Client) -> None:
    """A link that ran otherwise is kept as it was made, so that whoever opens it is told."""
    old = run(SCENARIO, "nopfn-v3").witness
    made = make(links, {"link": encode_link(SCENARIO, old)})
    assert links.get(f"/api/links/{made['id']}").json()["content"]["check"] == old
    assert "made with another version of the model" in links.get(f"/l/{made['id']}").text


def test_an_id_may_be_typed_as_it_was_heard(links: httpx.Client) -> None:
    id = make(links)["id"]
    heard = id.upper().replace("0", "O").replace("1", "I")
    assert links.get(f"/api/links/{heard}").json()["id"] == id
    moved = links.get(f"/l/{heard}?t=3")
    assert (moved.status_code, moved.headers["location"]) == (308, f"/l/{id}?t=3")


def test_who_made_a_link_may_delete_it(links: httpx.Client) -> None:
    made = make(links, {"gallery": "munmap-waits"})
    where = f"/api/links/{made['id']}"
    problem(links.delete(where), 401, "no-token")
    problem(links.delete(where, headers=bearer("short")), 401, "no-token")
    problem(links.delete(where, headers=bearer("x" * 32)), 403, "wrong-token")
    gone = links.delete(where, headers=bearer(made["delete_token"]))
    assert gone.json() == {"id": made["id"], "gone": True, "others": 0}
    told = problem(links.get(where), 410, "link-gone")
    assert "deleted" in told["detail"]
    for ending in ("txt", "png", "json"):
        problem(links.get(f"/l/{made['id']}.{ending}"), 410, "link-gone")


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_a_request_with_its_own_token_may_be_repeated(links: httpx.Client) -> None:
    body = {"gallery": "truncate-undone"}
    made = [make(links, body, delete_token=TOKEN) for _ in range(3)]
    assert {m["delete_token"] for m in made} == {TOKEN}
    answer = links.delete(f"/api/links/{made[0]['id']}", headers=bearer(TOKEN))
    assert answer.json()["gone"] is True


def test_the_same_from_many_at_once_is_one_link(links: httpx.Client) -> None:
    body = {**FLAGSHIP, "schedule": "3A"}
    address = str(links.base_url).rstrip("/") + "/api/links"

    def post(_: int) -> tuple[int, str]:
        answer = httpx.post(address, json=body, timeout=30)
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(post, range(36)))
    assert len({id for _, id in told}) == 1
    assert sorted(status for status, _ in told) == [200] * 35 + [201]


# --- what is refused


@pytest.mark.parametrize(
    "id",
    ["x", "aaaaaaaaa", "a" * 53, "aaaaaaaaa!", "aaaa%00aaaaa", "%F0%9F%92%A9" * 3, "uuuuuuuuuu",
     "..%2F..%2Fetc", "<script>x</script>", "aaaaaaaaaa'--", "a" * 5000],
)  # fmt: skip
def test_hostile_ids_are_no_ids(links: httpx.Client, id: str) -> None:
    kind = "bad-link-id"
    answer = links.get(f"/api/links/{id}")
    if "%2F" in id or "/" in id:
        assert answer.status_code == 404
        return
    told = problem(answer, 404, kind)
    assert len(answer.content) < 1000
    assert "10 to 52" in told["errors"][0]["instead"]
    problem(links.post(f"/api/links/{id}/report", json={"reason": "x"}), 404, kind)
    problem(links.delete(f"/api/links/{id}", headers=bearer("x" * 32)), 404, kind)
    page = links.get(f"/l/{id}", follow_redirects=True)
    assert page.status_code == 404 and "<script>x" not in page.text


def test_what_is_not_there_is_not_found(links: httpx.Client) -> None:
    problem(links.get("/api/links/aaaaaaaaaa"), 404, "no-such-link")
    problem(links.get("/l/aaaaaaaaaa.txt"), 404, "no-such-link")
    problem(links.get(f"/l/{make(links)['id']}.gif"), 404, "no-such-form")


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("{", 400, "not-json"),
        ("[]", 422, "invalid-request"),
        ("{}", 422, "invalid-request"),
        ('{"link": "z1.AAAA"}', 422, "bad-link"),
        ('{"gallery": "nowhere"}', 422, "unknown-scenario"),
        ('{"gallery": "two-threads-one-page", "kernel": "x"}', 422, "unknown-kernel"),
        ('{"gallery": "two-threads-one-page", "schedule": "9Q"}', 422, "bad-schedule"),
        ('{"gallery": "two-threads-one-page", "delete_token": "short"}', 422, "invalid-request"),
        ('{"gallery": "two-threads-one-page", "surprise": 1}', 422, "invalid-request"),
    ],
)
def test_bad_bodies_are_told(links: httpx.Client, body: str, status: int, kind: str) -> None:
    problem(links.post("/api/links", content=body), status, kind)


def test_there_is_a_limit_on_what_one_link_holds(links: httpx.Client) -> None:
    problem(links.post("/api/links", content=b"x" * (32 * 1024 + 1)), 413, "too-large")
    problem(links.post("/api/links", content=b"x" * (10 << 20)), 413, "too-large")
    notes = [{"thread": "A", "op": "read_pte", "text": "y" * 500}] * 100
    fat = SCENARIO.model_validate({**SCENARIO.content(), "notes": notes, "expect": {}})
    packed = encode_link(fat)
    assert len(packed) < 8000
    problem(links.post("/api/links", json={"link": packed}), 413, "too-large")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP, gzip"])
def test_packed_bodies_are_not_unpacked(links: httpx.Client, encoding: str) -> None:
    bomb = gzip.compress(b" " * (50 << 20))
    headers = {"content-encoding": encoding}
    problem(links.post("/api/links", content=bomb, headers=headers), 415, "content-encoding")


@pytest.mark.parametrize("host", ["a b", "x<y>", "evil.example/path", '"', "a@b", "x" * 300, "."])
def test_a_host_that_cannot_be_is_refused(links: httpx.Client, host: str) -> None:
    told = problem(links.get("/l/aaaaaaaaaa", headers={"host": host}), 400, "bad-host")
    assert host not in told["detail"] or host == "."


def test_pages_of_other_sites_make_no_links(links: httpx.Client) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", ""):
        headers = {"origin": origin}
        problem(links.post("/api/links", json=FLAGSHIP, headers=headers), 403, "cross-origin")
    own = {"origin": str(links.base_url).rstrip("/")}
    assert links.post("/api/links", json=FLAGSHIP, headers=own).status_code == 200
    id = make(links)["id"]
    assert "access-control-allow-origin" not in links.get(f"/api/links/{id}").headers


def test_reports_are_kept_for_the_operator(tmp_path: Path) -> None:
    with server_with(data=str(tmp_path)) as client:
        id = make(client)["id"]
        where = f"/api/links/{id}/report"
        assert client.post(where, json={"reason": "it is rude"}).status_code == 202
        for bad in ({}, {"reason": ""}, {"reason": "a\nb"}, {"reason": "x" * 501}, {"reason": 7}):
            problem(client.post(where, json=bad), 422, "invalid-request")
        problem(
            client.post("/api/links/aaaaaaaaaa/report", json={"reason": "x"}), 404, "no-such-link"
        )
        assert "it is rude" in operator(tmp_path, "reports")
        assert SCENARIO.title in operator(tmp_path, "list")
        operator(tmp_path, "hide", id.upper(), "--reason", "it was rude")
        told = problem(client.get(f"/api/links/{id}"), 410, "link-gone")
        assert "it was rude" in told["detail"]
        problem(client.post("/api/links", json=FLAGSHIP), 410, "link-gone")
        page = client.get(f"/l/{id}")
        assert page.status_code == 410 and "it was rude" in page.text
        operator(tmp_path, "unhide", id)
        assert client.get(f"/l/{id}").status_code == 200
        dumped = operator(tmp_path, "dump")
        assert json.loads(dumped)["id"] == id
        assert operator(tmp_path, "load", "-", given=dumped).startswith("0 new, 1 there already")
        operator(tmp_path, "hide", "aaaaaaaaaa", "--reason", "x", code=2)


def operator(data: Path, *words: str, given: str = "", code: int = 0) -> str:
    """What ./faultwalk links says."""
    env = {"FAULTWALK_DATA": str(data), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "app.store", *words]
    done = subprocess.run(command, input=given, capture_output=True, text=True, env=env, cwd=ROOT)
    assert done.returncode == code, done.stderr
    return done.stdout


# --- limits and settings


def test_one_visitor_makes_so_many_a_minute_and_so_many_a_day() -> None:
    limits = {"links_a_minute": "3", "links_a_day": "5"}
    with server_with(**limits, trusted_proxies="127.0.0.1") as client:
        told = [post_as(client, "192.0.2.1").status_code for _ in range(4)]
        assert told == [201, 200, 200, 429]
        refused = post_as(client, "192.0.2.1")
        problem(refused, 429, "too-many")
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert post_as(client, "192.0.2.2").status_code == 200
        assert post_as(client, "2001:db8::1").status_code == 200
        assert client.post("/api/run", json=FLAGSHIP).status_code == 200
    with server_with(links_a_minute="9", links_a_day="2") as client:
        told = [post_as(client, f"192.0.2.{n}").status_code for n in range(3)]
        assert told == [201, 200, 429], "nobody is believed about his address unless it was set"


def post_as(client: httpx.Client, visitor: str) -> httpx.Response:
    """Ask for a link as a proxy does for somebody; the first address is what he made up."""
    headers = {"x-forwarded-for": f"198.51.100.7, {visitor}"}
    return client.post("/api/links", json=FLAGSHIP, headers=headers)


def test_there_is_a_most_of_links() -> None:
    with server_with(links_most="1") as client:
        assert client.post("/api/links", json=FLAGSHIP).status_code == 201
        problem(client.post("/api/links", json=OTHER), 507, "links-full")
        assert client.post("/api/links", json=FLAGSHIP).status_code == 200


def test_links_can_be_switched_off_and_all_else_works(tmp_path: Path) -> None:
    with server_with(links="off", data=str(tmp_path / "data")) as client:
        problem(client.post("/api/links", json=FLAGSHIP), 404, "links-off")
        problem(client.get("/api/links/aaaaaaaaaa"), 404, "links-off")
        problem(client.get("/l/aaaaaaaaaa.txt"), 404, "links-off")
        page = client.get("/l/aaaaaaaaaa")
        assert page.status_code == 404 and "keeps no short links" in page.text
        assert client.post("/api/link", json=FLAGSHIP).status_code == 200
        assert client.get("/").status_code == 200
    assert not (tmp_path / "data").exists()


def test_a_public_address_is_what_links_begin_with() -> None:
    settings = {"public_url": "https://faultwalk.example/", "hosts": "faultwalk.example"}
    with server_with(**settings) as client:
        own = {"host": "faultwalk.example", "origin": "https://faultwalk.example"}
        made = client.post("/api/links", json=FLAGSHIP, headers=own).json()
        assert made["url"] == f"https://faultwalk.example/l/{made['id']}"
        page = client.get(f"/l/{made['id']}", headers={"host": "faultwalk.example:443"})
        assert f'content="{made["url"]}.png"' in page.text
        problem(client.get("/"), 421, "bad-host")
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LINKS_URL", "mysql://x"),
        ("TRUSTED_PROXIES", "everybody"),
        ("LINKS", "x"),
        ("REDIS_URL", "http://redis"),
    ],
)
def test_settings_that_cannot_be_used_are_named(name: str, text: str) -> None:
    env = {f"FAULTWALK_{name}": text, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "app", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, timeout=60)
    assert done.returncode == 2 and f"FAULTWALK_{name}" in done.stderr


def test_every_id_has_the_shape_of_one(links: httpx.Client) -> None:
    for id, _ in gallery()[:8]:
        assert is_id(make(links, {"gallery": id})["id"])
