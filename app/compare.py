"""Compare: two runs side by side, and the page that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

import engine
from app import payload
from app.api import RunsDep
from app.html import page
from app.openapi import KEPT, PROBLEM, RUN_BODY, TRACE, body_of
from app.payload import Payload
from app.problems import Problem
from app.runs import RunRequest, Runs, read
from engine import EngineError
from engine.rival import rival

router = APIRouter(responses={**KEPT, "4XX": PROBLEM})
SIDE_BY_SIDE: dict[str, Any] = {
    **TRACE,
    "description": "both traces, the rows of their common scrubber, and where and how they differ",
}


RIVAL: dict[str, Any] = {
    "description": "the kernel, and whether it keeps the rules that this run breaks",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"kernel": {"type": "string"}, "mends": {"type": "boolean"}},
            }
        }
    },
}


class CompareRequest(BaseModel):
    """Two runs to lay side by side: two kernels, or two scenarios."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    left: RunRequest
    right: RunRequest


@router.post("/api/compare", openapi_extra=body_of(CompareRequest), responses={200: SIDE_BY_SIDE})
async def compare(request: Request, runs: RunsDep) -> Response:
    """Run two requests and answer both traces side by side: {left, right, rows, first, outcome}.

    rows: [steps taken left, right] for each place of a common scrubber. first: the place where the
    histories part, and what each side does there; null if they never do.
    """
    made = await runs.answer(request, laid_out)
    return made.respond(request)


@router.post("/api/rival", openapi_extra=RUN_BODY, responses={200: RIVAL})
async def rival_of(request: Request, runs: RunsDep) -> Response:
    """The kernel worth comparing a run with: the nearest under which it ends otherwise."""
    made = await runs.answer(request, nearest_rival)
    return made.respond(request)


@router.api_route("/compare", methods=["GET", "HEAD"], include_in_schema=False)
def compare_page(request: Request) -> Response:
    """The page that shows two runs; which, its fragment says."""
    return page(request, "compare.html")


def nearest_rival(runs: Runs, body: bytes, language: str) -> Payload:
    """Its id, and whether it keeps the rules that the run breaks."""
    return payload.make(rival(runs.trace(read(body, RunRequest), language)))


def laid_out(runs: Runs, body: bytes, language: str) -> Payload:
    """Both traces side by side, in this language."""
    request = read(body, CompareRequest)
    sides = {"left": request.left, "right": request.right}
    keys, told, traces = [], {}, []
    for name, side in sides.items():
        with on_side(name):
            scenario, told[name] = runs.find(side)
            keys.append(runs.key(scenario, side, told[name]).encode())
    key = payload.digest(b"compare", language.encode(), *keys)
    known = runs.by_content.get(key)
    if known:
        return known
    for name, side in sides.items():
        with on_side(name):
            traces.append(runs.trace(side, language))
    shown = {n: engine.trace_json(t, told[n]) for n, t in zip(sides, traces, strict=True)}
    found = {**shown, **engine.side_by_side(*traces)}
    made = payload.make(found, key, language=language)
    runs.by_content.put(key, made)
    return made


@contextmanager
def on_side(name: str) -> Iterator[None]:
    """What is wrong inside is told as wrong on this side."""
    try:
        yield
    except EngineError as error:
        raise type(error)(f"{name}, {error.where}", error.what, error.instead) from None
    except Problem as problem:
        errors = [replace(trouble, where=f"{name}, {trouble.where}") for trouble in problem.errors]
        detail = f"{name}, {problem.detail}"
        raise Problem(problem.status, problem.title, detail, errors, problem.kind) from None
