"""A page from its template: in the reader's language, compressed, with an ETag."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from fastapi import Request
from jinja2 import Environment
from markupsafe import Markup
from starlette.responses import Response

from app import payload
from app.language import chosen, page_words


def page(request: Request, template: str, **fields: Any) -> Response:
    """`template` with these fields, the language and its words for the scripts."""
    env: Environment = request.app.state.templates
    language = chosen(request)
    words = Markup(page_words(language))
    html = env.get_template(template).render(language=language, words=words, **fields)
    return replace(packed(html.encode()), language=language).respond(request)


packed = lru_cache(maxsize=16)(payload.packed)
"""Most pages are the same for everybody: compressed once, not for each reader."""
