"""How wide a text is in the fonts that pictures are drawn with, read off the fonts themselves."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from engine.errors import BadScenario
from engine.home import HOME

FOLDER = HOME / "static" / "dist" / "fonts"
SCRIPTS = ("latin", "latin-ext", "greek", "cyrillic")
FONTS = {"medium": "inter-500", "bold": "inter-700", "mono": "jetbrains-mono-700"}
ELLIPSIS = "…"


def width(text: str, size: float, font: str = "medium") -> float:
    """In pixels; a character that the font lacks counts as a square."""
    known = advances(font)
    return sum(known.get(ord(c), 1.0) for c in text) * size


def fits(text: str, size: float, room: float, font: str = "medium") -> str:
    """The text, or as much of its beginning as there is room for."""
    if width(text, size, font) <= room:
        return text
    while text and width(text + ELLIPSIS, size, font) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def drawable(text: str) -> bool:
    """Whether our fonts have all of its characters."""
    return all(ord(c) in advances("medium") or c.isspace() for c in text)


def files(font: str) -> list[Path]:
    """The files of a font, one a script. They are built with the front end."""
    return [FOLDER / f"{FONTS[font]}-{script}.ttf" for script in SCRIPTS]


@lru_cache
def advances(font: str) -> dict[int, float]:
    """How far each character moves on, in parts of the font's size.

    Raises BadScenario where the fonts were not built.
    """
    try:
        return {code: wide for file in reversed(files(font)) for code, wide in _advances(file)}
    except OSError:
        what = "the fonts of pictures are not there"
        raise BadScenario("picture", what, "build the front end: ./faultwalk serve does") from None


def _advances(file: Path) -> Iterator[tuple[int, float]]:
    data = file.read_bytes()
    tables = dict(_tables(data))
    unit = struct.unpack_from(">H", data, tables["head"] + 18)[0]
    count = struct.unpack_from(">H", data, tables["hhea"] + 34)[0]
    wide = [struct.unpack_from(">H", data, tables["hmtx"] + 4 * n)[0] / unit for n in range(count)]
    for code, glyph in _glyphs(data, tables["cmap"]):
        yield code, wide[min(glyph, count - 1)]


def _tables(data: bytes) -> Iterator[tuple[str, int]]:
    for n in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * n)
        yield tag.decode(), offset


def _glyphs(data: bytes, cmap: int) -> Iterator[tuple[int, int]]:
    """(character, glyph) of the basic plane: the subtable of format 4."""
    for n in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * n)[0]
        if struct.unpack_from(">H", data, at)[0] == 4:
            break
    half = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends, starts, deltas, ranges = (
        at + 14,
        at + 16 + 2 * half,
        at + 16 + 4 * half,
        at + 16 + 6 * half,
    )
    for n in range(half):
        end, start, delta, away = (
            struct.unpack_from(">H", data, table + 2 * n)[0]
            for table in (ends, starts, deltas, ranges)
        )
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if away:
                place = ranges + 2 * n + away + 2 * (code - start)
                glyph = struct.unpack_from(">H", data, place)[0]
            if glyph:
                yield code, (glyph + delta) & 0xFFFF
