"""The language of a request, and the parts of its messages that pages and scripts receive."""

from __future__ import annotations

import json
from functools import cache

from starlette.requests import Request

from engine.messages import ENGLISH, languages, messages

EDITOR = "edit_"


@cache
def page_words(language: str, wanted: tuple[str, ...] = ()) -> str:
    """The messages of the page's first view as JSON that may stand in an HTML document.

    wanted: their keys, where they are few.
    """
    said = part("page", language)
    keys = wanted or [key for key in said if not key.startswith(EDITOR)]
    words = {key: said[key] for key in keys}
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def editor_words(language: str) -> dict[str, str]:
    """The messages that only the editor needs, which is loaded later."""
    return {key: text for key, text in part("page", language).items() if key.startswith(EDITOR)}


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
