"""Conformance: every oracle row mapped to a scenario, run, and compared."""

from engine.conform.report import conform_file

__all__ = ["conform_file"]
