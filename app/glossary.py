"""The glossary: a page, and the short answers that the stage shows beside a term."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from fastapi import APIRouter, Request
from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

import engine
from app import payload
from app.payload import Payload
from app.settings import ROOT
from engine.encode import arch_json
from engine.model.arch import ARCHES

FILE = ROOT / "docs" / "glossary.yaml"
EMPTY: dict[str, Any] = {"also": [], "see": [], "picture": None, "scene": None}

router = APIRouter()


@lru_cache
def groups() -> list[dict[str, Any]]:
    """The groups of the file, each term with every field."""
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]
    for group in found:
        group["terms"] = [{**EMPTY, **term} for term in group["terms"]]
    return found


def terms() -> list[dict[str, Any]]:
    """Every term."""
    return [term for group in groups() for term in group["terms"]]


@lru_cache
def short_answers() -> Payload:
    """Every spelling of a term, with its id, name and short answer."""
    told = {}
    for term in terms():
        for spelling in [term["term"], *term["also"]]:
            told[spelling] = {k: term[k] for k in ("id", "term", "short")}
    return payload.make(told)


@router.get("/api/glossary")
async def glossary_json(request: Request) -> Response:
    """Every spelling of a term, with its id, name and short answer."""
    return short_answers().respond(request)


@router.api_route("/glossary", methods=["GET", "HEAD"], include_in_schema=False)
def glossary(request: Request) -> Response:
    """The page."""
    env: Environment = request.app.state.templates
    html = env.get_template("glossary.html").render(
        groups=groups(),
        arch=arch_json(ARCHES["i386"]),
        names={term["id"]: term["term"] for term in terms()},
        titles={name: scenario.title for name, scenario in engine.gallery()},
    )
    return HTMLResponse(html, headers={"cache-control": "no-cache"})
