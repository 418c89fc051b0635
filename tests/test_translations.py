"""What a reader of a second language sees: its messages, and what is written overlaid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from languages import ENGLISH, Page, all_foreign, english_words
from scenes import GALLERY

import engine.messages
from app.content import content
from app.main import create_app
from app.settings import Settings
from engine import EngineError
from engine.kernels import HISTORY

PAGES = (
    "/",
    "/edit",
    "/compare",
    "/play",
    "/be-the-kernel",
    "/gallery",
    "/lessons",
    "/lessons/recheck",
    "/lessons/edit",
    "/sheet?seed=1",
    "/sheet?seed=1&key=1",
    "/inventory",
    "/inventory?form=after&key=1",
    "/thread",
    "/glossary",
    "/truth",
    "/known-differences",
    "/operators",
)
NAMES = {
    "faultwalk",
    "linux",
    "kernel",
    "jsonl",
    "pgd",
    "pud",
    "pmd",
    "pte",
    "pfn",
    "pae",
    "lock",
    "mapcount",
    "child",
}
"""Names that stand in every language."""

OVERLAYS: dict[str, Any] = {
    "scenarios": {
        "two-threads-one-page": {
            "title": "Zwei Fäden, eine Seite",
            "story": "Zwei Fäden berühren dieselbe Seite. Sieh zu.",
            "notes": ["B findet auch nichts."],
        }
    },
    "gallery": {"recheck": {"group": "Nachsehen unter dem Schloss"}},
    "kernels": {"nopfn-v3": "v3: zuerst nopage, dann nachsehen"},
    "glossary": {
        "groups": {"entries": "Seitentabellen"},
        "terms": {"pte": {"short": "Ein Eintrag einer Seitentabelle.", "text": "Er hat Bits."}},
    },
    "thread": {
        "title": "Achtzehn Nachrichten",
        "messages": {1: {"says": "Schickt es wieder.", "claims": [{"text": "Das braucht es."}]}},
        "after": {"title": "Danach"},
    },
    "levels": {
        "overwrite": {"says": "Überschreibe eine pte.", "because": {"nopfn-v3": "Er sieht nach."}}
    },
    "kernel-tasks": {"first-read": {"says": "Lies, was niemand berührt hat."}},
    "truth": {"v3 without its second look.": "v3 ohne zweiten Blick."},
}


def add_language(folder: Path, name: str, catalogue: Any, overlays: dict[str, Any]) -> None:
    """A second language in a folder of messages."""
    (folder / "en.json").write_text(json.dumps(ENGLISH))
    (folder / f"{name}.json").write_text(json.dumps(catalogue))
    (folder / name).mkdir()
    for part, texts in overlays.items():
        (folder / name / f"{part}.yaml").write_text(yaml.safe_dump(texts, allow_unicode=True))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The site in two more languages: xx has all messages and no more, yy some overlays."""
    folder = tmp_path_factory.mktemp("messages")
    add_language(folder, "xx", all_foreign(), {})
    add_language(folder, "yy", ENGLISH, OVERLAYS)
    (folder / "yy" / "known-differences.md").write_text("# Unterschiede\n## Was fehlt\n- eins\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.messages, "FOLDER", folder)
        yield create_app(Settings(rate_limit=False))


@pytest.fixture
def foreign(site: FastAPI) -> TestClient:
    """A reader of xx."""
    return TestClient(site, headers={"accept-language": "xx"})


@pytest.fixture
def overlaid(site: FastAPI) -> TestClient:
    """A reader of yy."""
    return TestClient(site, headers={"accept-language": "yy"})


def known_words() -> set[str]:
    """Words that scenarios' own names bring along: vmas, drivers, threads, files."""
    found = set(NAMES)
    for scenario in GALLERY.values():
        found |= {t.name for _, t in scenario.threads()}
        found |= {v.name for p in scenario.processes for v in p.vmas}
        found |= {*scenario.files, *scenario.drivers}
    return found | {word for k in HISTORY for word in re.findall(r"[a-z]+", k.id)}


def without_titles(label: str) -> str:
    for scenario in GALLERY.values():
        label = label.replace(scenario.title, "")
    return label


@pytest.mark.parametrize("address", PAGES)
def test_what_is_english_on_a_page_is_marked(address: str, foreign: TestClient) -> None:
    answer = foreign.get(address)
    assert answer.headers["content-language"] == "xx" and '<html lang="xx">' in answer.text
    page = Page(answer.text)
    labels = [without_titles(label) for label in page.labels]  # no part of one can be marked
    left = {t: set(english_words(t)) - known_words() for t in (*page.said, *labels)}
    assert {text: words for text, words in left.items() if words} == {}


@pytest.mark.parametrize("address", PAGES)
def test_an_english_page_marks_nothing(address: str, foreign: TestClient) -> None:
    page = foreign.get(address, headers={"accept-language": "en"}).text
    assert page.count('lang="en"') == 1


def test_scripts_get_their_words_and_no_more(foreign: TestClient) -> None:
    told = {a: foreign.get(a).text.partition('id="messages">')[2] for a in ("/", "/glossary")}
    words = {a: json.loads(text.partition("</script>")[0]) for a, text in told.items()}
    assert set(words["/glossary"]) == {"find_term", "n_terms", "no_term"}
    assert not any(key.startswith("edit_") for key in words["/"])
    assert words["/"]["share"] == all_foreign()["page"]["share"]
    assert foreign.get("/words/editor").json()["edit_about"] == all_foreign()["page"]["edit_about"]


@pytest.mark.parametrize(
    ("address", "foreign_text", "english_text"),
    [
        ("/gallery", "Zwei Fäden, eine Seite", GALLERY["recheck-before-store"].title),
        ("/gallery", "Zwei Fäden berühren dieselbe Seite.", "COW confuses the VM"),
        ("/gallery", "Nachsehen unter dem Schloss", ""),
        ("/thread", "Achtzehn Nachrichten", ""),
        ("/thread", "Schickt es wieder.", "With a driver that names one frame"),
        ("/thread", "Das braucht es.", "[patch] do_no_pfn handler"),
        ("/thread", "zuerst nopage, dann nachsehen", "the dispatch regrouped"),
        ("/thread", "Zwei Fäden, eine Seite", GALLERY["lost-dirty-bit"].title),
        ("/thread", "Danach", ""),
        ("/glossary", "Ein Eintrag einer Seitentabelle.", "An empty pte, every bit zero."),
        ("/glossary", "Er hat Bits.", "This tool's words"),
        ("/glossary", "Seitentabellen", ""),
        ("/truth", "v3 ohne zweiten Blick.", "the rows' fork wrapper skips"),
        ("/truth", "Was fehlt: 1", ""),
        ("/known-differences", "Unterschiede", ""),
    ],
)
def test_an_overlay_is_told_and_what_it_lacks_is_marked(
    address: str, foreign_text: str, english_text: str, overlaid: TestClient
) -> None:
    page = Page(overlaid.get(address).text)
    assert any(foreign_text in text for text in page.said)
    assert not any(foreign_text in text for text in page.marked)
    if english_text:
        assert any(english_text in text for text in page.marked), page.marked[:5]
        assert not any(english_text in text for text in page.said)


def test_the_stage_gets_a_scenarios_words_beside_the_scenario(overlaid: TestClient) -> None:
    own = GALLERY["two-threads-one-page"]
    run = overlaid.post("/api/run", json={"gallery": "two-threads-one-page"}).json()
    told = run["told"]
    assert told["title"] == {"text": "Zwei Fäden, eine Seite", "lang": ""}
    assert told["notes"][0]["lang"] == "" and told["notes"][1]["lang"] == "en"
    assert run["scenario"]["title"] == own.title and run["kernel"]["id"] == own.kernel
    again = overlaid.post("/api/run", json={"scenario": run["scenario"], "kernel": "nopfn-v3"})
    assert again.json()["told"]["title"] == told["title"]
    assert again.json()["kernel"]["title"] == "v3: zuerst nopage, dann nachsehen"
    english = {"accept-language": "en"}
    same = overlaid.post("/api/run", json={"gallery": "two-threads-one-page"}, headers=english)
    assert "told" not in same.json() and same.json()["link"] == run["link"]


def test_the_game_gets_its_levels_overlaid(overlaid: TestClient) -> None:
    level = next(one for one in overlaid.get("/api/levels").json() if one["id"] == "overwrite")
    assert level["says"] == {"text": "Überschreibe eine pte.", "lang": ""}
    assert level["hint"]["lang"] == "en" and level["because"]["nopfn-v3"]["lang"] == ""
    assert level["scene"]["text"] == "Zwei Fäden, eine Seite"


def test_tasks_are_overlaid_and_judged_in_the_readers_language(
    overlaid: TestClient, foreign: TestClient
) -> None:
    task = overlaid.get("/api/kernel-tasks").json()[0]
    assert task["says"] == {"text": "Lies, was niemand berührt hat.", "lang": ""}
    assert task["hint"]["lang"] == "en"
    asked = {"task": "first-read", "kernel": "2.6.17", "moves": ["walk", "up_read"]}
    made = foreign.post("/api/kernel-play", json=asked)
    assert made.headers["content-language"] == "xx"
    for verdict in made.json()["moves"]:
        assert not english_words(verdict["says"][0]["text"])


def test_lists_are_told_too(overlaid: TestClient) -> None:
    listed = {entry["id"]: entry for entry in overlaid.get("/api/scenarios").json()}
    assert listed["two-threads-one-page"]["title"] == "Zwei Fäden, eine Seite"
    assert "lang" not in listed["two-threads-one-page"]
    assert listed["recheck-before-store"]["lang"] == "en"
    assert listed["recheck-before-store"]["group"] == "Nachsehen unter dem Schloss"
    terms = overlaid.get("/api/glossary").json()
    assert (
        terms["pte"]["short"] == "Ein Eintrag einer Seitentabelle." and "lang" not in terms["pte"]
    )
    assert terms["TLB"]["lang"] == "en"
    assert "lang" not in overlaid.get("/api/glossary?lang=en").json()["TLB"]


def test_predict_and_what_if_name_scenarios_as_the_reader_does(overlaid: TestClient) -> None:
    run = {"gallery": "two-threads-one-page"}
    made = overlaid.post("/api/whatif", json={"run": run, "at": 0, "edit": "run:B"}).json()
    assert "“Zwei Fäden, eine Seite”" in made["scenario"]["story"]
    assert made["scenario"]["title"] == "Zwei Fäden, eine Seite, what if"


@pytest.mark.parametrize("address", ["/nowhere", "/api/scenarios/nowhere"])
def test_problems_are_in_english_and_say_so(address: str, foreign: TestClient) -> None:
    answer = foreign.get(address)
    assert answer.status_code == 404 and answer.headers["content-language"] == "en"
    assert english_words(answer.json()["detail"])


def test_a_refused_fork_is_told_in_the_readers_language(foreign: TestClient) -> None:
    body = {"run": {"gallery": "two-threads-one-page"}, "at": 0, "edit": "answer:none"}
    answer = foreign.post("/api/whatif", json=body)
    assert answer.status_code == 422 and answer.headers["content-language"] == "xx"


@pytest.mark.parametrize(
    ("name", "texts", "where"),
    [
        ("scenarios", {"nobody": {"title": "x"}}, "scenarios.yaml: nobody"),
        ("scenarios", {"two-threads-one-page": {"titel": "x"}}, "two-threads-one-page titel"),
        ("scenarios", {"two-threads-one-page": {"notes": ["x"] * 9}}, "two-threads-one-page notes"),
        ("scenarios", {"two-threads-one-page": "x"}, "scenarios.yaml: two-threads-one-page"),
        ("glossary", {"terms": {"pte": {"short": 3}}}, "glossary.yaml: terms pte short"),
        ("truth", {"nobody wrote this": "x"}, "truth.yaml: nobody wrote this"),
    ],
)
def test_an_overlay_that_does_not_fit_names_the_text(
    name: str, texts: Any, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_language(tmp_path, "zz", ENGLISH, {name: texts})
    monkeypatch.setattr(engine.messages, "FOLDER", tmp_path)
    with pytest.raises(EngineError) as error:
        content("zz")
    assert where in error.value.where and error.value.instead
    with pytest.raises(EngineError):
        create_app()
