"""What if, at some step, something else had happened: forks of a run, each an ordinary scenario."""

from engine.whatif.fork import Fork, fork
from engine.whatif.offers import Offer, offers

__all__ = ["Fork", "Offer", "fork", "offers"]
