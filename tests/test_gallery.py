"""The gallery: every scenario is complete, runs as it says, and expects what its sources say."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from engine.conform.rows import KERNEL_OF
from engine.errors import EngineError
from engine.expectations import unmet
from engine.gallery import FOLDER, gallery
from engine.invariants import INVARIANTS
from engine.kernels import HISTORY
from engine.listing import FILE, LEVELS, listed, listing
from engine.scenario import Expect, Note, Scenario
from engine.trace import run

WHOLE = Path(__file__).parent.parent.parent / "shared" / "oracle" / "linux-2.6.jsonl.gz"
GALLERY = dict(gallery())
FLAGSHIP = "two-threads-one-page"
EXPECTED = [(id, kernel) for id, scenario in GALLERY.items() for kernel in scenario.expect]
FROM_ROWS = [(i, k) for i, k in EXPECTED if GALLERY[i].expect[k].source.startswith("oracle")]
ROW = re.compile(r"oracle ([0-9a-f]{10}), ([^,;]+), ([^,;]+)(;.*)?")
"""What a source says that names a row. After a semicolon: in what the row's setup differs."""

Row = dict[str, Any]
RAM = 0x800


@cache
def oracle() -> dict[tuple[str, str, str], list[Row]]:
    """The final states of every row, by id, revision and arch. Skips the test if there are none."""
    if not WHOLE.exists():
        pytest.skip("the whole oracle, linux-2.6.jsonl.gz, is not here")
    found: dict[tuple[str, str, str], list[Row]] = {}
    with gzip.open(WHOLE, "rt") as file:
        for line in file:
            row = json.loads(line)
            found.setdefault((row["id"], row["revision"], row["arch"]), []).append(row)
    return found


def test_the_list_has_every_file_once_the_flagship_first() -> None:
    ids = [entry.id for claim in listed() for entry in claim.entries]
    assert sorted(ids) == sorted(file.stem for file in FOLDER.glob("*.yaml") if file != FILE)
    assert list(GALLERY) == ids
    assert ids[0] == FLAGSHIP
    assert len(ids) >= 28


def test_the_list_says_of_each_what_it_is_about_for_whom_and_how_long() -> None:
    assert len({claim.id for claim in listed()}) == len(listed())
    for claim in listed():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", claim.id)
        assert claim.group and claim.says.endswith(".") and claim.entries
        levels = [LEVELS.index(entry.level) for entry in claim.entries]
        assert levels == sorted(levels), "easier ones first"
        assert all(1 <= entry.minutes <= 5 for entry in claim.entries)


def test_a_scenario_that_nobody_has_listed_comes_last() -> None:
    added = listing({*GALLERY, "brand-new"})[-1]
    assert [entry.id for entry in added.entries] == ["brand-new"]
    assert listing(GALLERY) == listed()


@pytest.mark.parametrize("id", GALLERY)
def test_a_scenario_has_all_its_parts(id: str) -> None:
    scenario = GALLERY[id]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id)
    assert 1 <= len(scenario.title.split()) <= 8
    scene, _, watch = scenario.story.partition("\n")
    head, *rest = re.split(r"(?<=[.!?])\s+", scene)
    assert len(head.split()) <= 12 and rest, "a story is a headline and what the scene is"
    assert re.fullmatch(r"[^\n.]+(\.\S[^\n.]*)*\.", watch), (
        "and, apart, a sentence on what to watch"
    )
    assert scenario.kernel in scenario.expect
    assert len(scenario.threads()) == 1 or scenario.schedule
    assert len(scenario.notes) <= 4
    for expect in scenario.expect.values():
        assert set(expect.broken) <= set(INVARIANTS)


@pytest.mark.parametrize("id", GALLERY)
def test_notes_stand_at_steps_that_happen(id: str) -> None:
    moments = [told.moment for told in run(GALLERY[id]).steps]
    happened = {(moment.thread, moment.op, moment.nth) for moment in moments}
    for note in GALLERY[id].notes:
        assert (note.thread, note.op, note.nth) in happened


@pytest.mark.parametrize("id", GALLERY)
def test_a_note_is_shown_only_where_its_step_is_the_one_it_was_written_for(id: str) -> None:
    """Another kernel does something else there: its narration has another key, or no such step."""
    for number, note in enumerate(GALLERY[id].notes):
        own = narrated(id, GALLERY[id].kernel, note)
        under = note.under or (GALLERY[id].kernel,)
        assert own and GALLERY[id].kernel in under
        assert list(under) == [k.id for k in HISTORY if k.id in under]
        other = [k for k in under if narrated(id, k, note) != own]
        assert other == [], f"note {number}"


