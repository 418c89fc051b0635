"""Sentences in a picture: in lines that fit, with code and threads marked as in captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from engine.picture.measure import ELLIPSIS, width

TOKEN = re.compile(r"(`[^`]*`|(?<![\w@])@[A-Za-z][\w-]*)")
Piece = tuple[str, str]
"""A kind, "" for plain, "code" or "t0" to "t7", and its text."""

FONTS = {"": None, "code": "mono"}


class Prose:
    """A text in lines of at most `room` pixels; what does not fit in `most` lines is cut off."""

    def __init__(
        self,
        text: str,
        size: int,
        room: float,
        font: str,
        most: int = 9,
        threads: Sequence[str] = (),
    ) -> None:
        self.size, self.font, self.threads = size, font, threads
        self.lines: list[list[Piece]] = [[]]
        for word in self._words(text):
            if self._wide([*self.lines[-1], *word]) > room and self.lines[-1]:
                self.lines.append([])
            self.lines[-1] += word
        if len(self.lines) > most:
            self.lines = self.lines[:most]
            self._shorten(self.lines[-1], room, ELLIPSIS)
        for line in self.lines:
            if self._wide(line) > room:  # one word that is longer than a line
                self._shorten(line, room, ELLIPSIS)

    def svg(self, x: float, y: float, line: float) -> str:
        """The text, its first line standing on y."""
        style = "b ink" if self.font == "bold" else "m"
        found = []
        for n, pieces in enumerate(self.lines):
            inner = "".join(self._piece(*piece) for piece in _joined(pieces))
            place = f'x="{x:g}" y="{y + n * line:g}" font-size="{self.size}"'
            found.append(f'<text {place} class="{style}" xml:space="preserve">{inner}</text>')
        return "".join(found)

    def _piece(self, kind: str, text: str) -> str:
        if not kind:
            return escape(text)
        style = "mono" if kind == "code" else f"b me {kind}"
        size = f' font-size="{self.size * 0.94:g}"' if kind == "code" else ""
        return f'<tspan class="{style}"{size}>{escape(text)}</tspan>'

    def _words(self, text: str) -> list[list[Piece]]:
        """The text cut where lines may break, each word with the space behind it."""
        words: list[list[Piece]] = [[]]
        for part in TOKEN.split(" ".join(text.split())):
            kind, shown = self._kind(part)
            for n, bit in enumerate(re.split(r"(?<= )", shown) if not kind else [shown]):
                if n:
                    words.append([])
                if bit:
                    words[-1].append((kind, bit))
        return [word for word in words if word]

    def _kind(self, part: str) -> Piece:
        if len(part) > 1 and part.startswith("`"):
            return "code", part[1:-1]
        if part.startswith("@") and part[1:] in self.threads:
            return f"t{self.threads.index(part[1:]) % 8}", part[1:]
        return "", part.removeprefix("@") if TOKEN.fullmatch(part) else part

    def _wide(self, pieces: list[Piece]) -> float:
        line = [*pieces[:-1], (pieces[-1][0], pieces[-1][1].rstrip())]
        return sum(width(text, self.size, self._font(kind)) for kind, text in line)

    def _font(self, kind: str) -> str:
        return "mono" if kind == "code" else "bold" if kind else self.font

    def _shorten(self, pieces: list[Piece], room: float, end: str) -> None:
        pieces.append(("", end))
        while len(pieces) > 1 and self._wide(pieces) > room:
            kind, text = pieces[-2]
            if len(text) > 1 and (kind or len(pieces) == 2):
                pieces[-2] = (kind, text[:-1])
            else:
                del pieces[-2]
        if len(pieces) > 1:
            kind, text = pieces[-2]
            pieces[-2] = (kind, text.rstrip(" ,;:"))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one kind as one."""
    found: list[Piece] = []
    for kind, text in pieces:
        if found and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + text)
        else:
            found.append((kind, text))
    return found
