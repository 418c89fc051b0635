"""What each step does and why, in two short sentences that follow from this very run.

A teller per op chooses a template (its key is stable) from the step's context; the why names the
earlier steps that the step follows from, never more than the ledger shows.
"""

from __future__ import annotations

from engine.ledger import Ledger, Moment
from engine.narrate import cpu, drivers, faults, locks, mappings, pages, ptes, stores, swap
from engine.narrate.view import TELLERS, Narration, View

__all__ = ["TELLERS", "Narration", "View", "narrate"]

_MODULES = (cpu, drivers, faults, locks, mappings, pages, ptes, stores, swap)


def narrate(moment: Moment, ledger: Ledger) -> Narration:
    """The words for the newest step, while the simulation still stands behind it."""
    return TELLERS[moment.op](View(moment, ledger))
