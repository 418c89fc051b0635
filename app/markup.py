"""The little markup of captions as HTML: `x` code, @A a thread, #9 a step that may be a link."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

NAME = r"->\w+|\b[a-z]+_[a-z_]*[a-z]\b|\bVM_[A-Z_]+\b"
TOKEN = re.compile(rf"(`[^`]*`|(?<![\w@])@[A-Za-z][\w-]*|#\d+|{NAME})")


def to_html(text: str, step: str, threads: Sequence[str] = (), stage: str = "") -> Markup:
    """`text` as HTML. step: the message for one. threads: whose names get colours.

    stage: what links to steps add to.
    """
    return Markup("").join(_token(part, step, threads, stage) for part in TOKEN.split(text))


def _token(part: str, step: str, threads: Sequence[str], stage: str) -> Markup:
    if part.startswith("`") and len(part) > 1:
        return Markup("<code>{}</code>").format(part[1:-1])
    if re.fullmatch(NAME, part):
        return Markup('<code class="nowrap">{}</code>').format(part)
    if part.startswith("@") and part[1:] in threads:
        place = threads.index(part[1:]) % 8
        return Markup('<b class="who t{}">{}</b>').format(place, part[1:])
    if part.startswith("#") and part[1:].isdecimal():
        words = step.format(n=part[1:])
        if stage:
            return Markup('<a href="{}&amp;t={}">{}</a>').format(stage, part[1:], words)
        return escape(words)
    return escape(part)
