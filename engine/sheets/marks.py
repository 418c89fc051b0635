"""One letter for each exercise of a sheet, so that an address can tell what was handed out."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from engine.sheets.exercise import Exercise

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Thirty-two that are not taken for each other on paper."""


def marks(exercises: Sequence[Exercise]) -> str:
    """A letter each, from the run, the place in it and what is right; words do not matter."""
    return "".join(_mark(one) for one in exercises)


def first_changed(handed_out: str, exercises: Sequence[Exercise]) -> int | None:
    """The number, from 1, of the first exercise that is not what these marks say; None if all are.

    A letter tells 31 of 32 changes.
    """
    pairs = enumerate(zip(handed_out, marks(exercises), strict=False), 1)
    return next((number for number, (was, now) in pairs if was != now), None)


def _mark(one: Exercise) -> str:
    right = one.orders or one.right
    said = (one.kind, one.kernel, one.link, one.step, len(one.answers), len(one.pieces), right)
    return LETTERS[sha256(repr(said).encode()).digest()[0] % len(LETTERS)]
