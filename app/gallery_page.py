"""The gallery as a page of its own, with pictures; and each picture as a file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

import engine
from app.catalogue import Catalogue
from app.content import content
from app.html import page
from app.language import chosen, part
from app.security import CSP
from engine import Scenario
from engine.content import Content
from engine.expectations import comes_to
from engine.kernels import HISTORY
from engine.listing import LEVELS, Entry
from engine.messages import ENGLISH
from engine.picture import PATTERNS, STYLE, picture, standalone

router = APIRouter(include_in_schema=False)
SIGNS = {"holds": "✓", "signal": "◆", "oom": "◆", "refused": "◇", "breaks": "⬣"}
MINUTES = ("1", "2", "3")
FIELDS = ("claim", "level", "minutes")

_digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
SVG_CSP = CSP.replace("style-src 'self'", f"style-src 'sha256-{_digest}'")
"""A picture has its own style and nothing else: that style is named by its hash."""


class Choice(NamedTuple):
    """A link of a filter: the value it sets ("" for none), its words, and where it leads.

    lang: of the words, where that is not the page's.
    """

    value: str
    label: str
    href: str
    current: bool
    lang: str


@lru_cache
def scenes() -> dict[str, Scenario]:
    """The gallery."""
    return dict(engine.gallery())


@lru_cache
def sections(language: str = ENGLISH) -> list[dict[str, Any]]:
    """The claims with their cards; every picture is drawn once in a language."""
    return [
        {"id": claim.id, "group": claim.group, "says": claim.says,
         "cards": [_card(claim.id, claim.group, at, language) for at in claim.entries]}
        for claim in engine.listing(scenes())
    ]  # fmt: skip


def _card(claim: str, group: str, at: Entry, language: str) -> dict[str, Any]:
    scenario, known = scenes()[at.id], content(language)
    title, story = known.say(scenario.title), known.say(scenario.story)
    words = (title, story, scenario.kernel, scenario.arch, known.say(group))
    return {
        "id": at.id,
        "claim": claim,
        "level": at.level,
        "minutes": at.minutes,
        "start": at.start,
        "title": scenario.title,
        "first": re.split(r"(?<=[.?!])\s", story)[0],
        "lang": known.lang(scenario.story),
        "arch": scenario.arch,
        "words": " ".join(words).lower(),
        "picture": Markup(picture(engine.run(scenario, language=language))),
        "kernels": list(_kernels(scenario)),
    }


def _kernels(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Each kernel that something is expected of, in order of history, and what it comes to."""
    for kernel in HISTORY:
        if kernel.id in scenario.expect:
            came = comes_to(scenario.expect[kernel.id])
            name = kernel.id.removeprefix("nopfn-")
            own = kernel.id == scenario.kernel
            yield {"name": name, "came": came, "sign": SIGNS[came], "own": own}


def wanted(query: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """What an address filters by, and what it names that does not exist: (field, value)."""
    known = {
        "claim": [section["id"] for section in sections()],
        "level": list(LEVELS),
        "minutes": list(MINUTES),
    }
    asked = {field: query[field] for field in FIELDS if query.get(field)}
    unknown = [(f, value[:40]) for f, value in asked.items() if value not in known[f]]
    return {f: value for f, value in asked.items() if value in known[f]}, unknown


def fits(card: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    """Whether a card is among what is asked for."""
    same = all(card[field] == asked[field] for field in ("claim", "level") if field in asked)
    return same and ("minutes" not in asked or int(card["minutes"]) <= int(asked["minutes"]))


def ordered(found: list[dict[str, Any]], asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """The sections; the one with the easiest scenario leads, unless harder ones are asked for."""
    if asked.get("level", LEVELS[0]) != LEVELS[0]:
        return found
    return sorted(found, key=lambda section: not any(card["start"] for card in section["cards"]))


def _choices(
    asked: dict[str, str], field: str, options: dict[str, str], known: Content
) -> list[Choice]:
    found = []
    for value, label in options.items():
        rest = {**asked, field: value} if value else {f: v for f, v in asked.items() if f != field}
        href = f"/gallery?{urlencode(rest)}" if rest else "/gallery"
        current, said = asked.get(field, "") == value, known.say(label)
        found.append(Choice(value, said, href, current, known.lang(label)))
    return found


def _filters(asked: dict[str, str], language: str) -> list[dict[str, Any]]:
    say, known = part("gallery", language), content(language)
    claims = {"": say["all_claims"], **{s["id"]: s["group"] for s in sections()}}
    levels = {"": say["all_levels"], **{level: say[level] for level in LEVELS}}
    times = {"": say["any_time"], **{n: say["up_to"].replace("{n}", n) for n in MINUTES}}
    shown = {"claim": (say["about"], claims), "level": (say["level"], levels),
             "minutes": (say["time"], times)}  # fmt: skip
    return [
        {"field": field, "label": label, "choices": _choices(asked, field, options, known)}
        for field, (label, options) in shown.items()
    ]


@router.api_route("/gallery", methods=["GET", "HEAD"])
def gallery(request: Request) -> Response:
    """The page. ?claim=, ?level= and ?minutes= filter it, with script and without."""
    language = chosen(request)
    asked, unknown = wanted(request.query_params)
    return page(
        request,
        "gallery.html",
        "gallery",
        sections=ordered(sections(language), asked),
        easiest=next((c for s in sections(language) for c in s["cards"] if c["start"]), None),
        places={section["id"]: n for n, section in enumerate(sections())},
        shown={c["id"] for s in sections() for c in s["cards"] if fits(c, asked)},
        total=len(scenes()),
        filters=_filters(asked, language),
        filtered=bool(asked),
        unknown=unknown,
        patterns=Markup(PATTERNS),
    )


@lru_cache(maxsize=256)
def drawn(name: str, language: str) -> str:
    """A scenario's picture as a document of its own."""
    return standalone(engine.run(scenes()[name], language=language))


@router.api_route("/scenarios/{name}.svg", methods=["GET", "HEAD"])
def svg(request: Request, name: str) -> Response:
    """The picture of a scenario of the gallery."""
    catalogue: Catalogue = request.app.state.catalogue
    catalogue.one(name)
    language = chosen(request)
    headers = {"content-security-policy": SVG_CSP, "cache-control": "no-cache"}
    headers |= {"content-language": language, "vary": "accept-language"}
    return Response(drawn(name, language), headers=headers, media_type="image/svg+xml")
