"""A run as CSV: every step a row, the same each time, and readable by what reads CSV."""

from __future__ import annotations

import csv
import io

import pytest
from scenes import GALLERY

from engine import run
from engine.cli import main
from engine.table import COLUMNS

FLAGSHIP = "two-threads-one-page"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_is_a_step() -> None:
    shown = run(FLAGSHIP)
    found = rows(shown.csv())
    assert tuple(found[0]) == COLUMNS
    assert [int(row["step"]) for row in found] == list(range(1, len(shown.steps) + 1))
    store = found[30]
    assert (store["thread"], store["op"], store["function"]) == ("B", "set_pte_at", "do_no_pfn")
    assert store["line"].isdecimal()
    assert store["what"].startswith("B ") and store["what"].endswith("0x7000b replaces 0x7000a.")
    assert store["changes"] == "pte/P/0x40003 0x7000a027 -> 0x7000b067"
    assert "step 14" in store["why"] and "`" not in store["why"] + store["what"]
    assert found[0]["function"] == found[0]["line"] == ""


def test_all_of_the_gallery_can_be_written_twice_alike() -> None:
    for _, scenario in GALLERY.items():
        first = run(scenario).csv()
        assert first == run(scenario).csv()
        assert all(None not in row and None not in row.values() for row in rows(first))


def test_the_command_writes_it(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["run", FLAGSHIP, "--as", "csv"]) == 0
    assert capfdbinary.readouterr().out == run(FLAGSHIP).csv().encode()
