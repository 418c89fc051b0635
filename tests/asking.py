"""Asking the API for runs, and reading what is wrong from its answers."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import httpx

FLAGSHIP = "two-threads-one-page"
BODY_LIMIT = 128 * 1024


def run(client: httpx.Client, **request: Any) -> httpx.Response:
    """POST /api/run with `request`."""
    return client.post("/api/run", json=request)


def flagship(client: httpx.Client) -> dict[str, Any]:
    """The flagship scenario, as the API tells it."""
    found: dict[str, Any] = client.get(f"/api/scenarios/{FLAGSHIP}").json()
    return found


def link_to(content: bytes) -> str:
    """A link whose payload inflates to `content`."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = squeeze.compress(content) + squeeze.flush()
    return "z1." + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document in `response`, which must be one, with this `status`."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert set(document) == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == status
    assert document["title"] and document["detail"]
    for error in document["errors"]:
        assert set(error) == {"where", "what", "instead"}
        assert error["what"] and error["instead"]
    return document
