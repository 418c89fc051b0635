"""The database behind the store: SQLite in a file, or PostgreSQL by its URL; made when first used.

What is answered was committed. SQLite runs in WAL mode and syncs at each commit; a statement that
met a database that was just restarted is tried again, so all work given here must bear repeating.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from app.store.migrations import HEAD
from app.store.options import driver_options, refuse_blank

log = logging.getLogger("faultwalk")

T = TypeVar("T")
PAUSES = (0.05, 0.2, 0.6, 1.2)
"""Seconds before each further attempt at a database that is away."""

REST = 2.0
"""Seconds in which a database that was away is not tried again, so that nobody waits in a queue."""

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
FULL = ("disk is full", "53100", "no space left")
AWAY = ("08", "57P", "53300")
"""How PostgreSQL's codes begin for connections that broke, a server that stops or has no room."""

MIGRATING = 0x6661756C74
"""The lock under which one process at a time changes the tables."""


class StoreAway(Exception):
    """The database does not answer, or cannot be written."""


class StoreFull(Exception):
    """There is no room left where the database keeps its data."""


def address_of(url: str, folder: Path) -> URL:
    """Where links are kept: at `url`, or without one in a file in `folder`. Raises ValueError."""
    if not url:
        return URL.create("sqlite", database=str(folder / "links.sqlite3"))
    try:
        found = make_url(url)
    except ArgumentError:
        raise ValueError("it is no database URL, such as postgresql://user@host/name") from None
    if found.drivername in ("postgres", "postgresql"):
        found = found.set(drivername="postgresql+pg8000")
    if found.drivername not in ("sqlite", "postgresql+pg8000"):
        raise ValueError("it should begin with sqlite:/// or postgresql://")
    if found.drivername != "sqlite":
        refuse_blank(url)
    return found


class Database:
    """Runs work in transactions. Raises StoreAway and StoreFull, and what the work raises.

    An address with options that cannot be used raises ValueError.
    """

    def __init__(self, address: URL) -> None:
        self.embedded = address.get_backend_name() == "sqlite"
        self.address, self.options = (address, {}) if self.embedded else driver_options(address)
        self.writing = Lock() if self.embedded else nullcontext()
        self.engine: Engine | None = None
        self.opening = Lock()
        self.away_until = 0.0

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds."""
        return self._again(lambda: self._transaction(work, writes=False))

    def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` answers, once it is committed. SQLite has one writer at a time."""

        def once() -> T:
            with self.writing:
                return self._transaction(work, writes=True)

        return self._again(once)

    def reachable(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self.read(lambda connection: connection.execute(text("select 1")).scalar()))
        except (StoreAway, StoreFull):
            return False

    def close(self) -> None:
        """Let go of all connections."""
        if self.engine:
            self.engine.dispose()

    def _transaction(self, work: Callable[[Connection], T], writes: bool) -> T:
        opened = self._ready().connect().execution_options(writes=writes)
        with opened as connection, connection.begin():
            return work(connection)

    def _again(self, attempt: Callable[[], T]) -> T:
        if time.monotonic() < self.away_until:
            raise StoreAway("the database did not answer a moment ago")
        for pause in (*PAUSES, None):
            try:
                return attempt()
            except (SQLAlchemyError, OSError) as error:
                kind = _kind(error)
                if kind == "full":
                    raise StoreFull(str(error)) from error
                if kind != "away":
                    raise
                log.warning("the store is away: %s", str(error).splitlines()[0][:200])
                if pause is None or self.embedded:
                    self.away_until = 0.0 if self.embedded else time.monotonic() + REST
                    raise StoreAway(str(error)) from error
                self.close()
                time.sleep(pause)
        raise AssertionError

    def _ready(self) -> Engine:
        """The engine, its tables there and of the newest version."""
        if self.engine:
            return self.engine
        with self.opening:
            if not self.engine:
                made = self._connected()
                try:
                    migrate(made)
                except BaseException:
                    made.dispose()
                    raise
                self.engine = made
        return self.engine

    def _connected(self) -> Engine:
        if not self.embedded:
            most = {"pool_size": 8, "max_overflow": 0, "pool_timeout": 5}
            return create_engine(self.address, connect_args={"timeout": 10, **self.options}, **most)
        if self.address.database and self.address.database != ":memory:":
            Path(self.address.database).parent.mkdir(parents=True, exist_ok=True)
        made = create_engine(self.address, connect_args={"timeout": 5})
        event.listen(made, "connect", _tuned)
        event.listen(made, "begin", _begun)
        return made


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest version, one process at a time."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
        if version(connection) == HEAD:
            return
        from alembic import command  # takes long to import, and is seldom wanted
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version(connection: Connection) -> str | None:
    """The version of the tables; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _tuned(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _kind(error: Exception) -> str:
    """What an error means: "full", "away", or "" for a fault of ours."""
    if isinstance(error, OSError):
        return "away"
    said = str(error).lower()
    if any(sign in said for sign in FULL):
        return "full"
    if not isinstance(error, DBAPIError):
        return "away" if "queuepool limit" in said else ""
    code = _code(error)
    if error.connection_invalidated or (code or "").startswith(AWAY):
        return "away"
    names = ("OperationalError", "InterfaceError")
    return "away" if type(error).__name__ in names or (code is None and not _ours(error)) else ""


def _ours(error: DBAPIError) -> bool:
    return type(error).__name__ in ("IntegrityError", "ProgrammingError", "DataError")


def _code(error: DBAPIError) -> str | None:
    """PostgreSQL's code for the error, if it said one."""
    first = error.orig.args[0] if error.orig and error.orig.args else None
    return first.get("C") if isinstance(first, dict) else None
