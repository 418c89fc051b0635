"""The little markup of captions as HTML: `x` code, @A a thread, #9 a step that may be a link."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

NAME = r"->\w+|\b[a-z]+_[a-z_]*[a-z]\b|\bVM_[A-Z_]+\b"
TOKEN = re.compile(rf"(`[^`]*`|(?<![\w@])@[A-Za-z][\w-]*|#\d+|{NAME})")


def to_html(text: str, threads: Sequence[str] = (), stage: str = "") -> Markup:
    """`text` as HTML. threads: whose names get colours. stage: what links to steps add to."""
    return Markup("").join(_token(part, threads, stage) for part in TOKEN.split(text))


def _token(part: str, threads: Sequence[str], stage: str) -> Markup:
    if part.startswith("`") and len(part) > 1:
        return Markup("<code>{}</code>").format(part[1:-1])
    if re.fullmatch(NAME, part):
        return Markup('<code class="nowrap">{}</code>').format(part)
    if part.startswith("@") and part[1:] in threads:
        place = threads.index(part[1:]) % 8
        return Markup('<b class="who t{}">{}</b>').format(place, part[1:])
    if part.startswith("#") and part[1:].isdecimal():
        if stage:
            return Markup('<a href="{}&amp;t={}">step {}</a>').format(stage, part[1:], part[1:])
        return Markup("step {}").format(part[1:])
    return escape(part)
