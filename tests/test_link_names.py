"""Names of links, the same in Python and in the browser; links once published, which open for ever.

tests/links/vectors.json: contents, their canonical form, their names; tests/links/published.json:
every link of the README, the pages and the gallery, with what it showed. Neither is ever edited:
FAULTWALK_PUBLISHED=write adds what is new.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import GALLERY

from engine import BadLink, encode_link, run
from engine.ending import ending
from engine.link_id import ALPHABET, SHAPE, SHORT, is_id, link_name, spells, tidy
from engine.share import canonical, decode_content, read_content
from engine.trace_form import drift

ROOT = Path(__file__).resolve().parent.parent
LINKS = ROOT / "tests" / "links"
VECTORS = json.loads((LINKS / "vectors.json").read_text())
PUBLISHED: list[dict[str, Any]] = json.loads((LINKS / "published.json").read_text())
WRITTEN = re.compile(r"#(s=[a-z0-9-]+(?:[&,]k=[a-z0-9.-]+)?|z1\.[A-Za-z0-9_-]{20,})")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["says"])
def test_python_names_links_so(vector: dict[str, Any]) -> None:
    content = canonical(vector["content"])
    assert content.decode() == vector["canonical"]
    assert link_name(content) == vector["name"]
    assert vector["id"] == vector["name"][:SHORT] and is_id(vector["id"])


PROGRAM = """
import { build } from "esbuild";
import { readFileSync } from "node:fs";
const made = await build({ entryPoints: ["static/src/canonical.ts"], bundle: true, format: "esm", write: false });
const { canonical, linkName } = await import("data:text/javascript;base64," + Buffer.from(made.outputFiles[0].contents).toString("base64"));
const vectors = JSON.parse(readFileSync("tests/links/vectors.json"));
const told = await Promise.all(vectors.map(async ({ content }) => [canonical(content), await linkName(content)]));
let refused = 0;
for (const bad of [0.5, NaN, 1e300, "\\ud800"]) try { canonical({ bad }); } catch { refused += 1; }
console.log(JSON.stringify({ told, refused }));
"""  # noqa: E501


def test_the_browser_names_links_so() -> None:
    node = shutil.which("node")
    if not node or not (ROOT / "node_modules/esbuild").exists():
        pytest.skip("no node with esbuild")
    command = [node, "--input-type=module", "-e", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["told"] == [[v["canonical"], v["name"]] for v in VECTORS]
    assert told["refused"] == 4


@given(st.binary(max_size=60))
def test_a_name_is_made_of_what_people_can_read(content: bytes) -> None:
    name = link_name(content)
    assert SHAPE.fullmatch(name) and len(name) == 52 and set(name) <= set(ALPHABET)
    assert not spells(name[:12])
    assert tidy(name.upper()) == name


def test_words_are_seen_through_digits() -> None:
    assert spells("xx5h1txxxx") and spells("00c0ck0000") and spells("fvck000000")
    assert not spells("k7q2n9x4wd")


def test_floats_have_no_canonical_form() -> None:
    for bad in (0.5, [1, 2.0], {"a": {"b": float("nan")}}):
        with pytest.raises(BadLink):
            canonical(bad)


def test_defaults_are_not_part_of_a_name() -> None:
    """What a later model adds with a default changes no id."""
    scenario = GALLERY["two-threads-one-page"]
    spelt = scenario.model_dump(mode="json", by_alias=True)
    same = scenario.model_validate(spelt)
    assert encode_link(same) == encode_link(scenario)


# --- published


def published_now() -> dict[str, list[str]]:
    """Every link in what we publish: the link, and where."""
    found: dict[str, list[str]] = {}
    places = [
        "README.md",
        "docs/**/*.md",
        "docs/**/*.yaml",
        "templates/**/*.html",
        "stories/*.yaml",
    ]
    for place in places:
        for file in sorted(ROOT.glob(place)):
            for match in WRITTEN.findall(file.read_text()):
                found.setdefault(match.replace(",", "&"), []).append(file.name)
    for id in GALLERY:
        found.setdefault(f"s={id}", []).append("gallery")
    return found


def opened(link: str) -> dict[str, Any]:
    """What a published link shows: which run, how it ends, its check, the link that it becomes."""
    if link.startswith("z1."):
        scenario, told = decode_content(link)
        trace = run(scenario)
    else:
        fields = dict(part.split("=") for part in link.split("&"))
        trace, told = run(GALLERY[fields["s"]], fields.get("k")), None
    moved = drift(trace, told)
    packed = encode_link(trace.scenario, trace.witness)
    return {"verdict": ending(trace), "check": trace.check, "drift": moved, "packed": packed}


def write() -> None:
    """Add what was published since, short and self-contained."""
    known = {entry["link"] for entry in PUBLISHED}
    for link, places in published_now().items():
        if link not in known:
            told = opened(link)
            packed = told.pop("packed")
            PUBLISHED.append({"link": link, "packed": packed, "where": places[0], **told})
    (LINKS / "published.json").write_text(
        json.dumps(PUBLISHED, indent=1, ensure_ascii=False) + "\n"
    )


if os.environ.get("FAULTWALK_PUBLISHED") == "write":
    write()


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda e: e["link"][:60])
def test_a_published_link_shows_what_it_showed(entry: dict[str, Any]) -> None:
    told = opened(entry["link"])
    assert (told["verdict"], told["check"]) == (entry["verdict"], entry["check"])
    packed = opened(entry["packed"])
    assert (packed["verdict"], packed["check"]) == (entry["verdict"], entry["check"])
    assert packed["drift"] == entry["drift"]


def test_every_link_that_is_published_is_kept() -> None:
    known = {entry["link"] for entry in PUBLISHED}
    missing = {link: where for link, where in published_now().items() if link not in known}
    assert missing == {}, "FAULTWALK_PUBLISHED=write adds them"


def test_there_is_a_link_of_every_schema() -> None:
    for file in sorted(LINKS.glob("schema-*.json")):
        kept = json.loads(file.read_text())
        scenario, check = read_content(canonical(kept["content"]))
        trace = run(scenario)
        assert ending(trace) == kept["verdict"]
        assert drift(trace, check) == kept["drift"]
    schemas = {int(file.stem.split("-")[1]) for file in LINKS.glob("schema-*.json")}
    assert schemas == set(range(1, max(schemas) + 1)) and 1 in schemas
