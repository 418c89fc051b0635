"""A second language is only a file: what the engine says in it, what is wrong with a bad one."""

from __future__ import annotations

import ast
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from languages import ENGLISH, Install, all_foreign, english_words, foreign, starts
from scenes import GALLERY

import engine.messages
from app.runs import Runs, told_run
from app.settings import Settings
from engine import EngineError, run, trace_json
from engine.compare import side_by_side
from engine.invariants.order import BUGS
from engine.kernels import KERNELS
from engine.messages import messages
from engine.picture.reading import words
from engine.predict import questions, scenes
from engine.predict.past import Past
from engine.sheets import KINDS, sheet
from engine.sheets.marks import marks
from engine.whatif import fork, offers

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a catalogue beside the English one, as the language xx."""
    (tmp_path / "en.json").write_text(json.dumps(ENGLISH))
    monkeypatch.setattr(engine.messages, "FOLDER", tmp_path)

    def write(catalogue: dict[str, Any]) -> None:
        (tmp_path / "xx.json").write_text(json.dumps(catalogue))

    return write


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The English catalogue and one in which every message is foreign: read once."""
    made = tmp_path_factory.mktemp("messages")
    (made / "en.json").write_text(json.dumps(ENGLISH))
    (made / "xx.json").write_text(json.dumps(all_foreign()))
    return made


