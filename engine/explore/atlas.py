"""What is known of a system: the layout of its states, and the steps learned so far.

Searches share one, so that what one has learned the next need not.
"""

from __future__ import annotations

from typing import Any

from engine.explore.moves import Moves
from engine.explore.packing import Packing
from engine.explore.symmetry import Threads, twins
from engine.explore.system import System
from engine.model.cells import Machine


class Atlas:
    """A system as the searches see it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.alike: list[Threads] = twins(system)
        self.names = system.threads
        called = {
            name: tuple(self.names[n] for n in group)
            for name, group in zip(self.names, self.alike, strict=True)
        }
        self.packing = Packing(system, called)
        self.moves = Moves(system, self.packing)

    def at(self, state: int) -> tuple[Machine, Any]:
        """The machine and the places of a state."""
        places = self.packing.places(state)
        return Machine(self.packing.cells(state, places)), places
