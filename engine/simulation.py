"""A machine and its threads, moved one step at a time, forwards and back."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.actors import Operation, program
from engine.deadline import check
from engine.model.cells import Change, Machine
from engine.unfold import Node, Program
from engine.verbs import VERBS, World, blockers


class Step(NamedTuple):
    """An op that happened: by whom, at which node, its answer, what changed and what was read."""

    thread: str
    node: Node
    answer: Any
    delta: tuple[Change, ...]
    reads: tuple[str, ...]


class Simulation:
    """The running world. `position[t]` is where thread t stands.

    cells: the initial cells. operations: what each thread does. kernel: a kernel built for an arch.
    """

    def __init__(
        self,
        world: World,
        cells: dict[str, Any],
        kernel: Any,
        operations: dict[str, tuple[Operation, ...]],
    ) -> None:
        self.world, self.machine = world, Machine(cells)
        self.programs = {
            t: Program(lambda todo=todo: program(kernel, todo))  # type: ignore[misc]
            for t, todo in operations.items()
        }
        self.position = {t: p.root for t, p in self.programs.items()}
        self.threads = tuple(operations)

    def finished(self, thread: str) -> bool:
        """Whether the thread has reached its end, or died on the way."""
        return self.position[thread].op is None or f"task/{thread}/bug" in self.machine

    def blocked(self, thread: str) -> tuple[str, tuple[str, ...]] | None:
        """(lock, holders) if the thread waits for a lock."""
        op = self.position[thread].op
        return None if op is None else blockers(self.machine, thread, op)

    def can_move(self, thread: str) -> bool:
        """Whether the thread could take a step now."""
        return not self.finished(thread) and self.blocked(thread) is None

    def runnable(self) -> tuple[str, ...]:
        """The threads that could take a step now."""
        return tuple(t for t in self.threads if self.can_move(t))

    def step(self, thread: str) -> Step:
        """Perform the op that the thread stands at."""
        check()
        node, m = self.position[thread], self.machine
        assert node.op is not None
        mark = m.mark()
        m.seen.clear()
        answer = VERBS[node.op.name](m, self.world, thread, *node.op.args)
        self.position[thread] = self.programs[thread].step(node, answer)
        return Step(thread, node, answer, tuple(m.journal[mark:]), tuple(m.seen))

    def back(self, step: Step) -> None:
        """Take back the newest step."""
        self.machine.undo(self.machine.mark() - len(step.delta))
        self.position[step.thread] = step.node
