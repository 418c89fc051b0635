"""All rooms of a worker: who may open one, who follows, what is asked, and when it is over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable
from typing import TypeVar

import msgspec

from app.problems import Problem
from app.rooms.bus import PAUSE, bus_of
from app.rooms.names import mark_of, name_of
from app.rooms.room import Kept, Room
from app.rooms.says import Again, Ask, Clear, Close, Cursor, End, Go, Order, Poll, Vote, digest
from app.rooms.wire import Slot, Wire
from app.settings import Settings

log = logging.getLogger("faultwalk")
T = TypeVar("T")

GRACE = 5.0
"""Seconds after which who presents is said to be away: a page that is loaded again is not."""


LEASE = 15.0
"""Seconds for which who posts orders is taken to be there; such a page posts every two."""


class Rooms:
    """The rooms, each by its name."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bus = bus_of(settings.redis_url)
        self.rooms: dict[str, Room] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.started = self.closing = False

    async def open(self, key: str) -> Room:
        """The room of a key: the one that is there, or a new one under its name."""
        name = await asyncio.to_thread(name_of, key)
        room = await self.find(name)
        if room is None:
            if len(self.rooms) >= self.settings.rooms:
                sentence = "so many rooms are open that there is no place for another; try later"
                raise Problem(503, "Service Unavailable", sentence, headers={"retry-after": "60"})
            room = self._here(name, Kept(mark_of(key), time.time()))
            await self._share(room)
            await self._try(self.bus.listen(name), None)
        return room

    async def find(self, name: str) -> Room | None:
        """A room by its name, wherever it was opened."""
        self._start()
        if name in self.rooms:
            return self.rooms[name]
        kept = await self._try(self.bus.load(name), None)
        if kept is None:
            return self.rooms.get(name)
        await self._try(self.bus.listen(name), None)
        return self.rooms.get(name) or self._here(name, kept)

    async def join(self, room: Room, follower: Wire | Slot) -> None:
        """One more page, if there is room for it."""
        if room.here() >= self.settings.room_size:
            sentence = f"this room has {room.here()} pages already, and takes no more"
            raise Problem(503, "Service Unavailable", sentence, kind="room-full")
        room.add(follower)
        room.stir()

    def leave(self, room: Room, follower: Wire | Slot) -> None:
        """One page less."""
        room.leave(follower)
        room.stir()

    async def order(self, room: Room, order: Order) -> None:
        """Do what who presents says."""
        was = room.cursor
        match order:
            case Go():
                if order.link is not None:
                    room.kept.link = order.link
                moved = {"run": digest(room.kept.link) if room.kept.link else "", "away": False}
                cursor = _with(was, at=order.at, mode=order.mode, blank=order.blank, **moved)
                if order.link is not None and was.run != cursor.run:
                    cursor = _with(cursor, poll=None)
            case Ask():
                poll = _asked(was.poll, order)
                await self._try(self.bus.reset(room.name, _place(poll)), None)
                cursor = _with(was, poll=poll)
            case Again():
                cursor = _with(was, poll=was.poll or order.poll)
            case Close():
                cursor = _with(was, poll=await self._counted(room, was.poll))
            case Clear():
                cursor = _with(was, poll=None)
            case End():
                await self.end(room)
                return
        if room.take(cursor):
            await self._share(room)

    async def vote(self, room: Room, who: str, vote: Vote) -> str:
        """Take an answer; why it does not count, or "" where it does."""
        poll = room.cursor.poll
        if poll is None or not poll.open or (vote.q, vote.round) != (poll.q, poll.round):
            return "this question is not open"
        if vote.choice >= poll.choices:
            return f"the question has {poll.choices} choices, and {vote.choice} is none of them"
        await self._try(self.bus.vote(room.name, _place(poll), who, vote.choice), None)
        room.stir()
        return ""

    async def told(self, room: Room) -> dict[str, int]:
        """What only who presents is told: how many are here, how many have answered."""
        poll = room.cursor.poll
        if room.cursor.gone:
            return {"here": 0, "answers": 0}
        count = await self._try(self.bus.here(room.name, room.here()), room.here())
        votes = await self._try(self.bus.votes(room.name, _place(poll)), []) if poll else []
        return {"here": count, "answers": len(votes)}

    async def link(self, room: Room, run: str) -> str | None:
        """The link of a run by its digest, if the room is at it."""
        if digest(room.kept.link) != run:
            kept = await self._try(self.bus.load(room.name), None)
            if kept:
                room.kept.link = kept.link
        return room.kept.link if digest(room.kept.link) == run else None

    async def end(self, room: Room) -> None:
        """Let everybody go and forget the room."""
        room.take(Cursor(n=_next(room.cursor), gone=True))
        room.kept.link = ""
        await self._share(room)
        await self._try(self.bus.drop(room.name), None)
        self._forget(room)

    def guided(self, room: Room) -> None:
        """Who presents has posted something, and will again."""
        if room.lease:
            room.lease.cancel()
        room.lease = asyncio.get_running_loop().call_later(LEASE, self._lapsed, room)

    def _lapsed(self, room: Room) -> None:
        room.lease = None
        self.unguided(room)

    def unguided(self, room: Room) -> None:
        """Somebody who presented is gone."""
        if not room.guided:
            self.task(self.away(room))

    async def away(self, room: Room) -> None:
        """Nobody presents through this worker any more: the room is told, unless somebody comes."""
        at = room.cursor.n
        await asyncio.sleep(GRACE)
        if not room.guided and room.cursor.n == at and not room.cursor.gone:
            room.take(_with(room.cursor, away=True))
            await self._share(room)

    def hush(self) -> None:
        """The server is going down: streams end, pages come back by themselves."""
        self.closing = True
        for room in self.rooms.values():
            room.stir()
            for slot in room.slots:
                slot.close()

    def task(self, work: Awaitable[None]) -> None:
        """Do something beside, and keep hold of it until it is done."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _start(self) -> None:
        if not self.started:
            self.started = True
            self.task(self.bus.run(self._hear))
            self.task(self._watch())

    def _here(self, name: str, kept: Kept) -> Room:
        room = self.rooms[name] = Room(name, kept)
        return room

    def _hear(self, name: str, cursor: Cursor) -> None:
        room = self.rooms.get(name)
        if room and room.take(cursor) and cursor.gone:
            self._forget(room)

    def _forget(self, room: Room) -> None:
        room.end()
        self.rooms.pop(room.name, None)

    async def _share(self, room: Room) -> None:
        try:
            await self.bus.save(room.name, room.kept)
            room.untold = False
        except self.bus.away:
            room.untold = True

    async def _agree(self, room: Room) -> None:
        """Hear what this worker has missed, or tell what the others have."""
        kept = await self._try(self.bus.load(room.name), None)
        if kept and kept.cursor.n > room.cursor.n:
            self._hear(room.name, kept.cursor)
        elif room.untold:
            await self._share(room)

    async def _try(self, asked: Awaitable[T], otherwise: T) -> T:
        """What the others say; without them a worker goes by what it knows itself."""
        try:
            return await asked
        except self.bus.away:
            return otherwise

    async def _counted(self, room: Room, poll: Poll | None) -> Poll | None:
        if poll is None or not poll.open:
            return poll
        votes = Counter(await self._try(self.bus.votes(room.name, _place(poll)), []))
        counts = [votes[choice] for choice in range(poll.choices)]
        before = poll.counts[: poll.round - 1]
        return msgspec.structs.replace(poll, open=False, counts=[*before, counts])

    async def _watch(self) -> None:
        """Rooms end when their time is up, or when nobody has presented for long."""
        while not self.closing:
            await asyncio.sleep(2)
            for room in list(self.rooms.values()):
                if room.guided:
                    room.seen = time.monotonic()
                    room.stir()
                elif room.here():
                    await self._try(self.bus.here(room.name, room.here()), 0)
                if (room.untold or room.fresh) and self.rooms.get(room.name) is room:
                    room.fresh = False
                    await self._agree(room)
                old = time.time() - room.kept.born > self.settings.room_hours * 3600
                idle = time.monotonic() - room.seen > PAUSE
                if old or (idle and not room.here()):
                    with contextlib.suppress(*self.bus.away):
                        await self.end(room)


def _next(cursor: Cursor) -> int:
    """A number above all before, on whatever worker: by the clock, or one more."""
    return max(cursor.n + 1, time.time_ns() // 1_000_000)


def _with(cursor: Cursor, **changed: object) -> Cursor:
    return msgspec.structs.replace(cursor, n=_next(cursor), **changed)


def _asked(was: Poll | None, ask: Ask) -> Poll:
    """The question as it opens; a second round keeps what the first came to."""
    same = was is not None and (was.q, was.choices) == (ask.q, ask.choices)
    counts = list(was.counts[:1]) if was and same and ask.round == 2 else []
    return Poll(q=ask.q, choices=ask.choices, round=ask.round, counts=counts)


def _place(poll: Poll) -> str:
    return f"{poll.q}/{poll.round}"
