"""Truth: the engine does what real, compiled kernels did."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from engine.conform import conform_file
from engine.conform.report import BadRows, judge

HERE = Path(__file__).parent
SLICE = HERE / "oracle" / "linux-2.6-slice.jsonl.gz"
NORMAL_PAGE = HERE / "oracle" / "linux-2.6-vm_normal_page-slice.jsonl"
SHARED = HERE.parent.parent / "shared" / "oracle"
SEVEN = ["2.6.17", "nopfn-v1", "nopfn-v2", "nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19"]


def rows() -> list[dict[str, Any]]:
    with gzip.open(SLICE, "rt") as file:
        return [json.loads(line) for line in file]


def sequential() -> dict[str, Any]:
    return next(
        r for r in rows() if r["scenario"]["schedule"] == "sequential" and r["revision"] == "v3"
    )


def race() -> list[dict[str, Any]]:
    first = next(r for r in rows() if r["scenario"]["race"] == "same_access")
    same = ("id", "revision", "arch")
    return [r for r in rows() if all(r[key] == first[key] for key in same)]


def whole(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the whole oracle, {name}, is not here")
    return path


def test_the_slice_of_the_oracle_agrees() -> None:
    report = conform_file(SLICE, beyond=False)
    assert report["rows"] > 500
    assert (report["disagree"], report["unexpected"]) == (0, 0), report["differences"]


def test_the_vm_normal_page_slice_agrees() -> None:
    report = conform_file(NORMAL_PAGE)
    assert report["agree"] == report["rows"] > 20


def test_every_row_of_the_seven_kernels_agrees() -> None:
    report = conform_file(whole("linux-2.6.jsonl.gz"), SEVEN, beyond=False)
    assert (report["disagree"], report["unexpected"]) == (0, 0), report["differences"]
    for tally in (report, *report["by_vma"].values(), *report["by_arch"].values()):
        assert sum(tally["out_of_scope"].values()) <= 0.03 * tally["rows"]


def test_every_vm_normal_page_row_agrees() -> None:
    report = conform_file(whole("linux-2.6-vm_normal_page.jsonl"))
    assert report["agree"] == report["rows"] == 320


def test_a_wrong_outcome_is_a_disagreement() -> None:
    row = sequential()
    row["final"]["min_flt"] = [9, 9]
    assert [field for field, _, _ in judge([row])[0]["differences"]] == ["min_flt"]


def test_a_missing_event_is_a_disagreement() -> None:
    row = sequential()
    row["events"] = [text for text in row["events"] if "down_read" not in text]
    assert judge([row])[0]["differences"][0][0].startswith("events[")


def test_swapped_events_are_a_disagreement() -> None:
    row = sequential()
    at = next(i for i, text in enumerate(row["events"]) if "up_read" in text)
    row["events"].insert(0, row["events"].pop(at))
    assert judge([row])[0]["differences"]


def test_a_race_outcome_that_no_row_has_is_unexpected() -> None:
    group = race()
    assert len(group) > 1
    verdicts = judge(group[1:])
    assert len(verdicts[0]["unexpected"]) == 1


def test_a_race_outcome_that_cannot_be_reached_is_a_disagreement() -> None:
    group = race()
    impossible = copy.deepcopy(group[0])
    impossible["final"]["rss"] = {"anon": 99, "file": 0}
    verdicts = judge([*group, impossible])
    assert [bool(v["differences"]) for v in verdicts] == [False] * len(group) + [True]


def test_ids_and_names_play_no_part() -> None:
    row = sequential()
    row["id"] = "renamed"
    assert judge([row])[0]["differences"] == []


def test_outcomes_of_other_schedules_are_counted_and_not_judged() -> None:
    verdict = judge(race(), beyond=True)[0]
    assert verdict["beyond_complete"] and verdict["beyond"] >= 0
    assert verdict["unexpected"] == []


@pytest.mark.parametrize(
    "text", ["not json\n", '{"no": "row"}\n', "[1]\n", '{"revision": "v3", "arch": "i386"}\n']
)
def test_a_file_that_holds_no_rows_is_named(tmp_path: Path, text: str) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(text)
    with pytest.raises(BadRows, match=r"bad\.jsonl"):
        conform_file(bad)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.update(id=["list"]),
        lambda row: row["scenario"].update(vma={"an": "object"}),
        lambda row: row["scenario"].update(schedule=None),
        lambda row: row.update(unit="vm_normal_page", scenario=[]),
    ],
    ids=["id", "vma", "schedule", "unit"],
)
def test_a_row_that_cannot_be_counted_is_named(tmp_path: Path, change: Any) -> None:
    row = sequential()
    change(row)
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps(row))
    with pytest.raises(BadRows, match="line 1: is not an oracle row"):
        conform_file(bad)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("cut.jsonl.gz", gzip.compress(b'{"a": 1}', mtime=0)[:20]),
        ("noise.jsonl.gz", gzip.compress(b"x" * 99, mtime=0)[:10] + b"\xff" * 40),
        ("number.jsonl", b'{"a": ' + b"9" * 5000 + b"}"),
        ("deep.jsonl", b"[" * 100_000),
    ],
)
def test_a_damaged_file_of_rows_is_named(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(BadRows, match=name):
        conform_file(tmp_path / name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match=r"nothing\.jsonl"):
        conform_file(tmp_path / "nothing.jsonl")


def test_a_row_that_lacks_its_inside_is_a_disagreement_not_a_crash() -> None:
    row = sequential()
    del row["final"]
    assert judge([row])[0]["differences"][0][0] == "error"
