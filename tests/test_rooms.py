"""Rooms against a real server: who may drive, what reaches whom, polls, and what strangers send."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import ANY

import httpx
import pytest
from loops import played
from roomtalk import (
    LINK,
    NAMES,
    closed,
    follower,
    heard,
    opened,
    presenting,
    say,
    socket,
    until,
    vote,
)
from scenes import GALLERY
from server import running_server, started_server
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from app.rooms import hub, new_key
from app.settings import Settings
from engine import encode_link


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server(rate_limit="off", rooms_a_minute="1000") as address:
        yield address


def test_a_room_has_a_short_name_that_is_forgiving_and_says_nothing(server: str) -> None:
    room = opened(server)
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}", room["name"])
    assert room["url"] == f"{server}/r/{room['name']}"
    typed = room["name"].upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert httpx.get(f"{server}/api/rooms/{typed}").json() == {"n": 0}
    assert opened(server)["name"] != room["name"]


def test_the_key_opens_the_same_room_on_a_server_that_never_heard_of_it(server: str) -> None:
    room = opened(server)
    assert opened(server, key=room["key"]) == room
    with running_server(rate_limit="off") as other:
        with socket(other, f"{room['name']}/present") as nobody:
            assert closed(nobody) == 4404
        assert opened(other, key=room["key"])["name"] == room["name"]
        with presenting(other, room) as guide, follower(other, room["name"]) as page:
            say(guide, "go", at=3, link=LINK)
            until(page, at=3)


def test_pages_go_where_who_presents_goes(server: str) -> None:
    room = opened(server)
    with presenting(server, room) as guide, follower(server, room["name"]) as page:
        assert heard(page) == {"n": 0}
        say(guide, "go", at=14, link=LINK, mode="predict")
        first = until(page, at=14, mode="predict")
        run = httpx.get(f"{server}/api/rooms/{room['name']}/runs/{first['run']}").json()
        assert run == {"link": LINK}
        say(guide, "go", at=15, blank=True)
        assert until(page, at=15, blank=True)["run"] == first["run"]
        with follower(server, room["name"]) as late:
            assert heard(late)["at"] == 15
        until(guide, here=1, at=15)
    other = httpx.get(f"{server}/api/rooms/{room['name']}/runs/0123456789ab")
    assert other.status_code == 404 and other.json()["type"].endswith("another-run")


def test_numbers_rise_so_that_the_newest_is_known(server: str) -> None:
    room = opened(server)
    with presenting(server, room) as guide, follower(server, room["name"]) as page:
        for at in range(30):
            say(guide, "go", at=at)
        seen = [heard(page)]
        while seen[-1].get("at") != 29:
            seen.append(heard(page))
    assert [told["n"] for told in seen] == sorted({told["n"] for told in seen})
    assert [told.get("at", 0) for told in seen] == [0, *range(30)]


def test_only_the_key_drives(server: str) -> None:
    room, other = opened(server), opened(server)
    for first in ({"type": "key", "key": other["key"]}, {"type": "go", "at": 3}, "?"):
        with socket(server, f"{room['name']}/present") as stranger:
            stranger.send(json.dumps(first))
            assert closed(stranger) == 4403
    with follower(server, room["name"]) as page:
        assert heard(page) == {"n": 0}
        say(page, "go", at=3)
        assert "go" in heard(page)["vote"]
        assert httpx.get(f"{server}/api/rooms/{room['name']}").json() == {"n": 0}
    bad = httpx.post(f"{server}/api/rooms", json={"key": "short"})
    assert bad.status_code == 422 and bad.headers["content-type"] == "application/problem+json"


def test_a_poll_has_two_rounds_and_hides_its_counts_until_it_is_closed(server: str) -> None:
    room = opened(server)
    with (
        presenting(server, room) as guide,
        follower(server, room["name"]) as one,
        follower(server, room["name"]) as two,
    ):
        say(guide, "ask", q="q/14", choices=3)
        for page in (one, two):
            assert until(page, poll={"q": "q/14", "choices": 3})
        assert vote(one, choice=0) == vote(one, choice=2) == vote(two, choice=2) == ""
        assert until(guide, answers=2)["cursor"]["poll"] == {"q": "q/14", "choices": 3}
        say(guide, "close")
        assert until(one)["n"] and until(two)
        cursor = httpx.get(f"{server}/api/rooms/{room['name']}").json()
        assert cursor["poll"] == {"q": "q/14", "choices": 3, "open": False, "counts": [[0, 0, 2]]}
        assert "not open" in vote(one, choice=1)
        say(guide, "ask", q="q/14", choices=3, round=2)
        again = {"q": "q/14", "choices": 3, "round": 2, "counts": [[0, 0, 2]]}
        until(one, poll=again)
        assert "not open" in vote(one, choice=1)
        assert vote(one, round=2, choice=1) == ""
        assert "none of them" in vote(two, round=2, choice=3)
        until(guide, answers=1)
        say(guide, "close")
        until(one, poll={**again, "open": False, "counts": [[0, 0, 2], [0, 1, 0]]})
        say(guide, "clear")
        until(one, poll=None)


def test_a_question_is_given_back_to_a_server_that_has_forgotten_it(server: str) -> None:
    room = opened(server)
    poll = {"q": "q/14", "choices": 2, "round": 2, "counts": [[3, 1]]}
    with presenting(server, room) as guide, follower(server, room["name"]) as page:
        for wrong in ([[3]], [[3, 1], [0, 0]], [[-1, 1]]):
            say(guide, "again", poll={**poll, "counts": wrong})
            assert "count" in heard_error(guide)
        say(guide, "again", poll=poll)
        until(page, poll=poll)
        assert vote(page, round=2, choice=1) == ""
        say(guide, "again", poll={"q": "q/1", "choices": 2})  # it has not forgotten this one
        say(guide, "close")
        until(page, poll={**poll, "open": False, "counts": [[3, 1], [0, 1]]})
        say(guide, "clear")
        closed_one = {"q": "q/14", "choices": 2, "open": False, "counts": [[3, 1]]}
        say(guide, "again", poll=closed_one)
        until(page, poll=closed_one)


def heard_error(guide: ClientConnection) -> str:
    """What was wrong with an order."""
    while "error" not in (told := heard(guide)):
        pass
    return str(told["error"])


def test_another_run_takes_the_question_away(server: str) -> None:
    room = opened(server)
    with presenting(server, room) as guide, follower(server, room["name"]) as page:
        say(guide, "go", at=1, link=LINK)
        say(guide, "ask", q="q/1", choices=2)
        until(page, poll={"q": "q/1", "choices": 2})
        say(guide, "go", at=0, link=encode_link(GALLERY["fork-then-write"]))
        until(page, poll=None)


def test_a_page_without_a_socket_has_the_same(server: str) -> None:
    room = opened(server)
    base, who = f"{server}/api/rooms/{room['name']}", next(NAMES)
    with presenting(server, room) as guide, httpx.stream("GET", f"{base}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in stream.iter_lines() if line.startswith("data: "))
        assert json.loads(next(lines)[6:]) == {"n": 0}
        say(guide, "ask", q="q/3", choices=2)
        assert json.loads(next(lines)[6:])["poll"]["q"] == "q/3"
        said = {"who": who, "q": "q/3", "round": 1, "choice": 1}
        assert httpx.post(f"{base}/votes", json=said).status_code == 204
        late = httpx.post(f"{base}/votes", json={**said, "round": 2})
        assert late.status_code == 409 and "not open" in late.json()["detail"]
        assert until(guide, answers=1)["here"] == 1
        say(guide, "end")
        assert json.loads(next(lines)[6:])["gone"] is True
        assert next(lines, None) is None


def test_who_has_no_socket_presents_by_posts(server: str) -> None:
    room, other = opened(server), opened(server)
    place = f"{server}/api/rooms/{room['name']}/orders"

    def post(*orders: dict[str, Any], key: str = room["key"]) -> httpx.Response:
        return httpx.post(place, json={"key": key, "orders": orders})

    ask = {"type": "ask", "q": "q/3", "choices": 2}
    with follower(server, room["name"]) as page:
        assert post({"type": "go", "at": 7, "link": LINK}).json()["cursor"]["at"] == 7
        until(page, at=7)
        refused = post({"type": "go", "at": 8}, key=other["key"])
        assert refused.status_code == 403 and refused.json()["type"].endswith("not-yours")
        bad = post({"type": "go", "at": 8}, {"type": "go", "at": -1})
        assert bad.status_code == 422 and "-1" not in bad.text
        assert post({"type": "go", "at": 9}, ask).json()["here"] == 1
        assert until(page, at=9, poll={"q": "q/3", "choices": 2})
        assert vote(page, q="q/3", choice=1) == ""
        assert post().json()["answers"] == 1
        many = [post(*[{"type": "go", "at": 1}] * 16).status_code for _ in range(12)]
        assert many[0] == 200 and many[-1] == 429
        time.sleep(1)
        assert post({"type": "end"}).json() == {"cursor": ANY, "here": 0, "answers": 0}
        until(page, gone=True)
    assert post().status_code == 404


def test_who_posts_no_more_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "LEASE", 0.2)
    monkeypatch.setattr(hub, "GRACE", 0.1)

    async def play() -> None:
        rooms = hub.Rooms(Settings())
        room = await rooms.open(new_key())
        for _ in range(4):
            rooms.guided(room)
            await asyncio.sleep(0.1)
            assert room.guided and not room.cursor.away
        await asyncio.sleep(0.5)
        assert not room.guided and room.cursor.away

    played(play())


def test_who_presents_may_load_the_page_again_and_is_away_only_after_a_while(server: str) -> None:
    room = opened(server)
    with follower(server, room["name"]) as page:
        with presenting(server, room) as guide:
            say(guide, "go", at=2)
            until(page, at=2)
        with presenting(server, room) as guide:
            say(guide, "go", at=3)
            assert "away" not in until(page, at=3)
        with pytest.raises(TimeoutError):
            heard(page, 3)
        assert heard(page, 10)["away"] is True
        with presenting(server, room) as guide:
            say(guide, "go", at=3)
            assert "away" not in heard(page)


def test_what_is_over_is_forgotten(server: str) -> None:
    room = opened(server)
    with presenting(server, room) as guide, follower(server, room["name"]) as page:
        say(guide, "end")
        until(page, gone=True)
    gone = httpx.get(f"{server}/api/rooms/{room['name']}")
    assert gone.status_code == 404 and gone.json()["type"].endswith("no-room")
    with follower(server, room["name"]) as late:
        assert closed(late) == 4404


def test_a_room_has_a_size_and_so_has_the_house() -> None:
    with running_server(rate_limit="off", room_size="2", rooms="2") as server:
        room, _ = opened(server), opened(server)
        full = httpx.post(f"{server}/api/rooms", json={})
        assert full.status_code == 503 and "no place for another" in full.json()["detail"]
        with follower(server, room["name"]), follower(server, room["name"]) as second:
            with follower(server, room["name"]) as third:
                assert closed(third) == 4503
            assert httpx.get(f"{server}/api/rooms/{room['name']}/events").status_code == 503
            second.close()
            time.sleep(0.2)
            with follower(server, room["name"]) as third:
                assert heard(third) == {"n": 0}


def test_a_room_has_a_life() -> None:
    with running_server(rate_limit="off", room_hours="0.0005") as server:
        room = opened(server)
        with follower(server, room["name"]) as page:
            until(page, gone=True)
        assert httpx.get(f"{server}/api/rooms/{room['name']}").status_code == 404


def turned_away(server: str) -> int:
    """How a follower of no room's name is refused."""
    with follower(server, "aaaa-aaaa") as page:
        return closed(page)


