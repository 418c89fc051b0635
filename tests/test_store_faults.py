"""What befalls a store: killed while it writes, its database restarted or gone, no room left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from postgres import Postgres
from server import ROOT, running_server, started_server

from app.store import Links, StoreFull, address_of

WRITER = """
import sys
from pathlib import Path
from app.store import Links, address_of
store = Links(address_of("", Path(sys.argv[1])), 10**9)
for n in range(10**9):
    made = store.create(b'{"n":%d}' % n, 1, sys.argv[2] + str(n), "t" * 22)
    print(n, made.id, flush=True)
"""
SCENARIO = {
    "processes": [
        {
            "vmas": [{"name": "data", "start": "0x40000000", "flags": ["VM_READ"]}],
            "threads": [{"name": "A", "do": [{"read": "data[0]"}]}],
        }
    ]
}


def link(number: int) -> dict[str, object]:
    """A request for a link that nobody else makes."""
    return {"scenario": {**SCENARIO, "title": f"scenario {number}"}}


@contextmanager
def client_of(**settings: str) -> Iterator[httpx.Client]:
    """A client of a server with these settings, which allows it as much as it likes."""
    with (
        running_server(rate_limit="off", **settings) as address,
        httpx.Client(base_url=address, timeout=20) as client,
    ):
        yield client


@pytest.mark.parametrize("many", [25, 60, 150])
def test_nothing_acknowledged_is_lost_when_sqlite_is_killed(tmp_path: Path, many: int) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path), "x"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout
        told = [process.stdout.readline() for _ in range(many)]
        process.kill()
        told += process.stdout
    told = [line for line in told if line.endswith("\n")]
    assert len(told) >= many
    store = Links(address_of("", tmp_path), 10**9)
    for line in told:
        number, id = line.split()
        assert store.get(id).content == b'{"n":%d}' % int(number)
    assert store.create(b'{"more":1}', 1, "").new


def test_a_server_killed_while_it_writes_has_all_it_answered(tmp_path: Path) -> None:
    told: list[str] = []
    with started_server(data=str(tmp_path), rate_limit="off") as (process, address):

        def write(first: int) -> None:
            with httpx.Client(base_url=address) as client:
                for number in range(first, first + 10_000):
                    try:
                        answer = client.post("/api/links", json=link(number))
                    except httpx.TransportError:
                        return
                    assert answer.status_code == 201
                    told.append(answer.json()["id"])

        writers = [threading.Thread(target=write, args=(n * 10_000,)) for n in range(3)]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 60
        while len(told) < 40 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        for writer in writers:
            writer.join()
    assert len(told) > 20
    with running_server(data=str(tmp_path), rate_limit="off") as address:
        found = [httpx.get(f"{address}/api/links/{id}").status_code for id in told]
    assert set(found) == {200}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_postgresql_may_be_restarted_under_the_server(
    postgres: Postgres, how: signal.Signals
) -> None:
    postgres.empty()
    with client_of(links_url=postgres.url) as client:
        told = [client.post("/api/links", json=link(n)).json()["id"] for n in range(5)]
        postgres.stop(how)
        for path in (f"/api/links/{told[0]}", f"/l/{told[0]}", f"/l/{told[0]}.txt"):
            away = client.get(path)
            assert (away.status_code, away.headers["retry-after"]) == (503, "5"), path
        assert client.get("/healthz").status_code == 200
        assert client.post("/api/run", json=link(1)).status_code == 200
        refused = client.post("/api/links", json=link(9))
        assert (refused.status_code, refused.json()["type"]) == (
            503,
            "urn:faultwalk:problem:store-away",
        )
        postgres.start()
        time.sleep(2.1)  # in which a database that was away is left alone
        for id in told:
            assert client.get(f"/api/links/{id}").status_code == 200
        assert client.post("/api/links", json=link(9)).status_code == 201


def test_a_quick_restart_of_postgresql_is_not_noticed(postgres: Postgres) -> None:
    """Requests that meet it wait and are answered: connections that broke are made anew."""
    postgres.empty()
    with client_of(links_url=postgres.url) as client:
        id = client.post("/api/links", json=link(1)).json()["id"]
        postgres.stop()
        postgres.start()
        assert client.get(f"/api/links/{id}").status_code == 200
        assert client.post("/api/links", json=link(2)).status_code == 201


def test_a_server_starts_without_its_database_and_finds_it_later(postgres: Postgres) -> None:
    postgres.empty()
    postgres.stop()
    with running_server(links_url=postgres.url, rate_limit="off") as address:
        assert httpx.post(f"{address}/api/links", json=link(1), timeout=20).status_code == 503
        postgres.start()
        time.sleep(2.1)
        assert httpx.post(f"{address}/api/links", json=link(1), timeout=20).status_code == 201


# --- no room


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 KiB."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_what_was_kept_stays(small: Path) -> None:
    with client_of(data=str(small)) as client:
        told, refused = fill(client)
        assert refused.status_code == 507
        assert refused.json()["type"] == "urn:faultwalk:problem:storage-full"
        assert len(told) > 5
        for id in told:
            assert client.get(f"/api/links/{id}").status_code == 200
        assert client.get(f"/l/{told[0]}").status_code == 200
        assert client.post("/api/run", json=link(1)).status_code == 200


def test_a_database_at_its_limit_is_told(tmp_path: Path) -> None:
    """The same without a disk: SQLite's own limit on pages."""
    store = Links(address_of("", tmp_path), 10**9)
    store.create(b'{"n":0}', 1, "")
    assert store.database.engine
    with store.database.engine.connect() as c:
        pages = c.exec_driver_sql("PRAGMA page_count").scalar_one()
        c.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreFull):
        for number in range(1, 2000):
            store.create(b'{"n":%d}' % number, 1, "x" * 200)


def fill(client: httpx.Client) -> tuple[list[str], httpx.Response]:
    """Make large links until one is refused."""
    told: list[str] = []
    for number in range(1000):
        story = f"{number} " + "a lot of words " * 70
        body = link(number)
        answer = client.post("/api/links", json={"scenario": {**body["scenario"], "story": story}})  # type: ignore[dict-item]
        if answer.status_code != 201:
            return told, answer
        told.append(answer.json()["id"])
    raise AssertionError("it never fills")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with running_server(data=str(blocked / "data"), rate_limit="off") as address:
        answer = httpx.post(f"{address}/api/links", json=link(1), timeout=20)
        assert (answer.status_code, answer.headers["content-type"]) == (
            503,
            "application/problem+json",
        )
        assert httpx.get(f"{address}/").status_code == 200
