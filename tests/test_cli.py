"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from oracle_rows import some_rows

from engine import decode_link, gallery, load_scenario_file
from engine.cli import main
from engine.errors import BadScenario
from engine.kernels import HISTORY

ROOT = Path(__file__).resolve().parent.parent
FLAGSHIP = ROOT / "scenarios" / "two-threads-one-page.yaml"

Capture = pytest.CaptureFixture[str]


def out(capsys: Capture, *arguments: str, code: int = 0) -> str:
    """What a command prints, when it ends with this code."""
    assert main(list(arguments)) == code
    return capsys.readouterr().out


def data(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    """The JSON that a command prints."""
    return json.loads(out(capsys, *arguments, "--json", code=code))


def complaint(capsys: Capture, *arguments: str) -> str:
    """The one sentence on stderr of a command that ends with 2; stdout stays empty."""
    assert main(list(arguments)) == 2
    printed = capsys.readouterr()
    assert not printed.out and printed.err.count("\n") == 1, printed
    return printed.err


def test_kernels(capsys: Capture) -> None:
    kernels = data(capsys, "kernels")
    assert [kernel["id"] for kernel in kernels] == [kernel.id for kernel in HISTORY]
    assert all(set(k) == {"id", "date", "title", "parent", "changes"} for k in kernels)
    changes = {kernel["id"]: kernel["changes"] for kernel in kernels}
    assert changes["nopfn-v2"] == ["handle_pte_fault"]
    assert set(changes["nopfn-v3"]) == {"handle_pte_fault", "do_no_pfn"}
    assert {"handle_pte_fault", "do_no_pfn", "do_wp_page"} <= set(changes["2.6.19"])
    text = out(capsys, "kernels")
    assert all(kernel.id in text for kernel in HISTORY)


def test_run_from_everywhere(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    by_id = out(capsys, "run", "two-threads-one-page")
    assert by_id == out(capsys, "run", str(FLAGSHIP))
    link = out(capsys, "run", "two-threads-one-page", "--link").strip()
    assert by_id == out(capsys, "run", link)
    stdin = io.TextIOWrapper(io.BytesIO(FLAGSHIP.read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert by_id == out(capsys, "run", "-")


def test_run_says_what_happened(capsys: Capture) -> None:
    text = out(capsys, "run", "two-threads-one-page")
    stores = [line for line in text.splitlines() if "set_pte_at" in line]
    assert "none -> pfn 0x7000a P RW US A   [mmap_sem, ptl]" in stores[0]
    assert "pfn 0x7000a P RW US A -> pfn 0x7000b P RW US A D" in stores[1]
    assert "! overwrite:" in text and "broken at step 31: overwrite:" in text
    trace = data(capsys, "run", "two-threads-one-page", "--kernel", "nopfn-v3")
    assert trace["kernel"]["id"] == "nopfn-v3" and trace["format"] == 1
    text = out(capsys, "run", "two-threads-one-page", "--schedule", "99A99B")
    assert "! overwrite:" not in text


def test_run_checks_what_the_scenario_expects(capsys: Capture, tmp_path: Path) -> None:
    scenario = load_scenario_file(FLAGSHIP).content()
    scenario["expect"] = {"nopfn-v2": {"source": "a test", "returns": {"A": ["MAJOR"]}}}
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(scenario))
    assert main(["run", str(file)]) == 1
    assert "A's faults return: expected" in capsys.readouterr().err
    assert main(["run", str(file), "--kernel", "nopfn-v1"]) == 0


def test_links(capsys: Capture) -> None:
    link = out(capsys, "link", "two-threads-one-page", "--kernel", "nopfn-v3").strip()
    assert decode_link(link).kernel == "nopfn-v3"
    assert data(capsys, "link", "two-threads-one-page", "--kernel", "nopfn-v3") == {"link": link}
    assert main(["link", "decode", link]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["scenario"] == decode_link(link).content() and content["check"][11] == "."


def test_explore(capsys: Capture) -> None:
    found = data(capsys, "explore", "two-threads-one-page", code=1)
    assert found["complete"] and "overwrite" in {v["invariant"] for v in found["violations"]}
    replay = next(v for v in found["violations"] if v["invariant"] == "overwrite")
    assert "broken" in out(capsys, "run", replay["link"])
    assert "invariants break" in out(capsys, "explore", "two-threads-one-page", code=1)
    limited = data(capsys, "explore", "two-threads-one-page", "--max-states", "5", code=0)
    assert not limited["complete"]


def test_conform(capsys: Capture, tmp_path: Path) -> None:
    rows = some_rows(tmp_path)
    report = data(capsys, "conform", str(rows), "--jobs", "1")
    assert report["disagree"] == 0 and report["agree"] > 0
    text = out(capsys, "conform", str(rows), "--revision", "nopfn-v1", "--jobs", "1")
    assert "disagree     0" in text


def test_what_is_not_built_says_so(capsys: Capture) -> None:
    assert "not built yet" in complaint(capsys, "import", "x")


BAD = {
    "no such file": (("run", "nope"), "nope: No such file"),
    "a folder": (("run", "."), ".: Is a directory"),
    "no such kernel": (("run", str(FLAGSHIP), "--kernel", "3.0"), "no kernel '3.0'"),
    "no such thread": (("run", str(FLAGSHIP), "--schedule", "Z"), "no thread 'Z'"),
    "no such op": (("run", str(FLAGSHIP), "--schedule", "A until no#1"), "no op in 'no#1'"),
    "a bad link": (("link", "decode", "z1.!"), "character 1 of the payload"),
    "two links": (("link", "decode", "a", "b"), "2 links"),
    "two scenarios": (("link", "a", "b"), "name one scenario"),
    "no such rows": (("conform", "nope.jsonl"), "nope.jsonl"),
}


@pytest.mark.parametrize(("arguments", "says"), BAD.values(), ids=BAD)
def test_bad_input(capsys: Capture, arguments: tuple[str, ...], says: str) -> None:
    assert says in complaint(capsys, *arguments)


@pytest.mark.parametrize(
    "arguments", [[], ["walk"], ["run"], ["explore", "x", "--max-states", "-1"]]
)
def test_bad_usage(capsys: Capture, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2 and "usage:" in capsys.readouterr().err


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
BAD_FILES = {
    "an alias": (BOMB, "line 2: a YAML alias (*name)"),
    "an object": ("a: !!python/object/apply:os.getcwd []", "not YAML"),
    "not YAML": ("a: [", "line 2: not YAML"),
    "not JSON": ('{"a": 1,}', "line 1: not JSON"),
    "a list": ("- 1", "this is not a scenario"),
    "empty": ("", "this is not a scenario"),
    "deep": ("[" * 200_000, "levels deep"),
    "huge": ("#" * 300_000, "more than 256 KiB"),
    "a wrong field": ("proceses: []", "proceses: there is no such field"),
    "a missing field": ("title: x", "processes: the field is missing"),
    "no text": ("a: \x00", "not YAML"),
    "a bad date": ("a: 2001-99-99", "not YAML"),
}


@pytest.mark.parametrize(("text", "says"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_files(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    with pytest.raises(BadScenario) as error:
        load_scenario_file(file)
    assert says in str(error.value), str(error.value)


def test_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_bytes(b"title: \xff")
    with pytest.raises(BadScenario, match="UTF-8"):
        load_scenario_file(file)


def test_the_gallery_begins_with_the_flagship() -> None:
    assert gallery()[0][0] == "two-threads-one-page"


def test_as_a_process() -> None:
    command = [sys.executable, "-m", "engine", "run", "two-threads-one-page"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.endswith("\n") and not done.stderr
    head = subprocess.run(f"{' '.join(command)} | head -1", cwd=ROOT, shell=True,
                          capture_output=True, text=True)  # fmt: skip
    assert head.stdout.startswith("# Two threads") and not head.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", ["kernels", "run two-threads-one-page --json"])
def test_output_that_cannot_be_written_is_told_in_a_sentence(arguments: str) -> None:
    command = f"{sys.executable} -m engine {arguments}"
    full = subprocess.run(f"{command} >/dev/full", cwd=ROOT, shell=True,
                          capture_output=True, text=True)  # fmt: skip
    assert full.returncode == 2
    assert full.stderr.startswith("faultwalk: cannot write") and full.stderr.count("\n") == 1
    shut = subprocess.run(f"{command} >&-", cwd=ROOT, shell=True, capture_output=True, text=True)
    assert not shut.stderr


def test_compare_finds_no_difference_between_v1_and_v2(capsys: Capture) -> None:
    """Oeser's regrouping changed nothing: 4 April 2006."""
    found = data(
        capsys, "compare", "two-threads-one-page", "--kernel", "nopfn-v1", "--other", "nopfn-v2"
    )
    assert found["same"] and found["first"] is None


def test_compare_names_where_v2_and_v3_part(capsys: Capture) -> None:
    arguments = ["compare", "two-threads-one-page", "--kernel", "nopfn-v2", "--other", "nopfn-v3"]
    assert main([*arguments, "--json"]) == 1
    mine, theirs = json.loads(capsys.readouterr().out)["first"]
    assert mine["event"].startswith("B pte/P/0x40003") and theirs["event"].startswith("B gives ptl")


def test_compare_says_the_difference_in_words(capsys: Capture) -> None:
    arguments = ["compare", "two-threads-one-page", "--kernel", "nopfn-v2", "--other", "nopfn-v3"]
    assert main(arguments) == 1
    told = capsys.readouterr().out
    assert "Under v2 B overwrites the filled pte" in told
    assert "B's write is of frame 0x7000b under v2, 0x7000a under v3." in told
