"""A made-up language: every message in letters that are no ASCII, so that English shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import engine.messages

ENGLISH: dict[str, dict[str, str]] = json.loads((engine.messages.FOLDER / "en.json").read_text())
KEPT = re.compile(r"\{\w+\}|`[^`]*`")
WIDE = {i: i + 0xFEE0 for i in range(0x21, 0x7F) if chr(i).isalpha()}

Install = Callable[[dict[str, Any]], None]


def foreign(text: str) -> str:
    """The text in letters that are no ASCII, but for its fields and code."""
    parts, kept = KEPT.split(text), KEPT.findall(text)
    wide = [part.translate(WIDE) for part in parts]
    return "".join(w + k for w, k in zip(wide, [*kept, ""], strict=True))


def all_foreign() -> dict[str, dict[str, str]]:
    """The whole catalogue in that language."""
    return {name: {k: foreign(t) for k, t in one.items()} for name, one in ENGLISH.items()}


def starts(key: str) -> Iterator[str]:
    """What a key begins with, up to each of its joints: what code may put it together from."""
    yield from (key[: joint.end()] for joint in re.finditer(r"[._]", key))


def english_words(text: str) -> list[str]:
    """What is left of English: ASCII words that are neither code, thread, step nor a name."""
    bare = re.sub(r"`[^`]*`|\{\w+\}|->\w+|@[\w-]+|#\d+|\b0x[0-9a-f]+\b", "", text)
    return re.findall(r"\b[a-z]{3,}\b", bare)


SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-count", "data-count-of")
VOID = {"meta", "link", "br", "input", "img", "hr"}
CODE = {"code", "pre", "script", "style", "kbd", "b"}
"""Elements whose text is no prose; bold names threads, kernels and revisions on these pages."""


class Page(HTMLParser):
    """What a page says. said: in its own language; marked: as English; labels: in attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.labels: list[str] = []
        self.marked: list[str] = []
        self.open: list[tuple[str, bool, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        _, code, marked = self.open[-1] if self.open else ("", False, False)
        lang = given.get("lang")
        here = tag, code or tag in CODE, lang == "en" if lang else marked
        for name in SPOKEN:
            if name in given and not here[1] and not here[2]:
                self.labels.append(given[name])
        if given.get("name") == "description":
            self.labels.append(given["content"])
        if tag not in VOID:
            self.open.append(here)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and data.strip() and not self.open[-1][1]:
            self.keep(data.strip(), self.open[-1][2])

    def keep(self, text: str, marked: bool) -> None:
        (self.marked if marked else self.said).append(text)
