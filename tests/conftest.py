"""What the tests share: one real server, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from server import running_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a running server that lets a test ask as often as it likes."""
    with running_server(rate_limit="off") as address:
        yield address


@pytest.fixture(scope="session")
def client(server: str) -> Iterator[httpx.Client]:
    """An HTTP client of that server."""
    with httpx.Client(base_url=server, timeout=30) as found:
        yield found
