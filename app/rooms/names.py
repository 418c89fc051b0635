"""Names of rooms, and the keys that open them to who presents.

A room's name is made from its key, slowly: who has the key can open the room again anywhere and at
any time, on a server that has forgotten it; who has only the name cannot find a key for it.
"""

from __future__ import annotations

import hashlib
import re
import secrets

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Of Crockford: no letter that is taken for another."""

LOOKS_LIKE = str.maketrans("oil", "011")
NAME = re.compile(rf"[{LETTERS}]{{4}}-[{LETTERS}]{{4}}")
KEY = re.compile(r"[A-Za-z0-9_-]{24}")


def new_key() -> str:
    """A key that nobody guesses: 144 random bits."""
    return secrets.token_urlsafe(18)


def name_of(key: str) -> str:
    """The name of the room that a key opens: 40 bits, as k7mq-9xtd. Takes some 50 ms."""
    made = hashlib.scrypt(key.encode(), salt=b"faultwalk room", n=2**14, r=8, p=1, dklen=5)
    bits = int.from_bytes(made)
    text = "".join(LETTERS[bits >> 5 * place & 31] for place in reversed(range(8)))
    return f"{text[:4]}-{text[4:]}"


def mark_of(key: str) -> str:
    """What a room remembers of its key, to know it again at once."""
    return hashlib.sha256(key.encode()).hexdigest()


def read_name(text: str) -> str | None:
    """A name as somebody typed it from a wall: capitals, spaces and o for 0 are forgiven."""
    plain = re.sub(r"[^a-z0-9]", "", text.lower()).translate(LOOKS_LIKE)
    name = f"{plain[:4]}-{plain[4:]}"
    return name if NAME.fullmatch(name) else None
