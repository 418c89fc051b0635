"""Short names of links: the content's hash, in letters and digits that nobody takes for others."""

from __future__ import annotations

import hashlib
import re

PREFIX = b"faultwalk-link\0"
"""What is hashed before the content, so that the hash names a link and nothing else."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: without i, l, o and u."""

SHORT = 10
"""Characters of an id, 50 bits; one more for each that clashes with another content's."""

WHOLE = 52
SHAPE = re.compile(f"[{ALPHABET}]{{{SHORT},{WHOLE}}}")

MISREAD = str.maketrans("ilo", "110")
FOLD = str.maketrans("013457v8l", "oieastubi")
WORDS = (
    "anal anus arse bitch cock cunt dick fag fuck fick hitler kike kkk nazi negr nigg penis "
    "piss porn pussy rape sex shit slut tits twat wank whore"
)
AVOIDED = tuple(word.translate(FOLD) for word in WORDS.split())
"""What no id spells, digits read as the letters that they look like."""


def link_name(content: bytes) -> str:
    """The whole name of this canonical content: 52 characters; an id is how it begins.

    While it spells a word to avoid, the hash is taken again with a number behind the content.
    """
    for again in range(1000):
        more = f"\0{again}".encode() if again else b""
        name = _spelt(hashlib.sha256(PREFIX + content + more).digest())
        if not spells(name[: SHORT + 2]):
            break
    return name


def spells(name: str) -> bool:
    """Whether a word to avoid can be read in it."""
    folded = name.translate(FOLD)
    return any(word in folded for word in AVOIDED)


def tidy(id: str) -> str:
    """An id as people type it, in its own spelling: capitals, O for 0, I and L for 1."""
    return id.lower().translate(MISREAD)


def is_id(id: str) -> bool:
    """Whether it has the shape of an id."""
    return SHAPE.fullmatch(id) is not None


def _spelt(digest: bytes) -> str:
    number = int.from_bytes(digest) << WHOLE * 5 - len(digest) * 8
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(WHOLE)))