@pytest.fixture
def xx(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A language in which every message is foreign."""
    monkeypatch.setattr(engine.messages, "FOLDER", folder)
    return "xx"


def said(trace: dict[str, Any]) -> Iterator[str]:
    """Every sentence of a trace."""
    for step in trace["steps"]:
        yield from (step["what"], step["why"], *(v["text"] for v in step["verdicts"]))
    for rule in trace["outcome"]["invariants"]:
        yield from (rule["title"], rule["text"])
    yield from (vma["backing"] for process in trace["processes"] for vma in process["vmas"])
    yield from (bit["title"] for bit in trace["arch"]["pte_bits"])


def names(trace: dict[str, Any]) -> set[str]:
    """What a scenario itself calls things: they are no English."""
    own = {v["id"] for p in trace["processes"] for v in p["vmas"]} | {"mmap", "cpu"}
    own |= {*trace["scenario"].get("drivers", {}), *trace["scenario"].get("files", {})}
    own |= {child for p in trace["processes"] for child in p["children"]}
    cells = {part for cell in trace["cells"] for part in re.findall(r"[a-z_]+", cell)}
    kernels = {word for id in KERNELS for word in re.findall(r"[a-z]+", id)}
    return {word.lower() for word in own | cells | kernels | set(ENGLISH["steps"])}


def nothing_left(texts: Iterable[str], known: set[str]) -> None:
    """None of the texts has an English word but for these names."""
    found = {text: left for text in texts if (left := set(english_words(text)) - known)}
    assert found == {}


@pytest.mark.parametrize("name", GALLERY)
def test_another_language_leaves_no_english_and_changes_nothing_else(name: str, xx: str) -> None:
    for kernel in ("nopfn-v2", "2.6.19"):
        own = run(GALLERY[name], kernel)
        other = run(GALLERY[name], kernel, language=xx)
        told = trace_json(other)
        nothing_left([*said(told), words(other)], names(told))
        assert (own.check, own.witness) == (other.check, other.witness)


@pytest.mark.parametrize("name", GALLERY)
def test_predict_asks_in_the_language_of_the_run(name: str, xx: str) -> None:
    for kernel in {GALLERY[name].kernel, "2.6.17"}:
        trace = run(GALLERY[name], kernel, language=xx)
        for fact in scenes.facts(Past(trace)):
            options = [text for option in fact.options for text in (option.text, option.because)]
            nothing_left([fact.ask, *options], names(trace_json(trace)))


def test_questions_with_their_scenes_are_in_it_too(
    xx: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = list(islice(GALLERY.items(), 6))
    monkeypatch.setattr(scenes, "gallery", lambda: few)
    for schedule in (None, "A until end; B until end"):
        trace = run(GALLERY["two-threads-one-page"], "nopfn-v2", schedule, xx)
        known = names(trace_json(trace)) | title_words()
        for question in questions(trace):
            choices = [text for c in question.choices for text in (c.text, c.because)]
            titles = [choice.scene.title for choice in question.choices if choice.scene]
            nothing_left([question.ask, *choices, *titles], known)


def title_words() -> set[str]:
    """Titles of scenarios are their own, until somebody translates them."""
    return {word for scenario in GALLERY.values() for word in english_words(scenario.title)}


@pytest.mark.parametrize("name", GALLERY)
def test_what_if_offers_and_refuses_in_it(name: str, xx: str) -> None:
    """But for what a scenario's own rules say, which are problems, and those are English."""
    trace = run(GALLERY[name], language=xx)
    quoted = foreign(ENGLISH["whatif"]["flag.no_scenario"]).partition("{")[0]
    for at in (len(trace.steps) // 2, len(trace.steps)):
        found = offers(trace, at)
        told = [text for offer in found for text in (offer.title, offer.why_not)]
        nothing_left([t for t in told if not t.startswith(quoted)], names(trace_json(trace)))


RACE, ALONE = "two-threads-one-page", "anonymous-read-then-write"
EDITS = {
    "run:B": RACE,
    "answer:SIGBUS": RACE,
    "answer:0x7abcd": RACE,
    "kill:A": RACE,
    "flag:P/mspec:VM_SHARED": RACE,
    "fail:alloc_zeroed_user_highpage": ALONE,
}


@pytest.mark.parametrize(("edit", "name"), EDITS.items())
def test_a_fork_says_in_it_what_was_changed(edit: str, name: str, xx: str) -> None:
    trace = run(GALLERY[name], language=xx)
    for at in (0, 3):
        made = fork(trace, at, edit)
        nothing_left([made.said], names(trace_json(trace)))
        told = names(trace_json(trace)) | title_words() | set(re.findall(r"[a-z]{3,}", edit))
        nothing_left([made.scenario.story], told)


def test_a_fork_of_a_fork_has_one_title(xx: str) -> None:
    trace = run(GALLERY["two-threads-one-page"], language=xx)
    one = fork(trace, 0, "run:B").scenario
    two = fork(run(one, language=xx), 3, "kill:A").scenario
    assert one.title == two.title and foreign("what if") in one.title
    with pytest.raises(EngineError) as error:
        fork(trace, 0, "run:Z")
    assert not set(english_words(error.value.what)) - {"run"}


@pytest.mark.parametrize("name", GALLERY)
def test_runs_are_compared_in_it(name: str, xx: str) -> None:
    following = dict(pairwise([*GALLERY, name]))[name]
    for other, kernel in ((name, "2.6.17"), (following, "2.6.19")):
        sides = run(GALLERY[name], "2.6.19", language=xx), run(GALLERY[other], kernel, language=xx)
        found = side_by_side(*sides)
        first = found["first"] or {"text": "", "left": None, "right": None}
        heads = [side["what"] for side in (first["left"], first["right"]) if side]
        known = {word for side in sides for word in names(trace_json(side))}
        ends = [found["outcome"]["text"], *found["outcome"]["differences"]]
        nothing_left([first["text"], *heads, *ends], known)


def test_a_sheet_has_the_same_marks_in_it(xx: str) -> None:
    for seed in ("1", "2"):
        assert marks(sheet(seed, KINDS, 8, xx)) == marks(sheet(seed, KINDS, 8))


def test_a_run_is_told_in_the_readers_language(xx: str) -> None:
    runs = Runs(Settings(), GALLERY)
    body = b'{"gallery": "two-threads-one-page"}'
    made = {language: told_run(runs, body, language) for language in ("en", xx)}
    assert made["en"].etag != made["xx"].etag
    told = {k: json.loads(gzip.decompress(m.body)) for k, m in made.items()}
    assert told["xx"]["steps"][0]["what"] != told["en"]["steps"][0]["what"]
    assert told["xx"]["check"] == told["en"]["check"]


def test_the_answer_says_its_language(client: httpx.Client) -> None:
    asked = {"gallery": "two-threads-one-page"}
    answer = client.post("/api/run", json=asked, headers={"accept-language": "xx, en;q=0.2"})
    assert answer.headers["content-language"] == "en"
    assert "accept-language" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda c: c["steps"].pop("page_lock"), "steps.page_lock"),
        (lambda c: c["steps"].update(page_lock="{page} {other}"), "steps.page_lock"),
        (lambda c: c["steps"].update(page_lock="no field"), "steps.page_lock"),
        (lambda c: c["steps"].update(page_lock="{page"), "steps.page_lock"),
        (lambda c: c["steps"].update(page_lock="{page.__class__}"), "steps.page_lock"),
        (lambda c: c["steps"].update(nobody="says this"), "steps.nobody"),
        (lambda c: c.update(steps=[]), "messages/xx.json"),
    ],
)
def test_a_file_that_does_not_fit_names_the_message(
    change: Callable[[Any], Any], where: str, install: Install
) -> None:
    catalogue = json.loads(json.dumps(ENGLISH))
    change(catalogue)
    install(catalogue)
    with pytest.raises(EngineError) as error:
        messages("xx")
    assert where in error.value.where and error.value.instead