def test_who_guesses_names_or_opens_many_rooms_must_wait() -> None:
    with running_server(rate_limit="off", rooms_a_minute="2") as server:
        asked = [httpx.get(f"{server}/api/rooms/aaaa-{n:04}").status_code for n in range(40)]
        assert asked[0] == 404 and asked[-1] == 429
        assert 4429 in [turned_away(server) for _ in range(5)], "a slow machine is let in once more"
        many = [httpx.post(f"{server}/api/rooms", json={}).status_code for _ in range(3)]
        assert many == [201, 201, 429]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        '{"type": "go"}',
        '{"type": "go", "at": -1}',
        '{"type": "go", "at": 20001}',
        '{"type": "go", "at": 1, "mode": "drive"}',
        '{"type": "go", "at": 1, "link": "javascript:alert(1)"}',
        '{"type": "go", "at": 1, "who": "me"}',
        '{"type": "ask", "q": "<b>", "choices": 2}',
        '{"type": "ask", "q": "a", "choices": 99}',
        '{"type": "vote", "q": "a", "round": 1, "choice": 0}',
    ],
)
def test_an_order_that_makes_no_sense_is_told_and_changes_nothing(server: str, said: str) -> None:
    room = opened(server)
    with presenting(server, room) as guide:
        guide.send(said)
        assert heard(guide)["error"]
        say(guide, "go", at=1)
        until(guide, at=1)


