"""Links in the store: made once for each content, read, deleted, hidden, reported."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import URL, Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.database import Database
from app.store.tables import delete_tokens, links, reports
from engine.link_id import SHORT, WHOLE, link_name

MAKERS = 100
"""So many tokens are kept for one link; a link with more makers is nobody's to delete."""

CROWD = "many"
"""Stands among a link's tokens for all further makers: no token has it as its hash."""

REPORTS = 20
"""So many reports are kept for one link; further ones would tell the operator nothing new."""

RECOUNT = 30.0
"""Seconds for which the number of links is remembered."""


class UnknownLink(Exception):
    """No link has this id."""


class Gone(Exception):
    """The link was hidden, for `reason`, or deleted by who made it."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(reason)
        self.reason = reason


class NotYours(Exception):
    """The token is none of this link's."""


class TooMany(Exception):
    """As many links are kept as are allowed."""


@dataclass(frozen=True)
class Link:
    """A link that can be opened. content: canonical JSON, as it was when it was made."""

    id: str
    schema: int
    content: bytes
    title: str
    created_day: str


@dataclass(frozen=True)
class Made:
    """What making a link came to. new: it was not there. token: deletes it, None where none can."""

    id: str
    new: bool
    token: str | None


class Links:
    """The store of links. Every method may raise StoreAway or StoreFull."""

    def __init__(self, address: URL, most: int) -> None:
        self.database = Database(address)
        self.most = most
        self.counted, self.until = 0, 0.0

    def create(self, content: bytes, schema: int, title: str, token: str | None = None) -> Made:
        """Keep this canonical content; the same content is the same link. Raises Gone, TooMany.

        token: the maker's own, to delete it with; with it, the same request comes to the same end
        however often it is sent. Without one, a new one is made.
        """
        token = token or secrets.token_urlsafe(24)
        name = link_name(content)
        row = {
            "full_hash": name,
            "schema": schema,
            "content": content.decode(),
            "title": title,
            "created_day": today(),
        }
        made = self.database.write(lambda c: self._create(c, name, row, token))
        self.counted += made.new
        return made

    def _create(self, c: Connection, name: str, row: dict[str, Any], token: str) -> Made:
        found = c.execute(select(links).where(links.c.full_hash == name)).one_or_none()
        if found is None:
            if self._count(c) >= self.most:
                raise TooMany
            id, new = _insert(c, name, row)
        else:
            if found.hidden:
                raise Gone(found.reason)
            id, new = str(found.id), found.content is None
            if new:
                again = {"content": row["content"], "created_day": row["created_day"]}
                c.execute(update(links).where(links.c.id == id).values(again))
        return Made(id, new, _take_hold(c, id, token))

    def _count(self, c: Connection) -> int:
        now = time.monotonic()
        if now > self.until:
            self.counted = c.execute(select(func.count()).select_from(links)).scalar_one()
            self.until = now + RECOUNT
        return self.counted

    def get(self, id: str) -> Link:
        """The link with this id. Raises UnknownLink, Gone."""
        return _opened(self.database.read(lambda c: _row(c, id)))

    def delete(self, id: str, token: str) -> int:
        """Give up a maker's hold on a link; answers how many others keep it: at 0 it is gone.

        Raises UnknownLink, NotYours.
        """
        return self.database.write(lambda c: _delete(c, id, token))

    def report(self, id: str, reason: str) -> None:
        """Keep what somebody says about a link, for the operator. Raises UnknownLink, Gone."""
        self.database.write(lambda c: _report(c, id, reason))

    def hide(self, id: str, reason: str | None) -> None:
        """Show nobody this link any more, and say why; without a reason show it again.

        Raises UnknownLink.
        """
        values = {"hidden": reason is not None, "reason": reason}

        def work(c: Connection) -> None:
            if not c.execute(update(links).where(links.c.id == id).values(values)).rowcount:
                raise UnknownLink

        self.database.write(work)


def today() -> str:
    """The day, as it is kept: 2026-11-26."""
    return datetime.now(UTC).date().isoformat()


def insert(c: Connection, table: Any) -> Any:
    """An INSERT that can leave alone what is there already."""
    return (postgresql if c.dialect.name == "postgresql" else sqlite).insert(table)


def _insert(c: Connection, name: str, row: dict[str, Any]) -> tuple[str, bool]:
    """Put a row in under the shortest id that no other content has: (id, whether it is new)."""
    for length in range(SHORT, WHOLE + 1):
        new = c.execute(
            insert(c, links).values(id=name[:length], **row).on_conflict_do_nothing()
        ).rowcount
        if new:
            return name[:length], True
        # somebody else was quicker with the same content, or another content has this id
        found = c.execute(select(links.c.id).where(links.c.full_hash == name)).scalar()
        if found:
            return str(found), False
    raise AssertionError("two contents with one hash")


def _take_hold(c: Connection, id: str, token: str) -> str | None:
    """Note a maker of the link."""
    hashed = _hashed(token)
    mine = delete_tokens.c.link_id == id
    known = c.execute(select(delete_tokens).where(mine, delete_tokens.c.token_hash == hashed))
    if known.one_or_none():
        return token
    many = c.execute(select(func.count()).select_from(delete_tokens).where(mine)).scalar_one()
    kept = hashed if many < MAKERS else CROWD
    c.execute(insert(c, delete_tokens).values(link_id=id, token_hash=kept).on_conflict_do_nothing())
    return None if kept == CROWD else token


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _row(c: Connection, id: str) -> Row[Any]:
    found = c.execute(select(links).where(links.c.id == id)).one_or_none()
    if found is None:
        raise UnknownLink
    return found


def _opened(row: Row[Any]) -> Link:
    if row.hidden or row.content is None:
        raise Gone(row.reason)
    return Link(row.id, row.schema, row.content.encode(), row.title, row.created_day)


def _delete(c: Connection, id: str, token: str) -> int:
    _row(c, id)
    mine = delete_tokens.c.link_id == id
    done = c.execute(
        delete_tokens.delete().where(mine, delete_tokens.c.token_hash == _hashed(token))
    )
    if not done.rowcount:
        raise NotYours
    left = c.execute(select(func.count()).select_from(delete_tokens).where(mine)).scalar_one()
    if not left:
        c.execute(update(links).where(links.c.id == id).values(content=None, title=""))
        c.execute(reports.delete().where(reports.c.link_id == id))
    return left


def _report(c: Connection, id: str, reason: str) -> None:
    _opened(_row(c, id))
    own = select(func.count()).select_from(reports).where(reports.c.link_id == id)
    if c.execute(own).scalar_one() < REPORTS:
        c.execute(reports.insert().values(link_id=id, day=today(), reason=reason))
