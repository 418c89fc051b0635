"""Exercise sheets: endless questions from a seed, made and answered by the engine.

A seed names a sheet for ever: dice roll by a hash, so no version of Python changes them. Scenes are
small and made up; what is asked of them is what Predict asks, and in which order pieces must run.
"""

from engine.sheets.exercise import Exercise
from engine.sheets.form import KINDS, MOST, sheet

__all__ = ["KINDS", "MOST", "Exercise", "sheet"]