@cache
def narrated(id: str, kernel: str, note: Note) -> str | None:
    """The key by which a note's step is told."""
    for told in run(GALLERY[id], kernel).steps:
        moment = told.moment
        if (moment.thread, moment.op, moment.nth) == (note.thread, note.op, note.nth):
            return told.narration.key
    return None


@pytest.mark.parametrize("id", GALLERY)
def test_every_switch_of_the_schedule_happens(id: str) -> None:
    moments = [told.moment for told in run(GALLERY[id]).steps]
    happened = {(moment.thread, f"{moment.op}#{moment.nth}") for moment in moments}
    for switch in GALLERY[id].schedule:
        assert switch.until == "end" or (switch.run, switch.until) in happened


@pytest.mark.parametrize(("id", "kernel"), EXPECTED)
def test_expectations_are_met(id: str, kernel: str) -> None:
    assert unmet(GALLERY[id], kernel) == []


def test_expectations_are_not_always_met() -> None:
    scenario = GALLERY[FLAGSHIP]
    right = scenario.expect["nopfn-v2"]
    wrong = {
        "returns": {"A": ("MAJOR",)},
        "saw": {"B": ("write 0x7000a",)},
        "pte": {"mspec[3]": "0x7000b ro dirty"},
        "signals": {"A": "SIGBUS/ADRERR"},
        "bug": "BUG_ON COW mapping",
        "broken": ("overwrite",),
        "stale": (),
        "stuck": ("A",),
    }
    for field, value in wrong.items():
        expect = {"nopfn-v2": right.model_copy(update={field: value})}
        changed = scenario.model_copy(update={"expect": expect})
        assert len(unmet(changed, "nopfn-v2")) == 1, field


def test_another_kernel_does_not_meet_them() -> None:
    scenario = GALLERY[FLAGSHIP]
    swapped = {"nopfn-v3": scenario.expect["nopfn-v2"]}
    assert unmet(scenario.model_copy(update={"expect": swapped}), "nopfn-v3")


def test_a_kernel_without_expectations_is_an_error() -> None:
    with pytest.raises(EngineError):
        unmet(GALLERY[FLAGSHIP], "2.6.16")


@pytest.mark.parametrize(("id", "kernel"), EXPECTED)
def test_a_source_is_a_row_a_message_or_a_kernel_function(id: str, kernel: str) -> None:
    source = GALLERY[id].expect[kernel].source
    assert ROW.fullmatch(source) or re.match(r"mail of .+, 2006-04-\d\d|linux-2\.6\.\d\d/", source)


@pytest.mark.parametrize(("id", "kernel"), FROM_ROWS)
def test_a_named_row_exists_and_says_what_is_expected(id: str, kernel: str) -> None:
    scenario, expect = GALLERY[id], GALLERY[id].expect[kernel]
    named = ROW.fullmatch(expect.source)
    assert named
    row_id, revision, arch, differs = named.groups()
    assert KERNEL_OF.get(revision, revision) == kernel
    assert differs or arch == scenario.arch
    rows = oracle().get((row_id, revision, arch))
    assert rows, f"there is no row {row_id} of {revision} on {arch}"
    says = (says_it(scenario, expect, row, bool(differs)) for row in rows)
    assert any(says), f"no row {row_id} of {revision} on {arch} comes to this"


def test_rows_contradict_another_outcome() -> None:
    id, kernel = "private-write-hits-device", "nopfn-v3"
    scenario, right = GALLERY[id], GALLERY[id].expect[kernel]
    rows = oracle()["b8260d5a9a", "v3", "i386"]
    wrong = {
        "returns": {"A": ("MAJOR",)},
        "saw": {"A": ("write fresh1", "read fresh1")},
        "pte": {"mspec[3]": "0x70003 rw clean"},
        "signals": {"A": "SIGBUS/ADRERR"},
        "bug": "BUG_ON COW mapping",
        "stale": (0,),
    }
    assert any(says_it(scenario, right, row, False) for row in rows)
    for field, value in wrong.items():
        changed = right.model_copy(update={field: value})
        assert not any(says_it(scenario, changed, row, False) for row in rows), field


