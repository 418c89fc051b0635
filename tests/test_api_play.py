"""The game's API on a real server: levels, moves, what can still come, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from engine.explore.levels import levels

RACE = {"level": "overwrite", "kernel": "nopfn-v2"}
WINS = "A until nopfn_ret#1; B until access#2; A until end"


def settled(client: httpx.Client, asked: dict[str, Any]) -> dict[str, Any]:
    told = client.post("/api/play/reach", json=asked).json()
    with client.stream("GET", f"/api/explorations/{told['id']}/events") as stream:
        lines = [line for line in stream.iter_lines() if line.startswith("data: ")]
    last: dict[str, Any] = json.loads(lines[-1].removeprefix("data: "))
    assert last["state"] == "done"
    found: dict[str, Any] = last["found"]
    return found


def test_the_levels_are_listed(client: httpx.Client) -> None:
    told = client.get("/api/levels").json()
    assert [level["id"] for level in told] == [level.id for level in levels()]
    first = told[0]
    assert first["says"]["text"].startswith("Have one thread store")
    assert first["threads"] == ["A", "B"]


def test_moves_make_a_run_and_say_whether_it_wins(client: httpx.Client) -> None:
    won = client.post("/api/play", json={**RACE, "schedule": WINS})
    assert won.json()["won"] is True and won.headers["etag"]
    lost = client.post("/api/play", json=RACE).json()
    assert lost["won"] is False and lost["run"]["kernel"]["id"] == "nopfn-v2"
    assert lost["run"]["steps"][0]["runnable"] == ["A", "B"]


def test_every_level_can_be_played_under_each_of_its_kernels(client: httpx.Client) -> None:
    for level in levels():
        for kernel in level.kernels:
            asked = {"level": level.id, "kernel": kernel}
            assert client.post("/api/play", json=asked).json()["won"] is False


def test_what_can_still_come_is_a_search(client: httpx.Client) -> None:
    start = settled(client, RACE)
    assert start["way"]["switches"] == 2 and start["next"]
    assert not settled(client, {**RACE, "schedule": "A until end"})["reachable"]
    proof = settled(client, {**RACE, "kernel": "nopfn-v3"})
    assert proof["complete"] and not proof["reachable"] and proof["states"] > 1000


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"level": "luck"}, "level"),
        ({"kernel": "2.6.17"}, "kernel"),
        ({"schedule": "8A4B"}, "schedule"),
        ({"schedule": "Z until end"}, "schedule, part 1"),
        ({"schedule": "A until nothing#1"}, "schedule, part 1"),
        ({"schedule": "A until end;" * 2000}, "schedule"),
        ({"level": "x" * 100}, "level"),
        ({"extra": 1}, "extra"),
    ],
)
@pytest.mark.parametrize("path", ["/api/play", "/api/play/reach"])
def test_what_is_wrong_is_a_problem(
    client: httpx.Client, path: str, wrong: dict[str, Any], where: str
) -> None:
    answer = client.post(path, json={**RACE, **wrong})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["where"] == where


def test_what_is_no_json_is_a_problem(client: httpx.Client) -> None:
    assert client.post("/api/play", content=b"{").status_code == 400
    assert client.post("/api/play/reach", content=b"[]").status_code == 422


def test_the_page_brings_the_levels(client: httpx.Client) -> None:
    page = client.get("/play")
    assert page.status_code == 200 and 'id="levels">[{' in page.text
    words = json.loads(page.text.partition('id="messages">')[2].partition("</script>")[0])
    assert "game_claim" in words and not any(key.startswith("sched_") for key in words)
