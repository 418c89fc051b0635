"""A page from its template: in the reader's language, compressed, with an ETag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from fastapi import Request
from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.responses import Response

from app import payload
from app.language import chosen, page_words, part
from app.markup import to_html
from app.payload import Payload


class Say:
    """One part of the catalogue for a template: say.title; with fields, say("count", n=3)."""

    def __init__(self, name: str, language: str) -> None:
        self._texts, self._step = part(name, language), part("site", language)["step"]

    def __getitem__(self, key: str) -> str:
        return self._texts[key]

    def __call__(self, key: str, **fields: Any) -> Markup:
        """The message with its fields, which are escaped unless they are HTML already."""
        return escape(self._texts[key]).format(**fields)

    def prose(self, key: str, **fields: Any) -> Markup:
        """The same where a message has code in it."""
        return to_html(self._texts[key], self._step).format(**fields)


def page(
    request: Request, template: str, name: str = "", wanted: Iterable[str] = (), **fields: Any
) -> Response:
    """`template` with these fields and the language's messages.

    name: its own part of the catalogue. wanted: what its scripts say, if not what the stage does.
    """
    language = chosen(request)
    return rendered(request.app, language, template, name, wanted, **fields).respond(request)


def rendered(
    app: Any, language: str, template: str, name: str, wanted: Iterable[str] = (), **fields: Any
) -> Payload:
    """The same as bytes, for who keeps them."""
    env: Environment = app.state.templates
    words = {"say": Say(name, language), "site": Say("site", language)}
    scripts = Markup(page_words(language, tuple(wanted)))
    html = env.get_template(template).render(language=language, words=scripts, **words, **fields)
    return replace(packed(html.encode()), language=language)


packed = lru_cache(maxsize=16)(payload.packed)
"""Most pages are the same for everybody: compressed once, not for each reader."""
