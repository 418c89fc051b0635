"""Dice that fall the same for a seed, on every machine and in every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A row of throws that follows from some words."""

    def __init__(self, *words: object) -> None:
        self.name, self.thrown = " ".join(str(word) for word in words), 0

    def below(self, most: int) -> int:
        """A number from 0 to most - 1."""
        self.thrown += 1
        found = sha256(f"{self.name} {self.thrown}".encode()).digest()
        return int.from_bytes(found[:8]) % most

    def pick(self, things: Sequence[T]) -> T:
        """One of these."""
        return things[self.below(len(things))]

    def chance(self, percent: int) -> bool:
        """Yes, so many times of a hundred."""
        return self.below(100) < percent

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """All of them in some order."""
        left = list(things)
        return [left.pop(self.below(len(left))) for _ in things]
