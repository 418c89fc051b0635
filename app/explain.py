"""pydantic's findings in words for people: a readable path, what is there, what would be right."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

Part = int | str
Schema = dict[str, Any]
LISTED = 30
"""How many names are offered instead of one that is not known."""


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong with what was sent."""

    where: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.instead}" if self.where else self.what


def troubles(
    found: Iterable[Mapping[str, Any]], data: object, model: type[BaseModel] | None = None
) -> list[Trouble]:
    """Every finding of pydantic about `data`; those about one place are told as one."""
    schema = model.model_json_schema() if model else {}
    places: dict[str, Trouble] = {}
    findings = list(found)
    for finding in findings:
        if finding["type"] == "too_short" and _follows(finding, findings):
            continue
        trouble = _trouble(finding, data, schema)
        if trouble.where in places:
            before = places[trouble.where]
            if trouble.instead not in before.instead:
                both = f"{before.instead}, or {trouble.instead}"
                places[trouble.where] = Trouble(before.where, before.what, both)
        else:
            places[trouble.where] = trouble
    return list(places.values())


def _follows(finding: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list is too short only because something in it was refused."""
    loc = tuple(finding["loc"])
    return any(len(f["loc"]) > len(loc) and tuple(f["loc"])[: len(loc)] == loc for f in findings)


def _trouble(finding: Mapping[str, Any], data: object, schema: Schema) -> Trouble:
    """One finding of pydantic in our words."""
    cause = finding.get("ctx", {}).get("error")
    loc = (*finding["loc"], *finding.get("ctx", {}).get("path", ()))
    parts = real_parts(loc, data, finding["type"])
    where = path(parts)
    if finding["type"] == "missing":
        return Trouble(where, "is missing", "add it")
    if finding["type"] == "extra_forbidden":
        return Trouble(where, "is not a known field", nearest(str(parts[-1]), known(schema, parts)))
    if hasattr(cause, "instead"):
        return Trouble(where or str(cause.where), str(cause.what), str(cause.instead))
    message = str(finding["msg"]).removeprefix("Value error, ")
    if finding["type"] in ("value_error", "assertion_error", "misfit"):
        what, _, instead = message.partition("; ")
        return Trouble(where, what, instead or "see the schema at /api/schema/scenario")
    wanted = message.replace("Input should be", "it should be").replace("Input should", "it should")
    return Trouble(where, f"got {_short(finding['input'])}", wanted)


def _short(value: object) -> str:
    """`value` as JSON, cut when it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


def real_parts(loc: Sequence[Part], data: object, kind: str) -> list[Part]:
    """`loc` without the labels that pydantic adds for the branches of a union."""
    if data is None:
        return list(loc)
    parts: list[Part] = []
    for place, part in enumerate(loc):
        inside, data = _enter(data, part)
        if inside or (kind == "missing" and place == len(loc) - 1):
            parts.append(part)
    return parts


def _enter(data: object, part: Part) -> tuple[bool, object]:
    """Whether `part` is a place in `data`, and what is there (else `data` itself)."""
    if isinstance(data, dict) and part in data:
        return True, data[part]
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return True, data[part]
    return False, data


def path(parts: Sequence[Part]) -> str:
    """`processes[0].vmas[1].pages`; what is inside a scenario is named from the scenario on."""
    if len(parts) > 1 and parts[0] == "scenario":
        parts = parts[1:]
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part[:60]}"
    return text.removeprefix(".")


def known(schema: Schema, parts: Sequence[Part]) -> list[str]:
    """The fields that `schema` has beside the last of `parts`."""
    nodes = _branches(schema, schema)
    for part in parts[:-1]:
        nodes = [leaf for node in nodes for leaf in _branches(schema, _below(node, part))]
    return sorted({name for node in nodes for name in node.get("properties", {})})


def _below(node: Schema, part: Part) -> Schema:
    """The schema of what is at `part` of something that has the schema `node`."""
    below = node.get("items") if isinstance(part, int) else node.get("properties", {}).get(part)
    return below if isinstance(below, dict) else {}


def _branches(schema: Schema, node: Schema) -> list[Schema]:
    """`node` with references followed and unions taken apart."""
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    options = node.get("anyOf") or node.get("oneOf")
    if not options or "properties" in node:  # options beside fields say which go together
        return [node]
    return [leaf for option in options for leaf in _branches(schema, option)]


def nearest(name: str, names: Sequence[str]) -> str:
    """What to say instead of `name`, which is not one of `names`."""
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]}?"
    if not names:
        return "remove it"
    others = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return "one of " + ", ".join(names[:LISTED]) + others
