"""What the explorer asks of a model: threads, cells, programs, what ops do, and what breaks.

Besides the machine's cells a state has ghosts, cells that no kernel has: what each thread owes and
was told. They hold that part of a thread's past which its place has forgotten and a check or an
outcome still wants.
"""

# The defaults of System use none of what they are given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.explore.automaton import Automaton, Place
from engine.invariants.base import Violation
from engine.kernel import Handler
from engine.model.cells import Change, Machine, Value
from engine.ops import Op

Places = dict[str, Place]


class Move(NamedTuple):
    """A step that has just been made on a machine. places: where everybody stands after it."""

    thread: str
    place: Place
    answer: Any
    delta: tuple[Change, ...]
    places: Places


class System:
    """A model to explore; subclasses say what ops do and what may not be.

    starts: thread -> its program. kin: thread -> a key that is equal for threads that differ in
    nothing but their name and their CPU (see `symmetry`).
    """

    def __init__(
        self,
        cells: Mapping[str, Value],
        starts: Mapping[str, Callable[[], Handler]],
        kin: Mapping[str, Any],
        merge: bool = True,
    ) -> None:
        self.cells, self.threads = dict(cells), tuple(starts)
        shared = {kin[t]: Automaton(starts[t], merge) for t in reversed(self.threads)}
        self.programs = {t: shared[kin[t]] for t in self.threads}
        self.kin = dict(kin)

    def blocked(self, m: Machine, thread: str, op: Op) -> bool:
        """Whether the op must wait."""
        raise NotImplementedError

    def act(self, m: Machine, thread: str, op: Op) -> Any:
        """Perform the op; answers what the thread is told."""
        raise NotImplementedError

    def died(self, m: Machine, thread: str, delta: tuple[Change, ...]) -> bool:
        """Whether the step killed its thread."""
        return False

    def judge(self, m: Machine, move: Move) -> list[Violation]:
        """Write the ghosts of this step, and name what it has broken."""
        return []

    def judge_end(self, m: Machine, places: Places) -> list[Violation]:
        """What does not hold where no thread can move any more."""
        return []

    def outcome(self, m: Machine, places: Places) -> dict[str, Any]:
        """What an end state comes to, in words that JSON knows."""
        return {}

    def role(self, cell: str) -> tuple[str, str] | None:
        """(thread, the cell's name without it) of a cell that belongs to one thread."""
        return None

    def cell_of(self, thread: str, role: str) -> str:
        """The cell that has this role for this thread."""
        raise NotImplementedError

    def names_threads(self, cell: str) -> bool:
        """Whether a value of this cell may tell which thread wrote it."""
        return False

    def renamed(self, cell: str, value: Value, names: Mapping[str, str]) -> Value:
        """A value of such a cell after threads have changed their names."""
        return value
