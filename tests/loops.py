"""An event loop for a test of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def played(play: Coroutine[Any, Any, None], run: Callable[..., None] = asyncio.run) -> None:
    """Run it in a thread: in this one, Playwright may have a loop that runs already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(run, play).result()
