"""The glossary: each term in short and at length, with a picture and a scene that shows it."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import yaml
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import payload
from app.content import content, texts
from app.html import Say, page
from app.language import chosen
from app.openapi import KEPT, PROBLEM
from app.payload import Payload
from app.pictures import drawings
from app.settings import ROOT

FOLDER = ROOT / "docs" / "glossary"
GROUPS = ("start", "memory", "entries", "locks", "handlers", "outcomes", "tool")
"""The files of the glossary, in the order of the page."""
SCRIPT_SAYS = ("find_term", "n_terms", "no_term")
BIT = "bit "
"""Begins the spelling of a pte's bit: in a caption `P` may be a process."""

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
router = APIRouter()


class Term(BaseModel):
    """One entry. aliases: other spellings that mean it. mark: what its picture points out.

    words: those by which sentences speak of it. Where one does, it leads here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    term: str
    aliases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    short: Annotated[str, Field(max_length=160)]
    text: str
    picture: str | None = None
    mark: str | None = None
    see: tuple[Id, ...]
    scenario: str | None = None
    source: str

    @property
    def spellings(self) -> tuple[str, ...]:
        """Everything that means this term."""
        return tuple(dict.fromkeys((self.term, *self.aliases, *self.words)))

    @property
    def also(self) -> list[str]:
        """The aliases as the page shows them."""
        return [alias.removeprefix(BIT) for alias in self.aliases if alias != self.term]


class Group(BaseModel):
    """Terms that belong together, and what they are about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    terms: tuple[Term, ...]


@cache
def groups() -> dict[str, Group]:
    """The whole glossary."""
    return {
        name: Group.model_validate(yaml.safe_load((FOLDER / f"{name}.yaml").read_bytes()))
        for name in GROUPS
    }


@cache
def terms() -> dict[str, Term]:
    """Every term by its id."""
    return {term.id: term for group in groups().values() for term in group.terms}


@texts("glossary")
def written() -> dict[str, Any]:
    """The glossary's texts: of groups and of terms, by their ids."""
    known = {
        term.id: {"term": term.term, "short": term.short, "text": term.text,
                  **({"words": list(term.words)} if term.words else {})}
        for term in terms().values()
    }  # fmt: skip
    return {"groups": {id: group.title for id, group in groups().items()}, "terms": known}


@cache
def listed(language: str) -> Payload:
    """Every spelling with what a popover shows of its term. said: sentences use it."""
    known = content(language)
    told: dict[str, dict[str, Any]] = {}
    for term in terms().values():
        shown = {"id": term.id, "term": known.say(term.term), "short": known.say(term.short)}
        lang = known.lang(term.short)
        for spelling in term.spellings:
            told[spelling] = {**shown, "lang": lang} if lang else shown
        for word in term.words:
            told[known.say(word)] = {**told[word], "said": True}
    return payload.make(told, language=language)


@router.get("/api/glossary", responses={**KEPT, "4XX": PROBLEM})
async def glossary_json(request: Request) -> Response:
    """Every spelling of every term, with the term's id, its name and what it is in short."""
    return listed(chosen(request)).respond(request)


@router.api_route("/glossary", methods=["GET", "HEAD"], include_in_schema=False)
def glossary(request: Request) -> Response:
    """The page of the glossary."""
    scenes: dict[str, Any] = request.app.state.runs.gallery
    known = {"groups": groups(), "terms": terms(), "scenes": scenes}
    drawn = {"draw": drawings(chosen(request)), "pic": Say("pictures", chosen(request))}
    return page(request, "glossary.html", "glossary", SCRIPT_SAYS, **known, **drawn)
