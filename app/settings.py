"""What an operator may set, all of it from the environment, as FAULTWALK_<NAME>."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from engine.home import HOME, KEPT

ROOT = HOME
PREFIX = "FAULTWALK_"
SWITCH = {"on": True, "1": True, "true": True, "off": False, "0": False, "false": False}


class BadSetting(ValueError):
    """An environment variable holds something that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """The settings and their defaults, which suit a classroom on one machine.

    What each means is told to operators in docs/operators.md; a test holds the two together.
    """

    static: Path = ROOT / "static"
    templates: Path = ROOT / "templates"
    body_limit: int = 128 * 1024
    body_seconds: float = 20.0
    run_slots: int = 2
    run_queue: int = 256
    cache_bytes: int = 64 * 1024 * 1024
    searchers: int = 1
    search_queue: int = 64
    search_each: int = 4
    search_states: int = 400_000
    search_seconds: float = 60.0
    search_memory: int = 2 * 1024 * 1024 * 1024
    rate_limit: bool = True
    rate: float = 30.0
    burst: int = 120
    data: Path = KEPT
    links: bool = True
    links_url: str = ""
    links_most: int = 200_000
    links_body: int = 32 * 1024
    links_a_minute: int = 20
    links_a_day: int = 300
    public_url: str = ""
    hosts: str = ""
    trusted_proxies: str = ""
    forwarded: bool = False
    root_path: str = ""
    redis_url: str = ""
    rooms: int = 200
    room_size: int = 1000
    room_hours: float = 4.0
    rooms_a_minute: int = 12
    hsts: str = ""
    head_seconds: float = 10.0
    idle_seconds: float = 5.0
    stop_seconds: float = 5.0
    connections: int = 2000
    run_seconds: float = 20.0
    log: str = "off"
    metrics: str = "127.0.0.0/8, ::1"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """The defaults, each replaced by its environment variable where there is one."""
        given = {}
        for field in fields(cls):
            text = env.get(PREFIX + field.name.upper())
            if text is not None:
                given[field.name] = _read(field.name, type(field.default), text)
        return cls(**given)


def _read(name: str, kind: type, text: str) -> Any:
    """`text` as a value of `kind`."""
    try:
        value = SWITCH[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        wanted = {int: "a whole number", float: "a number", bool: "on or off"}.get(kind, "a path")
        raise BadSetting(f"{PREFIX}{name.upper()} is {text!r}; it should be {wanted}") from None
    if kind in (int, float) and not 0 < value < math.inf:
        raise BadSetting(f"{PREFIX}{name.upper()} is {text!r}; it should be a number above 0")
    return value
