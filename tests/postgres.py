"""A PostgreSQL of the tests' own, from the distribution: made, started, stopped, killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pg8000.dbapi  # type: ignore[import-untyped]
from programs import provided

USER = "postgres"
"""It refuses to run as root; the distribution's package brings this user."""


def find_programs() -> Path:
    """Where its programs are; without them the test fails in CI and is skipped elsewhere."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    found = str(installed[-1]) if installed else shutil.which("postgres")
    return Path(provided(found, "no PostgreSQL: install the package postgresql")).parent


class Postgres:
    """One server with a database of its own, on a free port of 127.0.0.1."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        self.user = USER if os.geteuid() == 0 else None
        self.process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        if self.user:
            shutil.chown(folder, self.user)
        make: list[str | Path] = [
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "faultwalk",
            "--auth=trust",
        ]
        make += ["--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(make, user=self.user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        self.start()

    @property
    def url(self) -> str:
        """As an operator writes it into the settings."""
        return f"postgresql://faultwalk@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options: list[str | Path] = [
            "-p",
            str(self.port),
            "-k",
            self.folder,
            "-c",
            "listen_addresses=127.0.0.1",
        ]
        program, data = self.programs / "postgres", self.folder / "data"
        command = [program, "-D", data, *options]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, user=self.user, cwd=self.folder, stdout=quiet, stderr=quiet
        )
        for _ in range(200):
            try:
                self.ask("SELECT 1")
                return
            except (pg8000.dbapi.Error, OSError):
                time.sleep(0.05)
        raise RuntimeError("PostgreSQL does not start")

    def speak_tls(self, key: Path, certificate: Path) -> None:
        """Take encrypted connections from the next start on, with this key and certificate."""
        for source, name in ((key, "server.key"), (certificate, "server.crt")):
            copy = self.folder / "data" / name
            copy.write_bytes(source.read_bytes())
            copy.chmod(0o600)
            if self.user:
                shutil.chown(copy, self.user)
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write("ssl = on\n")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT breaks all connections, SIGQUIT does not even tidy up."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """What one statement answers."""
        connection = pg8000.dbapi.connect(
            "faultwalk", host="127.0.0.1", port=self.port, database="postgres", timeout=5
        )
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            connection.close()

    def empty(self) -> None:
        """Drop everything in it."""
        self.ask("DROP SCHEMA public CASCADE")
        self.ask("CREATE SCHEMA public")


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """One that is gone afterwards."""
    programs = find_programs()
    with tempfile.TemporaryDirectory() as name:
        made = Postgres(Path(name), programs)
        try:
            yield made
        finally:
            made.stop()
