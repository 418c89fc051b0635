"""One room, as one worker knows it: where the presentation is, and the pages that follow here."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import msgspec

from app.limits import Buckets
from app.rooms.says import Cursor
from app.rooms.wire import Slot, Wire, frame

PACE, AT_ONCE = 30.0, 40
"""Cursors a second that are passed on, and at once after a pause; of more only the newest is.

A page sends 22 at most. What was held up for two seconds comes at once, and is passed on whole.
"""


@dataclass
class Kept:
    """What a room is made of; all that another worker, or the next, must know."""

    mark: str
    born: float
    link: str = ""
    cursor: Cursor = field(default_factory=lambda: Cursor(n=0))


class Room:
    """The pages that follow, and the newest cursor on its way to them."""

    def __init__(self, name: str, kept: Kept) -> None:
        self.name, self.kept = name, kept
        self.wires: set[Wire] = set()
        self.slots: set[Slot] = set()
        self.guides: set[asyncio.Event] = set()
        self.lease: asyncio.TimerHandle | None = None
        self.seen = time.monotonic()
        self.untold = False  # whether the others could not be told where it is
        self.fresh = True  # whether something may have been said before this worker listened
        self.pace = Buckets(PACE, AT_ONCE, most=1)
        self.timer: asyncio.TimerHandle | None = None

    @property
    def cursor(self) -> Cursor:
        """Where the presentation is."""
        return self.kept.cursor

    @property
    def guided(self) -> bool:
        """Whether somebody presents through this worker."""
        return bool(self.guides) or self.lease is not None

    def here(self) -> int:
        """How many pages follow through this worker."""
        return len(self.wires) + len(self.slots)

    def take(self, cursor: Cursor) -> bool:
        """Go where a newer cursor says; False for one that is not newer."""
        if cursor.n <= self.cursor.n:
            return False
        self.kept.cursor = cursor
        if self.timer is None:
            self._send()
        return True

    def add(self, follower: Wire | Slot) -> None:
        """One more page, which is told at once where to be."""
        text = self.text()
        if isinstance(follower, Wire):
            self.wires.add(follower)
            follower.tell(frame(text))
        else:
            self.slots.add(follower)
            follower.tell(text)

    def leave(self, follower: Wire | Slot) -> None:
        """One page less."""
        self.wires.discard(follower)
        self.slots.discard(follower)
        follower.close()

    def text(self) -> bytes:
        """The cursor as it is sent."""
        return msgspec.json.encode(self.cursor)

    def stir(self) -> None:
        """Who presents is to be told something."""
        for guide in self.guides:
            guide.set()

    def end(self) -> None:
        """Tell everybody, now."""
        for timer in filter(None, (self.timer, self.lease)):
            timer.cancel()
        self._pass_on()

    def _send(self) -> None:
        """Send the newest, or wait until there is a token for it."""
        self.timer = None
        wait = self.pace.take("", time.monotonic())
        if wait:
            self.timer = asyncio.get_running_loop().call_later(wait, self._send)
        else:
            self._pass_on()

    def _pass_on(self) -> None:
        text = self.text()
        made = frame(text)
        for wire in self.wires:
            wire.tell(made)
        for slot in self.slots:
            slot.tell(text)
        self.stir()
