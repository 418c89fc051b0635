"""Programs of the system that some tests need."""

from __future__ import annotations

import os

import pytest


def provided(found: str | None, otherwise: str) -> str:
    """Where the program is; without one the test fails in CI and is skipped elsewhere."""
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(otherwise)
    pytest.skip(otherwise)
