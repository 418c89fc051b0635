"""Rooms of several workers, on one host or more, with a Redis between them.

Redis keeps the few facts of a room for as long as a class may pause, passes cursors on, and counts
votes. While it is away each worker goes on with the pages it has; what was missed comes after.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError

from app.rooms.bus import PAUSE, Hear
from app.rooms.room import Kept
from app.rooms.says import Cursor
from app.settings import PREFIX, BadSetting

log = logging.getLogger("faultwalk")

PREFIXED = "faultwalk:room:"
CURSORS: msgspec.json.Decoder[Cursor] = msgspec.json.Decoder(Cursor)


class Shared:
    """The bus through Redis."""

    away: tuple[type[Exception], ...] = (RedisError, OSError)

    def __init__(self, url: str) -> None:
        try:
            # a dead Redis is to be noticed at once: pages wait for no answer of it
            self.redis: Any = Redis.from_url(
                url,
                decode_responses=True,
                socket_timeout=2,
                socket_connect_timeout=2,
                retry=Retry(ConstantBackoff(0.05), 1),
                health_check_interval=10,
            )
        except ValueError as error:
            raise BadSetting(f"{PREFIX}REDIS_URL: {error}") from None
        self.worker = secrets.token_hex(6)
        self.heard = self.redis.pubsub()
        self.names: set[str] = set()

    async def load(self, name: str) -> Kept | None:
        """The room as it was kept last."""
        found = await self.redis.hgetall(PREFIXED + name)
        if not found:
            return None
        cursor = CURSORS.decode(found["cursor"])
        return Kept(found["mark"], float(found["born"]), found["link"], cursor)

    async def save(self, name: str, kept: Kept) -> None:
        """Keep it and publish the cursor, in one go."""
        cursor = msgspec.json.encode(kept.cursor).decode()
        facts = {"mark": kept.mark, "born": kept.born, "link": kept.link, "cursor": cursor}
        async with self.redis.pipeline(transaction=True) as pipe:
            pipe.hset(PREFIXED + name, mapping=facts)
            pipe.expire(PREFIXED + name, PAUSE)
            pipe.publish(PREFIXED + name, cursor)
            await pipe.execute()

    async def drop(self, name: str) -> None:
        """Nothing is left of it."""
        async for key in self.redis.scan_iter(f"{PREFIXED}{name}*", count=200):
            await self.redis.delete(key)

    async def vote(self, name: str, poll: str, who: str, choice: int) -> None:
        """Count an answer."""
        key = f"{PREFIXED}{name}:votes:{poll}"
        async with self.redis.pipeline(transaction=True) as pipe:
            pipe.hset(key, who, choice)
            pipe.expire(key, PAUSE)
            await pipe.execute()

    async def votes(self, name: str, poll: str) -> list[int]:
        """What was chosen, through all workers."""
        return [int(vote) for vote in await self.redis.hvals(f"{PREFIXED}{name}:votes:{poll}")]

    async def reset(self, name: str, poll: str) -> None:
        """No answers so far."""
        await self.redis.delete(f"{PREFIXED}{name}:votes:{poll}")

    async def here(self, name: str, count: int) -> int:
        """How many follow; a worker that has not told for a while is not counted."""
        key, now = f"{PREFIXED}{name}:here", time.time()
        async with self.redis.pipeline(transaction=True) as pipe:
            pipe.hset(key, self.worker, f"{count} {now}")
            pipe.expire(key, PAUSE)
            pipe.hvals(key)
            told = (await pipe.execute())[-1]
        pairs = [text.split() for text in told]
        return sum(int(count) for count, then in pairs if now - float(then) < 10)

    async def listen(self, name: str) -> None:
        """Hear of a room from now on."""
        self.names.add(name)
        await self.heard.subscribe(PREFIXED + name)

    async def run(self, hear: Hear) -> None:
        """Pass on what is published; after a break the rooms are read again."""
        while True:
            try:
                await self.heard.subscribe(f"{PREFIXED}all", *(PREFIXED + n for n in self.names))
                for name in list(self.names):
                    kept = await self.load(name)
                    if kept:
                        hear(name, kept.cursor)
                async for message in self.heard.listen():
                    if message["type"] == "message":
                        name = message["channel"].removeprefix(PREFIXED)
                        hear(name, CURSORS.decode(message["data"]))
            except self.away:
                log.warning("Redis is away: rooms go on, each worker by itself")
                with contextlib.suppress(*self.away):
                    await self.heard.aclose()  # type: ignore[no-untyped-call]
                self.heard = self.redis.pubsub()
                await asyncio.sleep(0.5)
