"""What operators see of the server: lines, figures, health; and that none of it is personal."""

from __future__ import annotations

import json
import re
import signal
import tempfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from asking import problem
from fastapi.testclient import TestClient
from server import running_server, started_server

from app.main import create_app
from app.metrics import Metrics, one
from app.settings import BadSetting, Settings

RUN = {"gallery": "two-threads-one-page"}
SECRET = "a-scenario-nobody-else-should-see"


@pytest.fixture(scope="module")
def lines() -> Iterator[list[str]]:
    """What the server writes of some requests that hold what must not be written."""
    with (
        tempfile.TemporaryDirectory() as folder,
        started_server(data=folder, log="json", trusted_proxies="127.0.0.1") as (process, address),
    ):
        headers = {"user-agent": SECRET, "x-forwarded-for": "192.0.2.99", "referer": SECRET}
        with httpx.Client(base_url=address, headers=headers) as client:
            client.get("/", params={"lang": SECRET})
            client.get(f"/api/scenarios/{SECRET}")
            client.get(f"/{SECRET}")
            client.post("/api/run", json=RUN, headers={"x-request-id": "asked-by-proxy-1"})
            client.post("/api/run", content=f'{{"link": "z1.{SECRET}"}}')
            client.request("PROPFIND", "/api/run")
            client.head("/static/icon.svg")
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        yield [line for line in process.stdout.read().splitlines() if line.startswith("{")]


def told(lines: list[str]) -> list[dict[str, Any]]:
    """The requests in the lines, health checks left out."""
    found = [json.loads(line) for line in lines]
    return [line for line in found if line.get("route") != "/healthz"]


def test_each_request_is_a_line_of_json(lines: list[str]) -> None:
    found = told(lines)
    asked = [(line["method"], line["route"], line["status"]) for line in found]
    assert asked == [
        ("GET", "/", 200),
        ("GET", "/api/scenarios/{name}", 404),
        ("GET", "-", 404),
        ("POST", "/api/run", 200),
        ("POST", "/api/run", 422),
        ("other", "/api/run", 405),
        ("HEAD", "/static/{path}", 200),
    ]
    for line in found:
        assert set(line) == {"time", "level", "event", "id", "method", "route", "status", "ms",
                             "bytes"}  # fmt: skip
        assert re.fullmatch(r"[0-9a-f]{16}|asked-by-proxy-1", line["id"])
    assert found[3]["bytes"] > 1000 and found[6]["bytes"] == 0
    assert found[3]["id"] == "asked-by-proxy-1"


def test_nothing_personal_is_written(lines: list[str]) -> None:
    text = "\n".join(lines)
    for private in (SECRET, "192.0.2.99", "127.0.0.1", "python-httpx", "two-threads"):
        assert private not in text


def test_a_failure_is_written_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_env({"FAULTWALK_DATA": folder, "FAULTWALK_LOG": "json"}))

        def broken() -> None:
            raise RuntimeError(SECRET)

        app.add_api_route("/broken", broken)
        with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
            answer = client.get("/broken")
    document = problem(answer, 500)  # type: ignore[arg-type]
    failed = next(line for line in capsys.readouterr().out.splitlines() if '"error"' in line)
    line = json.loads(failed)
    assert line["level"] == "error" and line["error"] == "RuntimeError"
    assert line["at"][-1].endswith(" broken") and "tests/test_observe.py" in line["at"][-1]
    assert SECRET not in failed
    assert line["id"] in document["detail"] and line["id"] == answer.headers["x-request-id"]


def test_lines_can_be_for_people() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        started_server(data=folder, log="text") as (process, address),
    ):
        httpx.get(f"{address}/api/kernels")
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert re.search(r"request level=info id=\w+ method=GET route=/api/kernels status=200",
                         process.stdout.read())  # fmt: skip


def test_a_kind_of_log_that_there_is_not_stops_the_server_at_its_start() -> None:
    with pytest.raises(BadSetting, match="FAULTWALK_LOG"):
        create_app(Settings(log="xml"))


def test_a_visitor_cannot_name_his_request(client: httpx.Client) -> None:
    answer = client.get("/healthz", headers={"x-request-id": "mine-and-mine"})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


# Health


def test_the_server_says_that_it_is_ready(client: httpx.Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "checks": {"page": True, "links": True}},
    )


def test_without_its_page_it_is_well_but_not_ready(tmp_path: Any) -> None:
    with running_server(static=str(tmp_path)) as address:
        assert httpx.get(f"{address}/healthz").status_code == 200
        answer = httpx.get(f"{address}/readyz")
        assert (answer.status_code, answer.json()["checks"]["page"]) == (503, False)


# Metrics


def figures(text: str) -> dict[str, float]:
    """Every sample by its name and labels; what is no line of the format fails."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r'(\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})?) (\S+)', line)
            assert match, line
            found[match[1]] = float(match[2])
    return found


def test_the_metrics_count_requests_runs_and_searches() -> None:
    with running_server() as address, httpx.Client(base_url=address) as client:
        for _ in range(3):
            client.post("/api/run", json=RUN)
        client.get("/nothing")
        client.post("/api/explorations", json={"gallery": "lost-dirty-bit"})
        answer = client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        found = figures(answer.text)
    post = 'method="POST",route="/api/run",status="200"'
    assert found[f"faultwalk_requests_total{{{post}}}"] == 3
    assert found['faultwalk_requests_total{method="GET",route="-",status="404"}'] == 1
    assert found['faultwalk_request_seconds_count{route="/api/run"}'] == 3
    assert found['faultwalk_request_seconds_bucket{route="/api/run",le="+Inf"}'] == 3
    assert found['faultwalk_answers_total{answer="made"}'] == 1
    assert found['faultwalk_answers_total{answer="kept"}'] == 2
    assert found["faultwalk_run_slots"] == 2
    assert found["faultwalk_requests_open"] == 1
    assert sum(v for n, v in found.items() if n.startswith("faultwalk_searches{")) == 1
    assert found["faultwalk_memory_bytes"] > 10_000_000
    assert found["faultwalk_cache_bytes"] > 1000
    for name in {line.split()[2] for line in answer.text.splitlines() if line.startswith("# T")}:
        assert name.startswith("faultwalk_") and f"# HELP {name} " in answer.text


def test_buckets_are_cumulative_and_labels_escaped() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.02, 0.02, 99):
        metrics.requests.add("GET", 'a"\\\n', 200, seconds, 10)
    metrics.add("more", "gauge", "More.", lambda: one(1.5, part="x"))
    text = metrics.text()
    route = 'a\\"\\\\\\n'
    for bound, count in (("0.005", 1), ("0.025", 3), ("30.0", 3), ("+Inf", 4)):
        assert f'_bucket{{route="{route}",le="{bound}"}} {count}\n' in text
    assert 'faultwalk_more{part="x"} 1.5\n' in text


def test_the_metrics_are_for_the_operator() -> None:
    with running_server(trusted_proxies="127.0.0.1", metrics="10.0.0.0/8") as address:
        problem(httpx.get(f"{address}/metrics"), 403)
        inside = {"x-forwarded-for": "10.1.2.3"}
        assert httpx.get(f"{address}/metrics", headers=inside).status_code == 200
        problem(httpx.get(f"{address}/metrics", headers={"x-forwarded-for": "192.0.2.1"}), 403)


def test_a_proxy_that_nobody_named_lets_no_stranger_at_them(client: httpx.Client) -> None:
    assert client.get("/metrics").status_code == 200
    problem(client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}), 403)
