"""The language of a request, and the parts of its messages that pages and scripts receive."""

from __future__ import annotations

import json
from functools import cache

from starlette.requests import Request

from engine.messages import ENGLISH, languages, messages

LATER = {
    "editor": "edit_",
    "schedules": "sched_",
    "share": "share_",
    "matrix": "matrix_",
    "game": "game_",
    "room": "room_",
    "lessons": "lesson_",
    "sheets": "sheet_",
    "byhand": "byhand_",
}
"""Parts of the page that come when they are wanted, and how the keys of their messages begin."""


@cache
def page_words(language: str, wanted: tuple[str, ...] = ()) -> str:
    """The messages of the page's first view as JSON that may stand in an HTML document.

    wanted: their keys, where they are few.
    """
    said = part("page", language)
    keys = wanted or [key for key in said if not key.startswith(tuple(LATER.values()))]
    words = {key: said[key] for key in keys}
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def later_words(name: str, language: str) -> dict[str, str]:
    """The messages that only one part of the page needs, which is loaded later."""
    said = part("page", language)
    return {key: text for key, text in said.items() if key.startswith(LATER[name])}


@cache
def matrix_words() -> tuple[str, ...]:
    """The keys of what the page of all kernels says: its own, rules by name, what goes wrong."""
    common = ("verdict_", "network", "search_", "status_")
    words = (
        "dismiss",
        "own_run",
        "rule_quoted",
        "sched_munmap",
        "sched_unfair",
        "server",
        "step_n",
    )
    own = (LATER["matrix"], *common)
    return tuple(k for k in part("page", ENGLISH) if k.startswith(own) or k in words)


@cache
def words_with(own: str) -> tuple[str, ...]:
    """The keys of what such a part says: its own, and what the stage's panes in it say."""
    others = tuple(start for name, start in LATER.items() if name != own)
    return tuple(key for key in part("page", ENGLISH) if not key.startswith(others))


@cache
def part(name: str, language: str) -> dict[str, str]:
    """One part of the catalogue: "page" is the stage's, each page of the site may have its own."""
    texts = messages(language).texts
    return {k.removeprefix(f"{name}."): texts[k] for k in texts if k.startswith(f"{name}.")}


def chosen(request: Request) -> str:
    """The language for a request: ?lang= where it names one, else the reader's first."""
    wanted = [request.query_params.get("lang", "")]
    ranked = []
    for place, item in enumerate(request.headers.get("accept-language", "")[:200].split(",")):
        name, _, quality = item.partition(";q=")
        ranked.append((-_quality(quality), place, name.strip().partition("-")[0].lower()))
    wanted += [name for _, _, name in sorted(ranked)]
    return next((name for name in wanted if name in languages()), ENGLISH)


def _quality(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
