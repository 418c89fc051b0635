"""Rooms of several workers, with a real Redis that goes and comes back."""

from __future__ import annotations

import time

import httpx
from redis_server import running_redis
from roomtalk import (
    LINK,
    follower,
    heard,
    opened,
    presenting,
    say,
    until,
    vote,
)
from server import running_server, started_server


def test_workers_share_a_room_through_redis_and_outlive_it() -> None:
    with running_redis() as redis:
        settings = {"rate_limit": "off", "redis_url": redis.url}
        with running_server(**settings) as here, running_server(**settings) as there:
            room = opened(here)
            name = room["name"]
            with (
                presenting(here, room) as guide,
                follower(here, name) as near,
                follower(there, name) as far,
            ):
                say(guide, "go", at=5, link=LINK)
                told = [until(page, at=5) for page in (near, far)]
                assert told[0] == told[1]
                run = httpx.get(f"{there}/api/rooms/{name}/runs/{told[0]['run']}").json()
                assert run == {"link": LINK}
                assert until(guide, here=2)
                say(guide, "ask", q="q/5", choices=2)
                until(far, poll={"q": "q/5", "choices": 2})
                until(near, poll={"q": "q/5", "choices": 2})
                assert vote(near, q="q/5", choice=0) == vote(far, q="q/5", choice=1) == ""
                until(guide, answers=2)
                say(guide, "close")
                assert until(far)["poll"]["counts"] == [[1, 1]]
                until(near)
                redis.stop()
                say(guide, "go", at=6)
                until(near, at=6)
                redis.start()
                for at in range(7, 40):  # as the page does again and again
                    say(guide, "go", at=at)
                    try:
                        until(far, 0.5, at=at)
                        break
                    except TimeoutError:
                        continue
                else:
                    raise AssertionError("the other worker hears no more")
                say(guide, "end")
                until(far, gone=True)
            time.sleep(0.5)
            assert name.encode() not in redis.ask("KEYS", "*")


def test_a_worker_that_is_killed_takes_no_room_with_it() -> None:
    with running_redis() as redis:
        settings = {"rate_limit": "off", "redis_url": redis.url}
        with started_server(**settings) as (process, here), running_server(**settings) as there:
            room = opened(here)
            with presenting(here, room) as guide:
                say(guide, "go", at=9, link=LINK)
                until(guide, at=9)
            process.kill()
            with presenting(there, room) as guide, follower(there, room["name"]) as page:
                assert heard(page)["at"] == 9
                say(guide, "go", at=10)
                until(page, at=10)


def test_what_was_said_while_redis_was_away_is_told_when_it_is_back() -> None:
    with running_redis() as redis:
        settings = {"rate_limit": "off", "redis_url": redis.url}
        with running_server(**settings) as here, running_server(**settings) as there:
            room = opened(here)
            with presenting(here, room) as guide, follower(there, room["name"]) as far:
                say(guide, "go", at=5, link=LINK)
                until(far, at=5)
                redis.stop()
                say(guide, "go", at=6)
                until(guide, at=6)
                redis.start()
                until(far, at=6)  # nothing more is said
