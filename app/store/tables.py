"""What is kept. No address of anybody, no name, no time finer than the day."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

metadata = MetaData()

links = Table(
    "links",
    metadata,
    Column("id", String(52), primary_key=True),
    Column("full_hash", String(52), nullable=False, unique=True),
    Column("schema", Integer, nullable=False),
    Column("content", Text),
    Column("title", String(200), nullable=False),
    Column("created_day", String(10), nullable=False),
    Column("hidden", Boolean, nullable=False, server_default=false()),
    Column("reason", String(500)),
)
"""content: canonical JSON; none once all its makers have deleted it. hidden: by the operator."""

delete_tokens = Table(
    "delete_tokens",
    metadata,
    Column("link_id", String(52), ForeignKey("links.id"), primary_key=True),
    Column("token_hash", String(64), primary_key=True),
)
"""One for each maker of the same link: it goes with the last of them."""

reports = Table(
    "reports",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("link_id", String(52), ForeignKey("links.id"), nullable=False, index=True),
    Column("day", String(10), nullable=False),
    Column("reason", String(500), nullable=False),
)
"""What visitors said about a link, for the operator to read."""
