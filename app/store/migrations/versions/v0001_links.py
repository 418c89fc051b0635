"""The first tables: links, the hashes of their delete tokens, and what was reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "links",
        sa.Column("id", sa.String(52), primary_key=True),
        sa.Column("full_hash", sa.String(52), nullable=False, unique=True),
        sa.Column("schema", sa.Integer, nullable=False),
        sa.Column("content", sa.Text),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("created_day", sa.String(10), nullable=False),
        sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("reason", sa.String(500)),
    )
    op.create_table(
        "delete_tokens",
        sa.Column("link_id", sa.String(52), sa.ForeignKey("links.id"), primary_key=True),
        sa.Column("token_hash", sa.String(64), primary_key=True),
    )
    op.create_table(
        "reports",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("link_id", sa.String(52), sa.ForeignKey("links.id"), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
    )
    op.create_index("ix_reports_link_id", "reports", ["link_id"])


def downgrade() -> None:
    """Drop them, and all links with them."""
    for table in ("reports", "delete_tokens", "links"):
        op.drop_table(table)
