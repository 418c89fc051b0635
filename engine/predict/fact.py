"""What can be asked about a run: a fact of it, with the choices from which to tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.predict.past import Past

MOST_CHOICES = 4


@dataclass(frozen=True)
class Option:
    """A choice. key: what it claims, in a form that means the same in every run."""

    key: str
    text: str
    because: str


@dataclass(frozen=True)
class Fact:
    """Something that a run shows at `step`, worth asking after `at` steps.

    topic: what it is about; the part before the dot is the same in every kernel. nth: which of the
    thread's facts of this topic. options: the right one first. weight: how decisive it is.
    """

    kind: str
    topic: str
    thread: str
    nth: int
    at: int
    step: int
    weight: int
    ask: str
    options: tuple[Option, ...]

    @property
    def right(self) -> Option:
        """What is so in this run."""
        return self.options[0]

    @property
    def place(self) -> tuple[str, str, str, int]:
        """What makes two facts, of two kernels' runs, answers to the same question."""
        return self.kind, self.topic.partition(".")[0], self.thread, self.nth


@dataclass(frozen=True)
class Scene:
    """A run in which a choice is right, at the step that shows it.

    gallery: a scenario of the gallery, or None for the one that is asked about, as it is followed.
    link: the run itself, where it follows another schedule.
    """

    gallery: str | None
    kernel: str
    step: int
    title: str
    link: str | None = None


@dataclass(frozen=True)
class Choice:
    """An option as it is offered, with the run in which it is right, if one is known."""

    text: str
    right: bool
    because: str
    scene: Scene | None = None


@dataclass(frozen=True)
class Question:
    """A question after `at` steps; step `reveal` shows the answer."""

    id: str
    kind: str
    at: int
    reveal: int
    ask: str
    choices: tuple[Choice, ...]


def option(past: Past, key: str, text: str, because: str, **params: Any) -> Option:
    """An option whose text and reason are messages."""
    return Option(key, past.say(text, **params), past.say(because, **params))


def distinct(options: list[Option]) -> tuple[Option, ...]:
    """The first few that claim different things in different words."""
    found: list[Option] = []
    for one in options:
        if all(one.key != other.key and one.text != other.text for other in found):
            found.append(one)
    return tuple(found[:MOST_CHOICES])
