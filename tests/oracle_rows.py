"""A part of the oracle's slice, for tests that are about what is made of rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

SLICE = Path(__file__).parent / "oracle" / "linux-2.6-slice.jsonl.gz"


def some_rows(folder: Path, scenarios: int = 12) -> Path:
    """A file with all rows of so many scenarios, evenly taken."""
    with gzip.open(SLICE, "rt") as file:
        rows = [json.loads(line) for line in file]
    ids = list(dict.fromkeys(row["id"] for row in rows))
    taken = set(ids[:: max(len(ids) // scenarios, 1)])
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows if row["id"] in taken))
    return path
