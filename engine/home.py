"""Where the files lie that come with Faultwalk: in a clone, or in the installed package."""

from __future__ import annotations

import os
from pathlib import Path

BESIDE = Path(__file__).resolve().parent.parent
INSTALLED = BESIDE / "faultwalk" / "home"
HOME = INSTALLED if INSTALLED.is_dir() else BESIDE
"""The folder of scenarios/, messages/, static/ and the others. In a clone faultwalk is a file."""

KEPT = BESIDE / "data" if HOME == BESIDE else Path.home() / ".local" / "share" / "faultwalk"
"""The folder for what a server keeps, unless FAULTWALK_DATA names another."""

LOCAL = "http://127.0.0.1:8000"
"""Where `faultwalk serve` is, unless it is told otherwise."""


def public_url(default: str = LOCAL) -> str:
    """The address of the page that links lead to, without a last slash: FAULTWALK_PUBLIC_URL."""
    return (os.environ.get("FAULTWALK_PUBLIC_URL") or default).rstrip("/")
