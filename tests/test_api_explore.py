"""Searches over the API: asked for, followed, cached, cancelled, refused in words."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from scenes import fickle, write
from server import running_server

RACE = "two-threads-one-page"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_server(rate_limit="off", search_each="2") as found:
        yield found


def ask(address: str, **body: Any) -> httpx.Response:
    return httpx.post(f"{address}/api/explorations", json=body, timeout=30)


def finished(address: str, id: str) -> dict[str, Any]:
    """What a search comes to, by asking again and again."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        told: dict[str, Any] = httpx.get(f"{address}/api/explorations/{id}").json()
        if told["state"] not in ("queued", "running"):
            return told
        time.sleep(0.05)
    raise AssertionError("the search does not end")


def crowd(many: int) -> dict[str, Any]:
    """A scenario that takes a while."""
    return fickle(*([write()] for _ in range(many))).content()


def test_a_search_is_asked_for_followed_and_answered(address: str) -> None:
    asked = ask(address, gallery=RACE, exists='broken("overwrite")')
    assert asked.status_code in (200, 202)
    told = finished(address, asked.json()["id"])
    found = told["found"]
    assert told["state"] == "done" and found["complete"] and found["method"] == "exact"
    assert {v["invariant"] for v in found["violations"]} == {"one_pfn", "overwrite", "tlb_agrees"}
    assert found["exists"]["holds"]
    replay = httpx.post(f"{address}/api/run", json={"link": found["exists"]["way"]["link"]})
    assert replay.status_code == 200


def test_the_same_question_is_the_same_search_and_answered_at_once(address: str) -> None:
    first = ask(address, gallery=RACE, kernel="nopfn-v3").json()
    finished(address, first["id"])
    again = ask(address, gallery=RACE, kernel="nopfn-v3")
    assert again.status_code == 200 and again.json()["id"] == first["id"]
    assert again.json()["state"] == "done"
    other = ask(address, gallery=RACE, kernel="nopfn-v4").json()
    assert other["id"] != first["id"]


def test_a_stream_tells_how_far_it_is_and_then_what_was_found(address: str) -> None:
    id = ask(address, scenario=crowd(5), kernel="nopfn-v3", max_states=8_000).json()["id"]
    events = []
    with httpx.stream("GET", f"{address}/api/explorations/{id}/events", timeout=60) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
    assert events[-1]["state"] == "done"
    assert events[-1]["found"]["limit"] == "max_states" and not events[-1]["found"]["complete"]
    progress = [e for e in events if e["state"] == "running" and e["states"]]
    assert progress and progress[-1]["rate"] > 0


def test_a_table_tells_how_many_cells_are_decided(address: str) -> None:
    asked = {"scenario": crowd(4)}
    id = httpx.post(f"{address}/api/explorations/matrix", json=asked).json()["id"]
    events = []
    with httpx.stream("GET", f"{address}/api/explorations/{id}/events", timeout=120) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data: "))
        for line in lines:
            events.append(json.loads(line.removeprefix("data: ")))
            if events[-1].get("cells_done", 0) >= 2:
                break
    httpx.delete(f"{address}/api/explorations/{id}")
    counted = [event["cells_done"] for event in events if "cells" in event]
    assert counted == sorted(counted) and counted[-1] >= 2
    assert {event["cells"] for event in events if "cells" in event} == {21}


def test_a_search_is_cancelled_and_pages_are_served_meanwhile(address: str) -> None:
    id = ask(address, scenario=crowd(6), kernel="nopfn-v1").json()["id"]
    began = time.monotonic()
    assert httpx.get(f"{address}/api/kernels").status_code == 200
    assert time.monotonic() - began < 5
    gone = cancelled(address, id)
    assert gone.headers["content-type"] == "application/problem+json"
    assert gone.json()["type"].endswith("unknown-search")


def cancelled(address: str, id: str) -> httpx.Response:
    """What its address answers when it has given up."""
    assert httpx.delete(f"{address}/api/explorations/{id}").status_code == 204
    until = time.monotonic() + 20
    while (told := httpx.get(f"{address}/api/explorations/{id}")).status_code != 404:
        assert time.monotonic() < until
        time.sleep(0.1)
    return told


def test_a_search_that_is_cancelled_at_once_does_not_begin() -> None:
    """The wish may be there before the worker process is."""
    with running_server(rate_limit="off") as address:
        cancelled(address, ask(address, scenario=crowd(6), kernel="nopfn-v1").json()["id"])


def test_a_table_that_is_cancelled_is_left_at_once_and_so_is_what_waits_behind_it() -> None:
    with running_server(rate_limit="off") as address:
        asked = {"scenario": crowd(5)}
        table = httpx.post(f"{address}/api/explorations/matrix", json=asked).json()["id"]
        behind = ask(address, scenario=crowd(6), kernel="nopfn-v1").json()["id"]
        cancelled(address, behind)
        cancelled(address, table)
        after = ask(address, gallery=RACE).json()["id"]
        assert finished(address, after)["state"] == "done"


def test_one_place_may_not_fill_the_queue(address: str) -> None:
    asked = [
        ask(address, scenario=crowd(6), kernel="2.6.19", max_states=300_000 + n) for n in range(5)
    ]
    assert asked[-1].status_code == 429
    assert "wait for one, or cancel it" in asked[-1].json()["detail"]
    for one in asked:
        if one.status_code == 202:
            httpx.delete(f"{address}/api/explorations/{one.json()['id']}")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"gallery": RACE, "exists": "pfn("}, "cannot be read"),
        ({"gallery": RACE, "exists": 'pfn("x[1]")'}, "there is no such page"),
        ({"gallery": RACE, "exists": "x" * 600}, "exists"),
        ({"gallery": "no-such"}, "no-such"),
        ({"gallery": RACE, "kernel": "7.0"}, "7.0"),
        ({"gallery": RACE, "max_states": 0}, "max_states"),
        ({"gallery": RACE, "seconds": -1}, "seconds"),
        ({"gallery": RACE, "link": "z1."}, "exactly one"),
        ({}, "exactly one"),
        ({"gallery": RACE, "depth": 3}, "depth"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    address: str, body: dict[str, Any], what: str
) -> None:
    refused = ask(address, **body)
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert what in refused.text


def test_a_search_that_needs_too_much_memory_fails_in_words_and_the_server_goes_on() -> None:
    with running_server(rate_limit="off", search_memory="50000000") as address:
        told = finished(address, ask(address, scenario=crowd(6), kernel="nopfn-v1").json()["id"])
        assert told["state"] == "failed" and "memory" in told["error"]
        again = ask(address, scenario=crowd(5), kernel="nopfn-v1").json()
        assert finished(address, again["id"])["state"] == "failed"
        assert httpx.get(f"{address}/api/kernels").status_code == 200
