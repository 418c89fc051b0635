"""Every text that the engine says, in the languages there are: a file each under messages/.

A message is a template with named fields: "{who} reads {place}". Fields that stand for a thread, a
step or a frame come with their markup (@A, #9, `0x9`), so that no translation can lose it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache, reduce
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

from engine.errors import BadMessages, UnknownLanguage
from engine.home import HOME

FOLDER = HOME / "messages"
ENGLISH = "en"

Texts = dict[str, str]
"""Templates by section and key: steps.access.walk."""


class Message(NamedTuple):
    """Something to be said in whatever language; a field may be a Message of its own."""

    key: str
    fields: dict[str, Any]


class Listed(tuple[str, ...]):
    """A field of several things: A, B, C."""


class Messages:
    """The texts of one language; they never change."""

    def __init__(self, language: str, texts: Texts) -> None:
        self.language, self.texts = language, texts

    def say(self, key: str, /, **fields: Any) -> str:
        """The message called `key`, its fields filled in."""
        return self.texts[key].format_map(fields)

    def read(self, message: Message) -> str:
        """A message made elsewhere, with the messages and lists in its fields."""
        return self.say(message.key, **{n: self._field(f) for n, f in message.fields.items()})

    def _field(self, field: Any) -> Any:
        if isinstance(field, Message):
            return self.read(field)
        return self.listed(field) if isinstance(field, Listed) else field

    def all_of(self, things: Iterable[str]) -> str:
        """A and B and C."""
        return reduce(lambda a, b: self.say("lists.and", a=a, b=b), things)

    def listed(self, things: Iterable[str]) -> str:
        """A, B, C."""
        return reduce(lambda a, b: self.say("lists.comma", a=a, b=b), things)

    def several(self, clauses: Iterable[str]) -> str:
        """A; B; C."""
        return reduce(lambda a, b: self.say("lists.semicolon", a=a, b=b), clauses)


def languages() -> tuple[str, ...]:
    """The languages there are, English first."""
    return _languages(FOLDER)


def messages(language: str = ENGLISH) -> Messages:
    """The texts of a language, the page's among them.

    Raises UnknownLanguage; BadMessages for a file that is damaged, or whose messages or fields are
    not those of the English one.
    """
    return _messages(FOLDER, language)


@cache
def _languages(folder: Path) -> tuple[str, ...]:
    return ENGLISH, *sorted({file.stem for file in folder.glob("*.json")} - {ENGLISH})


@cache
def _messages(folder: Path, language: str) -> Messages:
    known = _languages(folder)
    if language not in known:
        raise UnknownLanguage("language", f"there is no {language[:20]!r}", _there_are(known))
    texts = _texts(folder / f"{language}.json")
    if language != ENGLISH:
        _agree(texts, _messages(folder, ENGLISH).texts, f"messages/{language}.json")
    return Messages(language, texts)


def _there_are(known: tuple[str, ...]) -> str:
    return f"there is {known[0]}" if len(known) == 1 else f"there are {', '.join(known)}"


def _texts(file: Path) -> Texts:
    where, instead = f"messages/{file.name}", "begin with a copy of en.json"
    try:
        sections = json.loads(file.read_bytes())
    except ValueError as error:
        raise BadMessages(where, f"this is not JSON: {error}", instead) from None
    if not isinstance(sections, dict) or not all(isinstance(s, dict) for s in sections.values()):
        raise BadMessages(where, "this is no catalogue", instead)
    texts = {f"{name}.{key}": t for name, one in sections.items() for key, t in one.items()}
    for key, text in texts.items():
        _fields(f"{where}: {key}", text)
    return texts


def _agree(texts: Texts, english: Texts, where: str) -> None:
    """The same keys, each with the same fields as in English."""
    for key in english:
        if key not in texts:
            raise BadMessages(f"{where}: {key}", "it is missing", f"translate: {english[key]}")
    for key, text in texts.items():
        place = f"{where}: {key}"
        if key not in english:
            raise BadMessages(place, "nobody says this", "leave it out")
        has, needs = _fields(place, text), _fields(place, english[key])
        for name in sorted(needs - has):
            raise BadMessages(place, f"{{{name}}} is missing", f"translate: {english[key]}")
        for name in sorted(has - needs):
            raise BadMessages(place, f"there is no {{{name}}}", f"translate: {english[key]}")


def _fields(where: str, text: object) -> set[str]:
    """The names of a template's fields."""
    if not isinstance(text, str):
        raise BadMessages(where, "this is not a text", "write one between quotes")
    try:
        return set(_names(text))
    except ValueError:
        instead = "a field is a name in braces, such as {who}"
        raise BadMessages(where, f"the braces in {text!r} do not fit", instead) from None


def _names(text: str) -> Iterator[str]:
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(name)
        yield name
