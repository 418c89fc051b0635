"""What the server cannot answer, and how it says so: each time as a problem with a remedy."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import pytest
from asking import BODY_LIMIT, FLAGSHIP, flagship, link_to, problem, run
from server import running_server


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b"\xff\xfe{}", b'{"gallery": "\\ud800"}'])
def test_what_is_not_json_is_refused(client: httpx.Client, body: bytes) -> None:
    problem(client.post("/api/run", content=body), 400)


def test_json_nested_too_deep_is_refused(client: httpx.Client) -> None:
    for body in (b"[" * 100_000, b'{"scenario":' * 10_000, b"[" * 60_000 + b"]" * 60_000):
        problem(client.post("/api/run", content=body), 400)


def test_json_nested_deep_inside_a_link_is_refused(client: httpx.Client) -> None:
    for content in (b"[" * 500_000, b'{"scenario":' * 50_000, b"[" * 900 + b"]" * 900):
        problem(run(client, link=link_to(content)), 422)


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_json_that_is_no_object_is_refused(client: httpx.Client, body: object) -> None:
    problem(client.post("/api/run", content=json.dumps(body)), 422)


@pytest.mark.parametrize("request_", [{}, {"gallery": FLAGSHIP, "link": "z1.abc"}])
def test_a_request_names_exactly_one_scenario(
    client: httpx.Client, request_: dict[str, str]
) -> None:
    document = problem(run(client, **request_), 422)
    assert "exactly one of scenario, link and gallery" in document["detail"]


def test_a_field_that_does_not_exist_is_named_with_the_one_that_was_meant(
    client: httpx.Client,
) -> None:
    document = problem(run(client, gallery=FLAGSHIP, kernal="2.6.17"), 422)
    assert document["errors"][0]["where"] == "kernal"
    assert "kernel" in document["errors"][0]["instead"]


def test_an_error_deep_in_a_scenario_says_where_it_is(client: httpx.Client) -> None:
    scenario = flagship(client)
    scenario["processes"][0]["vmas"][0]["pagse"] = 3
    scenario["processes"][0]["vmas"][0]["pages"] = "many"
    document = problem(run(client, scenario=scenario), 422)
    found = {error["where"]: error for error in document["errors"]}
    assert "pages" in found["processes[0].vmas[0].pagse"]["instead"]
    assert '"many"' in found["processes[0].vmas[0].pages"]["what"]


def test_an_unknown_kernel_is_refused_with_those_there_are(client: httpx.Client) -> None:
    document = problem(run(client, gallery=FLAGSHIP, kernel="nopfn-v9"), 422)
    assert document["type"].endswith(":unknown-kernel")
    assert "nopfn-v9" in document["detail"]
    assert "nopfn" in document["errors"][0]["instead"]


def test_an_unknown_scenario_is_refused_with_the_nearest(client: httpx.Client) -> None:
    document = problem(run(client, gallery="two-threads-one-pag"), 422)
    assert FLAGSHIP in document["errors"][0]["instead"]
    document = problem(client.get("/api/scenarios/two-threads-one-pag"), 404)
    assert FLAGSHIP in document["errors"][0]["instead"]


@pytest.mark.parametrize("schedule", ["Q until end", "A until no_such_op#1", "A until", "%%"])
def test_a_schedule_that_does_not_fit_is_refused(client: httpx.Client, schedule: str) -> None:
    problem(run(client, gallery=FLAGSHIP, schedule=schedule), 422)


@pytest.mark.parametrize(
    "link",
    ["", "z1.", "z1.!!!", "z9.abcd", "z1.AAAA", "plain text", "z1." + "A" * 70_000, "z1.é"],
)
def test_a_damaged_link_is_refused(client: httpx.Client, link: str) -> None:
    assert problem(run(client, link=link), 422)["type"].endswith(":bad-link")


def test_a_link_that_was_cut_short_is_refused(client: httpx.Client) -> None:
    whole = run(client, gallery=FLAGSHIP).json()["link"]
    problem(run(client, link=whole[: len(whole) // 2]), 422)


def test_a_link_that_inflates_without_end_is_refused(client: httpx.Client) -> None:
    bomb = link_to(b" " * 40_000_000)
    assert len(bomb) < 64 * 1024
    assert problem(run(client, link=bomb), 422)["type"].endswith(":bad-link")


@pytest.mark.parametrize(
    "content",
    [
        b'{"scenario": {"\\ud800": 1}}',
        b'{"\\ud800": 1, "scenario": {}}',
        b'{"scenario": {"title": "\\udfff", "processes": []}}',
        b'{"scenario": {"kernel": "\\ud800", "schema": "\\ud800"}}',
        b'{"scenario": {"schema": 1e999}}',
        b'{"scenario": NaN}',
        b"\xff",
    ],
)
def test_a_link_to_text_that_is_no_text_is_refused(client: httpx.Client, content: bytes) -> None:
    problem(run(client, link=link_to(content)), 422)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "\ud800"),
        ("questions", [{"text": "\ud800"}]),
        ("questions", [{"deep": json.loads("[" * 400 + "]" * 400)}]),
    ],
    ids=["title", "questions", "nesting"],
)
def test_a_link_to_a_scenario_that_cannot_be_written_down_is_refused(
    client: httpx.Client, field: str, value: object
) -> None:
    content = {"scenario": {**flagship(client), field: value}}
    problem(run(client, link=link_to(json.dumps(content).encode())), 422)


def test_a_body_that_says_it_is_too_large_is_refused(client: httpx.Client) -> None:
    problem(client.post("/api/run", content=b" " * (BODY_LIMIT + 1)), 413)


def test_a_body_that_streams_on_for_too_long_is_refused(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 8192

    problem(client.post("/api/run", content=chunks()), 413)


def test_a_body_of_just_the_limit_is_read(client: httpx.Client) -> None:
    body = json.dumps({"gallery": FLAGSHIP}).encode()
    response = client.post("/api/run", content=body.ljust(BODY_LIMIT))
    assert response.status_code == 200


def test_a_wrong_method_is_refused_with_the_right_one(client: httpx.Client) -> None:
    response = client.put("/api/run", json={})
    problem(response, 405)
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/nothing", "/static/nothing.js", "/static/../app/main.py", "/api/"]
)
def test_an_unknown_address_is_a_problem_too(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)


def test_a_client_in_a_hurry_is_told_when_to_come_back() -> None:
    with running_server(rate="0.1", burst="3") as address:
        answers = [httpx.post(f"{address}/api/run", content=b"{}") for _ in range(6)]
        assert [answer.status_code for answer in answers[:3]] == [422] * 3
        problem(answers[-1], 429)
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert httpx.get(f"{address}/api/kernels").status_code == 200


def test_a_body_that_trickles_in_is_not_waited_for() -> None:
    def drops() -> Iterator[bytes]:
        for _ in range(30):
            yield b" "
            time.sleep(0.1)

    with running_server(body_seconds="0.5") as address:
        problem(httpx.post(f"{address}/api/run", content=drops()), 408)


def test_a_body_full_of_faults_is_answered_soon_and_shortly(client: httpx.Client) -> None:
    began = time.monotonic()
    document = problem(run(client, scenario={"processes": [0] * 40_000}), 422)
    assert time.monotonic() - began < 10  # it took minutes once
    assert len(document["errors"]) == 20 and "(and 40000 more)" in document["detail"]


@pytest.mark.parametrize("field", ["kernel", "gallery", "link", "schedule"])
def test_what_is_refused_is_not_repeated_at_length(client: httpx.Client, field: str) -> None:
    source = {} if field in ("gallery", "link") else {"gallery": FLAGSHIP}
    response = run(client, **{**source, field: "x" * 50_000})
    problem(response, 422)
    assert len(response.content) < 2_000
