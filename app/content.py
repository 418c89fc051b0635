"""What pages say beside the catalogue: the thread, the glossary, what was measured; overlaid."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import engine.content
import engine.messages
from app.settings import ROOT
from engine.content import Content
from engine.messages import ENGLISH

Texts = Callable[[], Any]
PARTS: dict[str, Texts] = dict(engine.content.PARTS)
KNOWN, OPERATORS = "known-differences.md", "operators.md"


def texts(name: str) -> Callable[[Texts], Texts]:
    """Register what gives the English texts of messages/<language>/<name>.yaml."""

    def register(english: Texts) -> Texts:
        PARTS[name] = english
        return english

    return register


def content(language: str) -> Content:
    """Everything that is written, in this language. Raises BadMessages."""
    return _content(engine.messages.FOLDER, language)


@cache
def _content(_: Path, language: str) -> Content:
    return engine.content.read(language, PARTS)


def document(name: str, language: str) -> tuple[str, str]:
    """A document of docs/ that the site shows, and its language."""
    own = engine.messages.FOLDER / language / name
    if own.exists():
        return own.read_text(encoding="utf-8"), language
    return (ROOT / "docs" / name).read_text(encoding="utf-8"), ENGLISH
