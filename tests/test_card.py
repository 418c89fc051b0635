"""The card of a run: what is drawn is what happened, it fits, and Predict gives nothing away."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from scenes import GALLERY

from engine import BadScenario, encode_link, run
from engine.picture.card import HEIGHT, WIDTH, card
from engine.picture.measure import FOLDER, FONTS, advances, drawable, fits, width
from engine.picture.phases import phases
from engine.picture.prose import Prose
from engine.picture.raster import png
from engine.picture.reading import Span, bad_steps
from engine.present import KINDS, present, question
from engine.trace import Trace

ROOT = Path(__file__).resolve().parent.parent
FLAGSHIP = run(GALLERY["two-threads-one-page"].model_copy(update={"expect": {}}))
"""As a link has it."""

SVG = "{http://www.w3.org/2000/svg}"
CLASSES = {"b": "bold", "mono": "mono", "m": "medium"}


def titled(title: str) -> Trace:
    """The flagship under another title."""
    return run(GALLERY["two-threads-one-page"].model_copy(update={"title": title}))


def texts(svg: str) -> list[str]:
    """What stands on it."""
    return ["".join(found.itertext()) for found in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("id", GALLERY)
def test_every_run_has_a_card_on_which_all_words_have_room(id: str) -> None:
    trace = run(GALLERY[id])
    for svg in (card(trace), card(trace, 3), card(trace, 3, question(trace, 3))):
        tree = ET.fromstring(svg)
        for text in tree.iter(f"{SVG}text"):
            left, right = reach(text)
            assert left >= 40 and right <= WIDTH - 50, "".join(text.itertext())
            assert 30 < float(text.attrib["y"]) < HEIGHT - 40
        for box in tree.iter(f"{SVG}rect"):
            if "y" in box.attrib:
                assert 0 <= float(box.attrib["y"]) < HEIGHT - float(box.attrib["height"])


def reach(text: ET.Element) -> tuple[float, float]:
    """From where to where a text goes."""
    size = float(text.attrib["font-size"])
    kinds = text.attrib["class"].split()
    font = next(CLASSES[k] for k in kinds if k in CLASSES)
    wide = width("".join(text.itertext()), size, font)
    x = float(text.attrib["x"])
    left = x - wide / 2 if "mid" in kinds else x - wide if "end" in kinds else x
    return left, left + wide


def test_the_flagships_card_tells_the_race() -> None:
    said = texts(card(FLAGSHIP, 31))
    for word in ("Two threads, one page", "A", "B", "pte", "empty", "0x7000a", "0x7000b",
                 "reads 0x7000a", "writes", "nopfn", "step 31"):  # fmt: skip
        assert word in said, word
    verdict = " ".join(said[-2:])
    assert "never sees what B wrote" in verdict
    assert card(FLAGSHIP).count('class="oct"') == len(bad_steps(FLAGSHIP)) + 1


@pytest.mark.parametrize("id", GALLERY)
def test_a_quiz_shows_nothing_of_what_comes(id: str) -> None:
    """The card at a step is the same whatever comes after it, but for how long the run is."""
    trace = run(GALLERY[id])
    for at in (0, len(trace.steps) // 2):
        svg = card(trace, at, "?")
        later = {n for n in bad_steps(trace) if n > at}
        assert svg.count('class="oct"') == len(bad_steps(trace)) - len(later)
        veil = next(
            r for r in ET.fromstring(svg).iter(f"{SVG}rect") if r.attrib.get("class") == "veil"
        )
        for box in ET.fromstring(svg).iter(f"{SVG}rect"):
            if box.attrib.get("class") in ("act", "turn", "rw", "ro", "lock", "wait"):
                end = float(box.attrib["x"]) + float(box.attrib["width"])
                assert end <= float(veil.attrib["x"]) + 4


def test_a_question_of_later_is_not_asked() -> None:
    """It would say what happens until then."""
    assert "0x7000b" not in question(FLAGSHIP, 14)
    assert "0x7000b" in question(FLAGSHIP, 30)


@pytest.mark.parametrize(
    "title",
    ["x" * 120, "A very long title that nobody would write, about " + "pages " * 11, "W" * 40,
     "<b>&amp;\"'", "中文标题 🧩", "Über Größe: Ελληνικά, русский"],
)  # fmt: skip
def test_titles_fit(title: str) -> None:
    trace = titled(title)
    said = [
        t for t in ET.fromstring(card(trace)).iter(f"{SVG}text") if t.attrib["class"] == "b ink"
    ]
    assert all(reach(text)[1] <= WIDTH - 50 for text in said)
    data = png(trace)
    assert struct.unpack(">II", data[16:24]) == (WIDTH, HEIGHT)


def test_short_prose_is_whole_and_long_prose_ends_in_dots() -> None:
    whole = Prose("one `two` @A three", 20, 500, "medium", threads=["A"])
    assert whole.svg(0, 0, 20).count("<tspan") == 2
    cut = Prose("word " * 100, 20, 300, "medium", 2)
    assert len(cut.lines) == 2 and cut.lines[-1][-1][1] == "…"
    assert fits("abc", 20, 500) == "abc" and fits("abcdefgh" * 9, 20, 90).endswith("…")


def test_phases_cover_every_step_once() -> None:
    for trace in map(run, GALLERY.values()):
        for thread in trace.sim.threads:
            own = [t.moment.number for t in trace.steps if t.moment.thread == thread]
            room = lambda span: 10.0 * (span.end - span.start)  # noqa: E731
            found = phases(trace, thread, room, lambda word: 9.0 * len(word), len(trace.steps))
            covered = [n for p in found for n in range(p.span.start + 1, p.span.end + 1)]
            assert covered == own


def test_phases_join_until_words_have_room() -> None:
    def shown(step: float) -> int:
        room = lambda span: step * (span.end - span.start)  # noqa: E731
        return len(phases(FLAGSHIP, "A", room, lambda w: 9.0 * len(w), len(FLAGSHIP.steps)))

    assert shown(4) < shown(25) < shown(200)
    assert Span(0, 7) == phases(FLAGSHIP, "A", lambda _: 0.0, lambda _: 1.0, 7)[0].span


def test_fonts_are_there_with_their_licence() -> None:
    for name in FONTS:
        assert advances(name)[ord("A")] > 0.4
    assert drawable("Größe — ’…· × Ελληνικά") and not drawable("中")
    assert "SIL OPEN FONT LICENSE" in FOLDER.joinpath("inter-700.LICENSE").read_text().upper()


@pytest.mark.parametrize("name", GALLERY)
def test_no_card_of_the_gallery_needs_fonts_of_the_system(name: str) -> None:
    trace = run(GALLERY[name])
    for at in {0, len(trace.steps) // 2, len(trace.steps)}:
        assert drawable(card(trace, at)) and drawable(card(trace, at, question(trace, at)))


def test_the_same_run_is_the_same_picture() -> None:
    assert png(FLAGSHIP, 31) == png(run(GALLERY["two-threads-one-page"]), 31)


def test_a_picture_without_script_styles_or_addresses() -> None:
    svg = card(titled("javascript:alert(1) <script>"), 3)
    assert "<script" not in svg and "href" not in svg and "style=" not in svg


def test_there_is_no_other_form() -> None:
    with pytest.raises(BadScenario):
        present(FLAGSHIP, "gif")


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_line_writes_the_same(kind: str) -> None:
    link = encode_link(FLAGSHIP.scenario, FLAGSHIP.witness)
    url = f"https://faultwalk.example/#{link}&t=14&m=predict"
    command = [sys.executable, "-m", "engine", "run", url, "--as", kind]
    done = subprocess.run(command, capture_output=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout == present(FLAGSHIP, kind, 14, quiz=True)
    plain = [*command[:4], "two-threads-one-page", "--as", kind, "--at", "31"]
    trace = run(GALLERY["two-threads-one-page"])
    assert subprocess.run(plain, capture_output=True, cwd=ROOT).stdout == present(trace, kind, 31)


def test_markdown_cannot_be_broken_out_of() -> None:
    text = present(titled("# [x](javascript:1) <img> *a* `b`"), "md").decode()
    first = text.splitlines()[0]
    assert re.search(r"\\#.*\\\[x\\\]", first) and "\\<img\\>" in first
