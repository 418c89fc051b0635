"""Links as JSON Lines: what anybody may have, or all of it for who moves the store elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from app.store.database import Database
from app.store.links import insert
from app.store.tables import delete_tokens, links
from engine.errors import EngineError
from engine.link_id import is_id, link_name
from engine.share import canonical, read_content

TOGETHER = 500
"""Rows read, or written, at a time."""


def dump(database: Database, whole: bool = False) -> Iterator[dict[str, Any]]:
    """Every link that can be opened. whole: the hidden and deleted too, and hashes of tokens."""
    after = ""
    while True:
        rows = database.read(lambda c, after=after: _rows(c, after, whole))  # type: ignore[misc]
        yield from rows
        if len(rows) < TOGETHER:
            return
        after = rows[-1]["id"]


def _rows(c: Connection, after: str, whole: bool) -> list[dict[str, Any]]:
    """The next rows; without those that are not for everybody, but at least their place."""
    found = select(links).where(links.c.id > after).order_by(links.c.id).limit(TOGETHER)
    if not whole:
        found = found.where(~links.c.hidden, links.c.content.is_not(None))
    told = []
    for row in c.execute(found):
        content = None if row.content is None else json.loads(row.content)
        line = {"id": row.id, "schema": row.schema, "created_day": row.created_day}
        line["content"] = content
        if whole:
            tokens = select(delete_tokens.c.token_hash).where(delete_tokens.c.link_id == row.id)
            line |= {"name": row.full_hash, "hidden": row.hidden, "reason": row.reason}
            line["tokens"] = list(c.execute(tokens).scalars())
        told.append(line)
    return told


def load(database: Database, lines: Iterable[str]) -> tuple[int, int, list[str]]:
    """Take in what `dump` wrote: (new, there already, what is wrong with the others)."""
    new, known, wrong = 0, 0, []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            row, tokens = _read(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, EngineError) as error:
            wrong.append(f"line {number}: {error}")
            continue
        if database.write(lambda c, row=row, tokens=tokens: _take(c, row, tokens)):  # type: ignore[misc]
            new += 1
        else:
            known += 1
    return new, known, wrong


def _read(told: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A line as a row and its tokens. Raises ValueError, KeyError, BadLink."""
    title, content = "", None
    if told["content"] is None:
        name = str(told["name"])
    else:
        content = canonical(told["content"])
        scenario, _ = read_content(content)
        name, title = link_name(content), scenario.title
    if not is_id(told["id"]) or not name.startswith(told["id"]):
        raise ValueError(f"{str(told['id'])[:60]!r} is not the name of this content")
    row = {
        "id": told["id"],
        "full_hash": name,
        "schema": int(told["schema"]),
        "content": content and content.decode(),
        "title": title,
        "created_day": str(told["created_day"])[:10],
        "hidden": bool(told.get("hidden", False)),
        "reason": told.get("reason"),
    }
    return row, [str(token)[:64] for token in told.get("tokens", [])]


def _take(c: Connection, row: dict[str, Any], tokens: list[str]) -> bool:
    new = c.execute(insert(c, links).values(row).on_conflict_do_nothing()).rowcount > 0
    for token in tokens if new else ():
        values = {"link_id": row["id"], "token_hash": token}
        c.execute(insert(c, delete_tokens).values(values).on_conflict_do_nothing())
    return new
