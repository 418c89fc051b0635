"""How wide a text is in the fonts that pictures are drawn with, read off the fonts themselves."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "fonts"
FONTS = {
    "medium": FOLDER / "Inter-500Medium.ttf",
    "bold": FOLDER / "Inter-700Bold.ttf",
    "mono": FOLDER / "JetBrainsMono-700Bold.ttf",
}
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


@lru_cache
def advances(font: str) -> dict[int, float]:
    """How far each character moves on, in parts of the font's size."""
    data = FONTS[font].read_bytes()
    tables = dict(_tables(data))
    unit = struct.unpack_from(">H", data, tables["head"] + 18)[0]
    count = struct.unpack_from(">H", data, tables["hhea"] + 34)[0]
    wide = [struct.unpack_from(">H", data, tables["hmtx"] + 4 * n)[0] / unit for n in range(count)]
    glyphs = _glyphs(data, tables["cmap"])
    return {code: wide[min(glyph, count - 1)] for code, glyph in glyphs}


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
