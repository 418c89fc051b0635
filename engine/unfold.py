"""A thread's program unrolled into nodes, so that its whole position is one node.

A handler learns of the world only through what it is sent, so it is a function of the answers so
far. Each answer leads to a node, made once by running a generator and kept for ever after. Nodes
are distinguished by answers alone: always sound, on every Python version.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import HandlerError
from engine.kernel import FUNCTIONS, Handler
from engine.ops import Op

Frame = tuple[str, int]
"""(function id, line in its file)"""


class Node:
    """A place in a program: the op about to be done, and the handler stack it stands in.

    op is None at the end of the program. number identifies the node within its program.
    """

    __slots__ = ("answer", "children", "generator", "number", "op", "parent", "stack")

    def __init__(self, number: int, parent: Node | None, answer: Any) -> None:
        self.number, self.parent, self.answer = number, parent, answer
        self.children: dict[Any, Node] = {}
        self.op: Op | None = None
        self.stack: tuple[Frame, ...] = ()
        self.generator: Handler | None = None


class Program:
    """A thread's program and every node of it that was ever reached."""

    def __init__(self, start: Callable[[], Handler]) -> None:
        self.start = start
        self.size = 0
        self.root = self._advance(start(), None, None)

    def step(self, node: Node, answer: Any) -> Node:
        """The node reached when the op pending at `node` is answered so."""
        child = node.children.get(answer)
        if child is None:
            generator = node.generator or self._replay(node)
            node.generator = None
            child = node.children[answer] = self._advance(generator, node, answer)
        return child

    def _replay(self, node: Node) -> Handler:
        """A fresh generator, fed what the thread saw on its way to `node`."""
        answers = []
        while node.parent is not None:
            answers.append(node.answer)
            node = node.parent
        generator = self.start()
        sent: Any = None
        for answer in reversed(answers):
            generator.send(sent)
            sent = answer
        generator.send(sent)
        return generator

    def _advance(self, generator: Handler, parent: Node | None, answer: Any) -> Node:
        node = Node(self.size, parent, answer)
        self.size += 1
        try:
            op = generator.send(answer)
        except StopIteration:
            return node
        if not isinstance(op, Op):
            raise HandlerError(f"{frames(generator)}: yielded {op!r}, which is not an op")
        node.op, node.stack, node.generator = op, frames(generator), generator
        return node


def frames(generator: Handler) -> tuple[Frame, ...]:
    """The kernel's functions on the generator's stack, outermost first."""
    frames = []
    inner: Any = generator
    while inner is not None and hasattr(inner, "gi_frame") and inner.gi_frame is not None:
        function = FUNCTIONS.get(inner.gi_code)
        if function is not None:
            frames.append((function.id, inner.gi_frame.f_lineno))
        inner = inner.gi_yieldfrom
    return tuple(frames)
