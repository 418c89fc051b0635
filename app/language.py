"""The languages the page speaks: a file each under messages/, English to fall back to."""

from __future__ import annotations

import json
from functools import cache

from starlette.requests import Request

from app.settings import ROOT

FOLDER = ROOT / "messages"
ENGLISH = "en"
EDITOR = "edit_"


@cache
def languages() -> tuple[str, ...]:
    """The languages there are, English first."""
    return ENGLISH, *sorted({file.stem for file in FOLDER.glob("*.json")} - {ENGLISH})


@cache
def page_words(language: str) -> str:
    """The messages of the page's first view as JSON that may stand in an HTML document."""
    words = {
        key: text for key, text in part("page", language).items() if not key.startswith(EDITOR)
    }
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def editor_words(language: str) -> dict[str, str]:
    """The messages that only the editor needs, which is loaded later."""
    return {key: text for key, text in part("page", language).items() if key.startswith(EDITOR)}


@cache
def part(name: str, language: str) -> dict[str, str]:
    """One part of the catalogue: "page" is the stage's, each page of the site may have its own."""
    return {**_part(name, ENGLISH), **_part(name, language)}


def _part(name: str, language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_bytes()).get(name, {})
    return found


def chosen(request: Request) -> str:
    """The language for a request: ?lang= where it names one, else the reader's first."""
    wanted = [request.query_params.get("lang", "")]
    ranked = []
    for place, part in enumerate(request.headers.get("accept-language", "")[:200].split(",")):
        name, _, quality = part.partition(";q=")
        ranked.append((-_quality(quality), place, name.strip().partition("-")[0].lower()))
    wanted += [name for _, _, name in sorted(ranked)]
    return next((name for name in wanted if name in languages()), ENGLISH)


def _quality(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
