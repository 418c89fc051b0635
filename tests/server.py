"""The real server, in a process of its own, for tests that talk to it as a client does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def running_server(**settings: str) -> Iterator[str]:
    """Start the server on a free port, yield its address without the last slash, stop it.

    `settings` are the FAULTWALK_ variables, named without the prefix: rate_limit="off".
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        started_server(**{"data": folder, **settings}) as (_, address),
    ):
        yield address


@contextmanager
def started_server(**settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The same, with its process, and with nothing set that is not told; `port`, if one must be."""
    port = settings.pop("port", "0")
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    env.update({f"FAULTWALK_{name.upper()}": value for name, value in settings.items()})
    command = [sys.executable, "-m", "app", "--port", port]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, _address(process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """Where the server says it is, once it is well."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if " is at " not in line:
        raise RuntimeError(f"the server did not start (exit {process.poll()}): {line!r}")
    address = line.split(" is at ")[1].strip().rstrip("/")
    for _ in range(200):
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return address
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the server started but does not answer /healthz")
