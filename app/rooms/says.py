"""What is said in a room: each message by its shape. What has another is refused in words."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import msgspec

MOST_STEPS = 20_000
LINK = 24 * 1024
"""Characters of a link at most; a self-contained link is shorter, as engine.share sees to."""

Step = Annotated[int, msgspec.Meta(ge=0, le=MOST_STEPS)]
Mode = Literal["play", "predict", "whatif", "schedules"]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[\w.:@#/\[\]-]{1,80}$")]
Link = Annotated[str, msgspec.Meta(pattern=r"^z\d+\.[A-Za-z0-9_.-]+$", max_length=LINK)]
Who = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{16,32}$")]


class Form(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A message; a field that is not known is refused."""


class Poll(Form, frozen=True):
    """A question that the room is asked. counts: by round that is closed, how many chose what."""

    q: Id
    choices: Annotated[int, msgspec.Meta(ge=2, le=8)]
    round: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1
    open: bool = True
    counts: list[list[Count]] = []

    def __post_init__(self) -> None:
        """A count for each choice, in rounds that are over."""
        over = self.round - self.open
        if len(self.counts) > over or any(len(each) != self.choices for each in self.counts):
            raise ValueError(f"counts are of {self.choices} choices and {over} rounds at most")


class Cursor(Form, frozen=True):
    """Where the presentation is: all that a page must know, so the newest is enough.

    n rises, over restarts too. run: the digest of the run's link, which is asked for apart. gone:
    the room has ended. away: who presents is not there at the moment.
    """

    n: int
    run: str = ""
    at: Step = 0
    mode: Mode = "play"
    blank: bool = False
    poll: Poll | None = None
    away: bool = False
    gone: bool = False


class Go(Form, frozen=True, tag="go"):
    """Who presents is here now. link: only where the run is another than before."""

    at: Step
    mode: Mode = "play"
    blank: bool = False
    link: Link | None = None


class Ask(Form, frozen=True, tag="ask"):
    """Ask the room the question `q` of the run, of so many choices; again with round 2."""

    q: Id
    choices: Annotated[int, msgspec.Meta(ge=2, le=8)]
    round: Annotated[int, msgspec.Meta(ge=1, le=2)] = 1


class Again(Form, frozen=True, tag="again"):
    """Go on with the question as it was, on a server that has forgotten it."""

    poll: Poll


class Close(Form, frozen=True, tag="close"):
    """No more answers: the room sees how many chose what."""


class Clear(Form, frozen=True, tag="clear"):
    """The question is done with."""


class End(Form, frozen=True, tag="end"):
    """The class is over: everybody is let go, and nothing is left."""


class Vote(Form, frozen=True, tag="vote"):
    """An answer from the room; a later one of the same page replaces it."""

    q: Id
    round: Annotated[int, msgspec.Meta(ge=1, le=2)]
    choice: Annotated[int, msgspec.Meta(ge=0, le=7)]


class Key(Form, frozen=True, tag="key"):
    """The first word of who presents."""

    key: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{24}$")]


Order = Go | Ask | Again | Close | Clear | End
KEYS: msgspec.json.Decoder[Key] = msgspec.json.Decoder(Key)
ORDERS: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
VOTES: msgspec.json.Decoder[Vote] = msgspec.json.Decoder(Vote)


def digest(link: str) -> str:
    """A short name for a run's link."""
    return hashlib.sha256(link.encode()).hexdigest()[:12]
