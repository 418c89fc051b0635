"""Scenario files: reading one safely, and the gallery that comes with the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from engine.errors import BadScenario
from engine.home import HOME
from engine.listing import FILE, listing
from engine.scenario import Scenario

FOLDER = HOME / "scenarios"
MAX_BYTES = 256 * 1024


MAX_DEPTH = 30
"""A scenario is nested 8 deep."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Plain data only, through libyaml where it is there."""


def gallery() -> list[tuple[str, Scenario]]:
    """Every scenario of the gallery with its id, in the order of the list; the unlisted come last.

    Raises BadScenario for a file that is wrong, or listed and not there.
    """
    files = {file.stem: file for file in FOLDER.glob("*.yaml") if file != FILE}
    ids = [entry.id for claim in listing(files) for entry in claim.entries]
    return [(id, load_scenario_file(FOLDER / f"{id}.yaml")) for id in ids]


def load_scenario_file(path: str | Path) -> Scenario:
    """The scenario in a .yaml or .json file. Raises BadScenario."""
    file = Path(path)
    try:
        with file.open("rb") as source:
            raw = source.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadScenario(str(path), reason, "name a scenario file or a gallery id") from None
    return parse_scenario(raw, str(path))


def parse_scenario(raw: bytes, where: str) -> Scenario:
    """The scenario in these bytes, YAML or JSON. Raises BadScenario."""
    return scenario_of(plain_data(raw, where), where)


def scenario_of(data: Any, where: str) -> Scenario:
    """A Scenario from plain data; the first thing that is wrong becomes a BadScenario."""
    if not isinstance(data, dict):
        raise BadScenario(where, "this is not a scenario", "a scenario is an object with fields")
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
        loc = (*first["loc"], *first.get("ctx", {}).get("path", ()))
        place = ".".join(str(part) for part in loc)
        raise BadScenario(f"{where}, {place}" if place else where, *_finding(first)) from None


def _finding(first: Any) -> tuple[str, str]:
    if first["type"] == "extra_forbidden":
        return "there is no such field", "remove it or correct its name"
    if first["type"] == "missing":
        return "the field is missing", "add it"
    message = first["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:], "see the schema of a scenario"


def plain_data(raw: bytes, where: str) -> Any:
    """What a file in YAML or JSON holds, plain data only. Raises BadScenario with the line."""
    if len(raw) > MAX_BYTES:
        raise BadScenario(where, f"more than {MAX_BYTES // 1024} KiB", "make it smaller")
    try:
        text = raw.decode()
        if text.lstrip().startswith("{"):
            return json.loads(text)
        return _plain(text, where)
    except UnicodeDecodeError:
        raise BadScenario(where, "this is not text in UTF-8", "save it as UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"{where}, line {error.lineno}"
        raise BadScenario(place, f"not JSON: {error.msg}", "correct it there") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}, line {mark.line + 1}" if mark else where
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise BadScenario(place, f"not YAML: {problem}", "correct it there") from None


def _plain(text: str, where: str) -> Any:
    """YAML's data; refused are aliases, which can stand for gigabytes, and nesting without end."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        place = f"{where}, line {event.start_mark.line + 1}" if event.start_mark else where
        if isinstance(event, yaml.AliasEvent):
            raise BadScenario(place, "a YAML alias (*name)", "write the value out again")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise BadScenario(place, f"more than {MAX_DEPTH} levels deep", "nest less")
    return yaml.load(text, LOADER)