# --- an expectation and a row in one shape


def says_it(scenario: Scenario, expect: Expect, row: Row, differs: bool) -> bool:
    """Whether a row's final state is what is expected; one that differs may go less far."""
    for threads in permutations(t.name for _, t in scenario.threads()):
        theirs, ours = in_short(row, len(threads)), expected(scenario, expect, threads, differs)
        if not differs and ours == theirs:
            return True
        if differs and all(goes_on(ours[part], theirs[part]) for part in ours):
            return True
    return False


def in_short(row: Row, threads: int) -> Row:
    """The parts of a row's final state that an expectation speaks of."""
    final, name = row["final"], Names()
    names = [f"T{n}" for n in range(threads)]
    seen = [[a.partition(":")[::2] for a in final["saw"][t].split(",") if a] for t in names]
    return {
        "returns": [[code for code in final["ret"][t].split(",") if code] for t in names],
        "saw": [[(how, name.of_row(int(pfn, 16), row)) for how, pfn in t] for t in seen],
        "signals": [final["signal"][t] for t in names],
        "bug": kind(final["bug"]),
        "stale": [n for n in range(threads) if final["stale_tlb"][n]],
        "pte": row_pte(final["pte"], row, name),
        "child": row_pte(final["pte_child"], row, name),
    }


def expected(scenario: Scenario, expect: Expect, threads: Iterable[str], differs: bool) -> Row:
    """An expectation in the same shape, with its threads in this order."""
    threads, name = list(threads), Names()
    cpus = [t.cpu if t.cpu is not None else n for n, (_, t) in enumerate(scenario.threads())]
    order = [t.name for _, t in scenario.threads()]
    seen = [[a.split() for a in expect.saw[t]] for t in threads]
    parts: Row = {
        "returns": [list(expect.returns[t]) for t in threads],
        "saw": [[(how[0].upper(), name.again(frame)) for how, frame in t] for t in seen],
        "signals": [expect.signals.get(t, "") for t in threads],
        "bug": kind(expect.bug),
    }
    if differs:
        return parts
    ptes = {place.rpartition("/")[0]: words for place, words in expect.pte.items()}
    parts["stale"] = [n for n, t in enumerate(threads) if cpus[order.index(t)] in expect.stale]
    for part, mm in (("pte", ""), ("child", "child")):
        parts[part] = name.rename(ptes[mm]) if mm in ptes else None
    return parts


def row_pte(pte: Any, row: Row, name: Names) -> str | None:
    if pte is None or pte["none"]:
        return pte and "none"
    if not pte["present"]:
        return "not present"
    words = "rw" if pte["rw"] else "ro", "dirty" if pte["dirty"] else "clean"
    return " ".join((name.of_row(int(pte["pfn"], 16), row), *words))


def goes_on(ours: Any, theirs: Any) -> bool:
    """Whether ours is theirs, or goes on after it; what an access does may differ."""
    if not isinstance(ours, list):
        return bool(ours == theirs)
    for mine, its in zip(ours, theirs, strict=True):
        if isinstance(its, list):
            its = [frame[1] if isinstance(frame, tuple) else frame for frame in its]
            mine = [frame[1] if isinstance(frame, tuple) else frame for frame in mine]
            if mine[: len(its)] != its:
                return False
        elif mine != its:
            return False
    return True


def kind(bug: str | None) -> str | None:
    """The assertion, without the place where it stands."""
    return bug and bug.partition(" (")[0]


class Names:
    """Names for pages in order of mention: a row's and ours have other frame numbers."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}

    def again(self, name: str) -> str:
        """A name in our own order of mention."""
        if name.startswith(("fresh", "driver")):
            return self.pages.setdefault(name, f"page{len(self.pages) + 1}")
        return name

    def rename(self, pte: str) -> str:
        """The words of a pte, with the frame by its name in our order."""
        frame, _, flags = pte.partition(" ")
        return f"{self.again(frame)} {flags}" if flags else pte

    def of_row(self, pfn: int, row: Row) -> str:
        """A row's frame."""
        if pfn == 1:
            return "zero"
        if pfn == 2 and ("file" in row["scenario"]["vma"] or "both" in row["scenario"]["vma"]):
            return "pagecache"
        return self.again(f"fresh {pfn:#x}") if 0 < pfn < RAM else f"{pfn:#x}"
