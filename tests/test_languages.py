"""A second language is only a file: what the engine says in it, what is wrong with a bad one."""

from __future__ import annotations

import ast
import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import engine.messages
from app.runs import Runs, told_run
from app.settings import Settings
from engine import EngineError, gallery, run, trace_json
from engine.invariants.order import BUGS
from engine.messages import messages

ENGLISH: dict[str, dict[str, str]] = json.loads((engine.messages.FOLDER / "en.json").read_text())
GALLERY = dict(gallery())
KEPT = re.compile(r"\{\w+\}|`[^`]*`")
WIDE = {i: i + 0xFEE0 for i in range(0x21, 0x7F) if chr(i).isalpha()}

Install = Callable[[dict[str, Any]], None]


def foreign(text: str) -> str:
    """The text in letters that are no ASCII, but for its fields and code."""
    parts, kept = KEPT.split(text), KEPT.findall(text)
    wide = [part.translate(WIDE) for part in parts]
    return "".join(w + k for w, k in zip(wide, [*kept, ""], strict=True))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a catalogue beside the English one, as the language xx."""
    (tmp_path / "en.json").write_text(json.dumps(ENGLISH))
    monkeypatch.setattr(engine.messages, "FOLDER", tmp_path)

    def write(catalogue: dict[str, Any]) -> None:
        (tmp_path / "xx.json").write_text(json.dumps(catalogue))

    return write


def all_foreign() -> dict[str, dict[str, str]]:
    return {name: {k: foreign(t) for k, t in one.items()} for name, one in ENGLISH.items()}


def said(trace: dict[str, Any]) -> Iterator[str]:
    """Every sentence of a trace."""
    for step in trace["steps"]:
        yield from (step["what"], step["why"], *(v["text"] for v in step["verdicts"]))
    for rule in trace["outcome"]["invariants"]:
        yield from (rule["title"], rule["text"])


def english_words(text: str) -> list[str]:
    """What is left of English: ASCII words that are neither code, thread, step nor a name."""
    bare = re.sub(r"`[^`]*`|@[\w-]+|#\d+|\b0x[0-9a-f]+\b", "", text)
    return re.findall(r"\b[a-z]{3,}\b", bare)


def names(trace: dict[str, Any]) -> set[str]:
    """What a scenario itself calls things: they are no English."""
    own = {v["id"] for p in trace["processes"] for v in p["vmas"]} | {"mmap", "cpu"}
    own |= {*trace["scenario"].get("drivers", {}), *trace["scenario"].get("files", {})}
    own |= {child for p in trace["processes"] for child in p["children"]}
    cells = {part for cell in trace["cells"] for part in re.findall(r"[a-z_]+", cell)}
    return {word.lower() for word in own | cells | set(ENGLISH["steps"])}


@pytest.mark.parametrize("name", GALLERY)
def test_another_language_leaves_no_english_and_changes_nothing_else(
    name: str, install: Install
) -> None:
    install(all_foreign())
    for kernel in ("nopfn-v2", "2.6.19"):
        own = run(GALLERY[name], kernel)
        other = run(GALLERY[name], kernel, language="xx")
        told = trace_json(other)
        left = {w for text in said(told) for w in english_words(text)} - names(told)
        assert left == set()
        assert (own.check, own.witness) == (other.check, other.witness)


def test_a_run_is_told_in_the_readers_language(install: Install) -> None:
    install(all_foreign())
    runs = Runs(Settings(), GALLERY)
    body = b'{"gallery": "two-threads-one-page"}'
    made = {language: told_run(runs, body, language) for language in ("en", "xx")}
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


def test_every_message_of_the_engine_is_said_somewhere() -> None:
    """By its key, or by the part of it before a variant that is put together."""
    folder = Path(engine.messages.__file__).parent
    text = "\n".join(f.read_text() for f in folder.rglob("*.py"))
    for section in ("steps", "verdicts", "invariants", "bugs", "lists"):
        for key in ENGLISH[section]:
            whole = f"{section}.{key}"
            starts = (key, whole, key.rpartition(".")[0] + ".", key.rpartition("_")[0] + "_")
            assert any(f'"{start}' in text for start in starts if len(start) > 1), whole


def test_no_sentence_of_a_run_stands_in_the_code() -> None:
    """A constant of two words is a docstring, a key or an assertion: never what a reader sees."""
    folder = Path(engine.messages.__file__).parent
    files = [*(folder / "narrate").glob("*.py"), *(folder / "invariants").glob("*.py")]
    for file in [*files, folder / "verdicts.py"]:
        for text, line in constants(file):
            words = re.findall(r"\b[a-z]{3,}\b", text)
            assertion = any(bug.startswith(text) for bug in BUGS)
            one = len(words) < 2 or " " not in text.strip()
            assert one or assertion, f"{file.name}:{line}: {text}"


def constants(file: Path) -> Iterator[tuple[str, int]]:
    tree = ast.parse(file.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    named = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(tree):
        told = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if told and id(node) not in docs | named:
            assert isinstance(node, ast.Constant)
            yield str(node.value), node.lineno
