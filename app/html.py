"""A page from its template: in the reader's language, compressed, with an ETag."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from fastapi import Request
from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.responses import Response

from app import payload
from app.addresses import below
from app.language import chosen, page_words, part
from app.markup import to_html
from app.payload import Payload

ADDRESS = re.compile(r'\s(href|src|action)="/')


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
    return rendered(request, template, name, wanted, **fields).respond(request)


def rendered(
    request: Request, template: str, name: str = "", wanted: Iterable[str] = (), **fields: Any
) -> Payload:
    """The same as bytes, for who keeps them. Templates write addresses from the site's root on."""
    env: Environment = request.app.state.templates
    language, root = chosen(request), below(request)
    words = {"say": Say(name, language), "site": Say("site", language), "below": root}
    scripts = Markup(page_words(language, tuple(wanted)))
    html = env.get_template(template).render(language=language, words=scripts, **words, **fields)
    if root:
        html = ADDRESS.sub(rf"\g<0>{root[1:]}/", html)
    return replace(packed(html.encode()), language=language)


packed = lru_cache(maxsize=16)(payload.packed)
"""Most pages are the same for everybody: compressed once, not for each reader."""
