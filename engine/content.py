"""What is written in English about runs, in another language: overlays beside the catalogue.

A file messages/<language>/<part>.yaml has the shape of that part's English texts, with ids as keys.
Any text may be missing: it is told in English then, and known to be English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import engine.messages
from engine.errors import BadMessages
from engine.gallery import gallery
from engine.kernels import HISTORY
from engine.listing import listed
from engine.messages import ENGLISH
from engine.scenario import Scenario

Parts = Mapping[str, Callable[[], Any]]
"""The English texts of each part: dicts and lists, with texts at their ends."""


class Content:
    """Texts in one language by the English ones; None for those that are not translated."""

    def __init__(self, language: str, texts: dict[str, str | None]) -> None:
        self.language, self.texts = language, texts

    def say(self, text: str) -> str:
        """The text in this language, else as it is."""
        return self.texts.get(text) or text

    def lang(self, text: str) -> str:
        """ "en" for one that is told in English to a reader of another language, else ""."""
        return ENGLISH if text in self.texts and self.texts[text] is None else ""

    def told(self, text: str) -> dict[str, str]:
        """Both, for the page."""
        return {"text": self.say(text), "lang": self.lang(text)}


def content(language: str) -> Content:
    """What the gallery and the kernels say. Raises BadMessages for a file that does not fit."""
    return _content(engine.messages.FOLDER, language)


def read(language: str, parts: Parts) -> Content:
    """The texts of these parts. Raises BadMessages, with the file and the place in it."""
    if language == ENGLISH:
        return Content(language, {})
    texts: dict[str, str | None] = {}
    for name, english in parts.items():
        known = english()
        for text in _texts(known):
            texts.setdefault(text, None)  # another part may have said it, and be translated
        file = engine.messages.FOLDER / language / f"{name}.yaml"
        if file.exists():
            where = f"messages/{language}/{file.name}"
            texts.update(_pairs(f"{where}:", known, _load(file, where)))
    return Content(language, texts)


@cache
def _content(_: Path, language: str) -> Content:
    return read(language, PARTS)


def _load(file: Path, where: str) -> Any:
    try:
        return yaml.safe_load(file.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadMessages(where, f"this is not YAML: {error}", "correct it") from None


def _texts(known: Any) -> Iterator[str]:
    if isinstance(known, str):
        yield known
        return
    for part in known.values() if isinstance(known, dict) else known:
        yield from _texts(part)


def _pairs(where: str, known: Any, other: Any) -> Iterator[tuple[str, str]]:
    """Each text of an overlay with the English one that stands in its place."""
    if isinstance(known, str) and isinstance(other, str):
        yield known, other
        if "\n" in known:  # a story that was left with its scene only
            yield known.partition("\n")[0], other.partition("\n")[0]
    elif isinstance(known, dict) and isinstance(other, dict):
        for key, value in other.items():
            if key not in known:
                raise BadMessages(f"{where} {key}", "there is no such text", "leave it out")
            yield from _pairs(f"{where} {key}", known[key], value)
    elif isinstance(known, list) and isinstance(other, list) and len(other) <= len(known):
        for place, (one, value) in enumerate(zip(known, other, strict=False), 1):
            yield from _pairs(f"{where} {place}", one, value) if value is not None else ()
    else:
        what = "this is not in the shape of the English texts"
        raise BadMessages(where, what, f"write {_shape(known)}")


def _shape(known: Any) -> str:
    if isinstance(known, list):
        return f"a list of up to {len(known)}"
    return "texts by their names" if isinstance(known, dict) else "a text"


# --- what the engine knows in English


def _scenarios() -> dict[str, Any]:
    return {id: _scenario(scenario) for id, scenario in gallery()}


def _scenario(scenario: Scenario) -> dict[str, Any]:
    questions = [
        {"ask": q.ask, "choices": list(q.choices), **({"because": q.because} if q.because else {})}
        for q in scenario.questions
    ]
    told = {"title": scenario.title, "story": scenario.story}
    return {**told, "notes": [note.text for note in scenario.notes], "questions": questions}


def _gallery() -> dict[str, Any]:
    return {claim.id: {"group": claim.group, "says": claim.says} for claim in listed()}


def _kernels() -> dict[str, str]:
    return {kernel.id: kernel.title for kernel in HISTORY}


PARTS: Parts = {"scenarios": _scenarios, "gallery": _gallery, "kernels": _kernels}
