"""What workers share of their rooms: nothing where there is one, Redis where there are more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.rooms.room import Kept
from app.rooms.says import Cursor
from app.settings import PREFIX, BadSetting

PAUSE = 1800
"""Seconds that a room stays without anybody who presents."""

Hear = Callable[[str, Cursor], None]


class Bus(Protocol):
    """What a worker asks the others. away: what is raised while they cannot be reached."""

    away: tuple[type[Exception], ...]

    async def load(self, name: str) -> Kept | None:
        """A room that another worker made."""

    async def save(self, name: str, kept: Kept) -> None:
        """Keep a room and tell the others where it is."""

    async def drop(self, name: str) -> None:
        """A room has ended."""

    async def vote(self, name: str, poll: str, who: str, choice: int) -> None:
        """Count an answer; a later one of the same page replaces it."""

    async def votes(self, name: str, poll: str) -> list[int]:
        """What was chosen."""

    async def reset(self, name: str, poll: str) -> None:
        """No answers so far."""

    async def here(self, name: str, count: int) -> int:
        """Tell how many follow here, and hear how many do in all."""

    async def listen(self, name: str) -> None:
        """Hear of a room from now on."""

    async def run(self, hear: Hear) -> None:
        """Hear the others, for ever."""


class Alone:
    """One worker: it knows everything itself."""

    away: tuple[type[Exception], ...] = ()

    def __init__(self) -> None:
        self.polls: dict[tuple[str, str], dict[str, int]] = {}

    async def load(self, name: str) -> Kept | None:  # noqa: ARG002
        """Nobody else made one."""
        return None

    async def save(self, name: str, kept: Kept) -> None:
        """Nobody else wants to know."""

    async def drop(self, name: str) -> None:
        """Forget the votes."""
        for place in [place for place in self.polls if place[0] == name]:
            del self.polls[place]

    async def vote(self, name: str, poll: str, who: str, choice: int) -> None:
        """Count an answer."""
        self.polls.setdefault((name, poll), {})[who] = choice

    async def votes(self, name: str, poll: str) -> list[int]:
        """What was chosen."""
        return list(self.polls.get((name, poll), {}).values())

    async def reset(self, name: str, poll: str) -> None:
        """No answers so far."""
        self.polls.pop((name, poll), None)

    async def here(self, name: str, count: int) -> int:  # noqa: ARG002
        """These are all."""
        return count

    async def listen(self, name: str) -> None:
        """There is nobody to hear."""

    async def run(self, hear: Hear) -> None:
        """There is nobody to hear."""


def bus_of(url: str) -> Bus:
    """The way to the other workers that a setting names. Raises BadSetting."""
    if not url:
        return Alone()
    try:
        from app.rooms.shared import Shared
    except ImportError:
        raise BadSetting(f"{PREFIX}REDIS_URL: rooms in Redis need Python 3.11.3 or newer") from None
    return Shared(url)