def test_a_language_that_is_not_there_is_told() -> None:
    with pytest.raises(EngineError, match="there is no 'zz'"):
        run(GALLERY["two-threads-one-page"], language="zz")


PAGES = {
    "gallery",
    "glossary",
    "lessons",
    "link",
    "page",
    "pictures",
    "room",
    "sheets",
    "site",
    "thread",
    "truth",
}
"""What the site says; the rest of the catalogue is the engine's."""


def test_every_message_of_the_engine_is_said_somewhere() -> None:
    """By its key, or by the part of it before a variant that is put together."""
    folder = Path(engine.messages.__file__).parent
    text = "\n".join(f.read_text() for f in [*folder.rglob("*.py"), *(ROOT / "app").glob("*.py")])
    for section in ENGLISH.keys() - PAGES:
        for key in ENGLISH[section]:
            whole = f"{section}.{key}"
            known = {section + "." + start for start in (*starts(key), "{")} | {*starts(key), key}
            assert any(f'"{start}' in text for start in {*known, whole}), whole


ALSO = ("verdicts.py", "compare.py", "picture/reading.py")


def test_no_sentence_of_a_run_stands_in_the_code() -> None:
    """A constant of two words is a docstring, a key or an assertion: never what a reader sees."""
    folder = Path(engine.messages.__file__).parent
    rooms = ("narrate", "invariants", "predict", "whatif")
    files = [file for room in rooms for file in (folder / room).glob("*.py")]
    for file in [*files, *(folder / name for name in ALSO)]:
        for text, line in constants(file):
            words = re.findall(r"\b[a-z]{3,}\b", text)
            assertion = any(bug.startswith(text) for bug in BUGS)
            one = len(words) < 2 or " " not in text.strip()
            assert one or assertion, f"{file.name}:{line}: {text}"


def constants(file: Path) -> Iterator[tuple[str, int]]:
    tree = ast.parse(file.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    raised = (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    docs |= {id(part) for node in raised for part in ast.walk(node)}  # a problem is in English
    named = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(tree):
        told = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if told and id(node) not in docs | named:
            assert isinstance(node, ast.Constant)
            yield str(node.value), node.lineno


OPENING = re.compile(r'<script [^>]*id="opening" data-gallery="([^"]+)">(.*)</script>')


def test_the_run_in_the_document_is_the_one_that_the_api_tells(client: httpx.Client) -> None:
    found = OPENING.search(client.get("/").text)
    assert found
    told = client.post("/api/run", json={"gallery": found[1]}).json()
    assert json.loads(found[2]) == told
    assert "<" not in found[2]
