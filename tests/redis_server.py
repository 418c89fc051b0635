"""A Redis of the tests' own, from the distribution: started, stopped, killed."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from programs import provided


class RedisServer:
    """One server that keeps nothing on disk, on a free port of 127.0.0.1."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.program = provided(shutil.which("redis-server"), "no Redis: install redis-server")
        self.process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.start()

    @property
    def url(self) -> str:
        """As an operator writes it into the settings."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=quiet, stderr=quiet)
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as asked:
                    asked.sendall(b"PING\r\n")
                    if asked.recv(16).startswith(b"+PONG"):
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("Redis does not start")

    def stop(self) -> None:
        """Kill it: all that it knew is gone."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(20)
            self.process = None

    def ask(self, *words: str) -> bytes:
        """What one command answers, as it is on the wire."""
        with socket.create_connection(("127.0.0.1", self.port), 2) as asked:
            asked.sendall((" ".join(words) + "\r\n").encode())
            return asked.recv(65536)


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """One that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(folder)
        try:
            yield server
        finally:
            server.stop()
