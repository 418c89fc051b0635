"""The real server, in a process of its own, for tests that talk to it as a client does."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def running_server(**settings: str) -> Iterator[str]:
    """Start the server on a free port, yield its address without the last slash, stop it.

    `settings` are the FAULTWALK_ variables, named without the prefix: rate_limit="off"; and `port`,
    if it must be one. It is a fork of a process that has loaded the application; `started_server`
    starts from nothing.
    """
    port = settings.pop("port", "0")
    with tempfile.TemporaryDirectory() as folder:
        child = asked_of_nursery({"env": environment({"data": folder, **settings}), "port": port})
        try:
            yield well(child["said"])
        finally:
            asked_of_nursery({"stop": child["pid"]})


@contextmanager
def started_server(**settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """As a user starts it, with its process; nothing is set but what is told."""
    command = [sys.executable, "-m", "app", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(settings), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, well(process.stdout.readline())
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def environment(settings: dict[str, str]) -> dict[str, str]:
    given = {f"FAULTWALK_{name.upper()}": value for name, value in settings.items()}
    return {**os.environ, "PYTHONUNBUFFERED": "1", **given}


@cache
def nursery() -> subprocess.Popen[str]:
    """The process that servers are forked from; it ends with this one."""
    command = [sys.executable, "-m", "tests.nursery"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    atexit.register(process.communicate)
    return process


def asked_of_nursery(what: dict[str, Any]) -> dict[str, Any]:
    process = nursery()
    assert process.stdin is not None and process.stdout is not None
    print(json.dumps(what), file=process.stdin, flush=True)
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


def well(line: str) -> str:
    """Where a server that says this at its start is, once it is well."""
    if " is at " not in line:
        raise RuntimeError(f"the server did not start: {line!r}")
    address = line.split(" is at ")[1].strip().rstrip("/")
    for _ in range(200):
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return address
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the server started but does not answer /healthz")
