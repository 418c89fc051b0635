"""Measurements that anyone can repeat with one command: python -m benchmarks."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.append(str(TESTS))  # whose modules find each other so