def test_who_says_too_much_is_let_go(server: str) -> None:
    room = opened(server)
    with follower(server, room["name"]) as page:
        for _ in range(30):
            say(page, "vote", q="a", round=1, choice=0)
        assert closed(page) == 4429
    with follower(server, room["name"]) as page:
        page.send("x" * 70_000)
        assert closed(page) == 1009
    with pytest.raises(InvalidStatus), socket(server, f"{room['name']}/follow?who=me"):
        pass


def test_a_page_of_another_site_may_not_look_in(server: str) -> None:
    room = opened(server)
    with pytest.raises(InvalidStatus) as refused:
        follower(server, room["name"], origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403


def test_a_stop_lets_pages_go_so_that_they_come_back() -> None:
    with started_server(rate_limit="off") as (process, server):
        room = opened(server)
        with follower(server, room["name"]) as page:
            heard(page)
            process.terminate()
            assert closed(page) == 1012
        assert process.wait(10) == 0


def test_nobody_is_written_down() -> None:
    with started_server(rate_limit="off", log="text") as (process, server):
        room = opened(server)
        with follower(server, room["name"]) as page:
            heard(page)
        httpx.get(f"{server}/api/rooms/{room['name']}")
        time.sleep(0.3)
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        said = process.stdout.read()
    assert "/api/rooms" in said
    assert room["name"] not in said and "127.0.0.1" not in said and "page-" not in said
