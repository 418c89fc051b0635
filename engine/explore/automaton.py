"""A thread's program learned as a small automaton, so that its whole position is one number.

A place is what matters for the future: where the generators stand, their live locals, the op that
is pending, and the locks held. Places that agree in all of it are one. Each edge is learned once,
by replaying a generator along some way to the place, and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import HandlerError
from engine.explore.liveness import READS_BYTECODE, discards, position
from engine.invariants.account import held_after
from engine.kernel import Handler
from engine.ops import Op
from engine.unfold import Frame, frames

Held = tuple[tuple[str, str], ...]
"""(lock, mode) of each lock held, in order of name."""


class Place:
    """A position in a program. op: the one pending, None at the end. way: answers that lead here.

    deaf: whether the program throws away the answer to its op, so that all answers are one.
    """

    __slots__ = ("deaf", "follow", "held", "number", "op", "stack", "way")

    def __init__(
        self, number: int, op: Op | None, stack: tuple[Frame, ...], held: Held,
        way: tuple[Any, ...], deaf: bool,
    ) -> None:  # fmt: skip
        self.number, self.op, self.stack, self.held = number, op, stack, held
        self.way, self.deaf = way, deaf
        self.follow: dict[Any, Place] = {}


class Automaton:
    """Every place of one program that was ever reached, and the edges between them.

    merge: whether places are told apart by what matters; else by all answers so far.
    """

    def __init__(self, start: Callable[[], Handler], merge: bool = True) -> None:
        self.start, self.merge = start, merge and READS_BYTECODE
        self.places: list[Place] = []
        self.known: dict[Any, Place] = {}
        self.edges = 0
        generator = start()
        self.root = self._place(generator, generator.send(None), (), ())

    def after(self, place: Place, answer: Any) -> Place:
        """The place reached when the op pending at `place` is answered so."""
        told = None if place.deaf else answer
        reached = place.follow.get(told)
        if reached is None:
            reached = place.follow[told] = self._learn(place, answer)
            self.edges += 1
        return reached

    def dead(self, place: Place) -> Place:
        """The place of a thread that died on its way to `place`: no op, but all that it held."""
        key = "dead", place.held, place.stack
        return self._intern(key, None, place.stack, place.held, place.way, False)

    def _learn(self, place: Place, answer: Any) -> Place:
        generator = self.start()
        generator.send(None)
        for told in place.way:
            generator.send(told)
        assert place.op is not None
        held = tuple(sorted(held_after(dict(place.held), place.op, answer).items()))
        way = (*place.way, answer)
        try:
            op = generator.send(answer)
        except StopIteration:
            return self._intern(("end", held), None, (), held, way, False)
        return self._place(generator, op, held, way)

    def _place(self, generator: Handler, op: Any, held: Held, way: tuple[Any, ...]) -> Place:
        if not isinstance(op, Op):
            raise HandlerError(f"{frames(generator)}: yielded {op!r}, which is not an op")
        key = (position(generator), op, held) if self.merge else way
        deaf = self.merge and discards(generator)
        return self._intern(key, op, frames(generator), held, way, deaf)

    def _intern(
        self, key: Any, op: Op | None, stack: tuple[Frame, ...], held: Held,
        way: tuple[Any, ...], deaf: bool,
    ) -> Place:  # fmt: skip
        place = self.known.get(key)
        if place is None:
            place = self.known[key] = Place(len(self.places), op, stack, held, way, deaf)
            self.places.append(place)
        return place
