"""Links: a scenario, with the kernel and schedule chosen, packed into the fragment of a URL."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
import zlib
from collections.abc import Callable
from typing import Any

from engine.errors import BadLink, EngineError
from engine.gallery import scenario_of
from engine.scenario import Scenario

PREFIX = "z1."
"""z: deflate-raw. 1: the schema of the content."""

MAX_PAYLOAD = 64 * 1024
MAX_CONTENT = 1024 * 1024
ALPHABET = re.compile(r"[A-Za-z0-9_-]*")
CHECK = re.compile(r"[A-Za-z0-9_-]{11}(\.[A-Za-z0-9_-]{0,4000})?")
"""A checksum of the coarse history; after a dot, a mark for each of its events."""

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From the content of schema n to that of schema n + 1. Schema 1 is the only one so far."""

NEWEST = 1


def canonical(data: Any) -> bytes:
    """The one way to write this as JSON: sorted keys, no spaces, no floats, NFC, UTF-8."""
    _refuse_floats(data)
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return unicodedata.normalize("NFC", text).encode()


def _refuse_floats(data: Any) -> None:
    """Two languages write the same float in two ways."""
    if isinstance(data, float):
        raise BadLink("link", f"{data!r} is no whole number", "write it as a string")
    for part in data.values() if isinstance(data, dict) else data if _is_list(data) else ():
        _refuse_floats(part)


def _is_list(data: Any) -> bool:
    return isinstance(data, list | tuple)


def content_of(scenario: Scenario, check: str | None = None) -> dict[str, Any]:
    """What a link to a scenario holds; `check` is what tells whether it still runs the same way.

    What the scenario expects of its kernels stays at home: it is long, the check says the same of
    this run, and it would be wrong for another schedule.
    """
    bare = scenario.model_copy(update={"expect": {}})
    content: dict[str, Any] = {"scenario": bare.content()}
    if check:
        content["check"] = check
    return content


def encode_link(scenario: Scenario, check: str | None = None) -> str:
    """The self-contained link to a scenario as it is. Raises BadLink if it is too large."""
    return pack(canonical(content_of(scenario, check)))


def pack(content: bytes) -> str:
    """The self-contained link with this canonical content. Raises BadLink if it is too large."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    payload = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    _bounded(payload)
    return PREFIX + payload


def decode_link(text: str) -> Scenario:
    """The scenario in a link. Raises BadLink."""
    return decode_content(text)[0]


def decode_content(text: str) -> tuple[Scenario, str | None]:
    """The scenario in a link and its checksum, if it has one. Raises BadLink."""
    return read_content(_inflate(_payload(text)))


def read_content(raw: bytes) -> tuple[Scenario, str | None]:
    """The scenario in a link's content, and its checksum if it has one. Raises BadLink."""
    content = _read(raw)
    unknown = sorted(set(content) - {"scenario", "check"})
    if unknown or "scenario" not in content:
        what = f"there is {unknown[0][:60]!r}" if unknown else "there is no scenario"
        raise BadLink("link", f"{what} in it", "a link holds a scenario and maybe a check")
    check = content.get("check")
    if check is not None and not (isinstance(check, str) and CHECK.fullmatch(check)):
        raise BadLink(
            "link, check",
            "it is no checksum",
            "a check has 11 base64url characters, then maybe a dot and marks",
        )
    try:
        return scenario_of(_migrate(content["scenario"]), "link, scenario"), check
    except BadLink:
        raise
    except EngineError as error:
        raise BadLink(error.where, error.what, error.instead) from None


def _payload(text: str) -> bytes:
    """The packed bytes, from "z1.abc", "#z1.abc&t=3" or a whole URL."""
    bare = text.strip().rpartition("#")[2].partition("&")[0]
    if not bare.startswith(PREFIX):
        if re.match(r"[a-z]\d+\.", bare):
            raise BadLink("link", f"it has the unknown form {bare.partition('.')[0][:20]!r}",
                          "this build reads z1 links; a newer one may read this")  # fmt: skip
        raise BadLink("link", "it does not start with z1.", "copy the link whole")
    payload = bare.removeprefix(PREFIX).rstrip("=")
    _bounded(payload)
    good = ALPHABET.match(payload)
    if good is None or good.end() < len(payload):
        place = good.end() if good else 0
        raise BadLink("link", f"character {place + 1} of the payload, {payload[place]!r}, "
                      "is not of base64url", "copy the link whole")  # fmt: skip
    try:
        return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (binascii.Error, ValueError):
        what = "its payload has an impossible length"
        raise BadLink("link", what, "copy the link whole") from None


def _bounded(payload: str) -> None:
    """Nothing is made that would not open again."""
    if len(payload) > MAX_PAYLOAD:
        raise BadLink("link", f"its payload has more than {MAX_PAYLOAD // 1024} KiB",
                      "share a smaller scenario")  # fmt: skip


def _inflate(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(-15)
    try:
        content = unpacker.decompress(packed, MAX_CONTENT)
    except zlib.error:
        raise BadLink("link", "its payload does not unpack", "copy the link whole") from None
    if unpacker.unconsumed_tail:
        raise BadLink("link", "it unpacks to more than 1 MiB", "share a smaller scenario")
    if not unpacker.eof:
        raise BadLink("link", "its end is missing", "copy the link whole")
    if unpacker.unused_data:
        raise BadLink("link", "something follows its end", "copy the link alone")
    return content


def _read(raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw.decode())
    except (ValueError, RecursionError):
        raise BadLink("link", "what it unpacks to is not JSON", "copy the link whole") from None
    if not isinstance(content, dict):
        raise BadLink("link", "what it unpacks to is not an object", "make the link anew")
    return content


def _migrate(scenario: Any) -> Any:
    """The scenario in the newest schema."""
    schema = scenario.get("schema", 1) if isinstance(scenario, dict) else NEWEST
    if isinstance(schema, bool) or not isinstance(schema, int) or not 1 <= schema <= NEWEST:
        raise BadLink("link, schema", f"{repr(schema)[:60]} is unknown here",
                      f"this build reads schema 1 to {NEWEST}")  # fmt: skip
    while schema < NEWEST:
        scenario = MIGRATIONS[schema](scenario)
        schema += 1
    return scenario
