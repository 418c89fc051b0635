"""Runs as files to take away, in the forms of `engine.present`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import payload
from app.addresses import origin_of
from app.api import RunsDep
from app.explain import Trouble
from app.language import chosen
from app.links import desk_of
from app.openapi import PROBLEM, body_of
from app.payload import Payload
from app.problems import Problem
from app.runs import RunRequest, Runs, read
from engine import encode_link
from engine.present import KINDS, present

router = APIRouter(prefix="/api", responses={"4XX": PROBLEM})


class TakeAway(BaseModel):
    """A run, and the step at which its file opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: RunRequest
    at: Annotated[int, Field(ge=0, le=20_000, description="how many steps have been taken")] = 0


@router.post("/run.{kind}", openapi_extra=body_of(TakeAway))
async def take_away(request: Request, kind: str, runs: RunsDep) -> Response:
    """The run as a file: html plays without a server, csv has a row for each step."""
    if kind not in KINDS:
        what = f"a run has no form {kind[:20]!r}"
        trouble = Trouble("kind", what, f"take one of {', '.join(KINDS)}")
        raise Problem(404, "There is no such form", str(trouble), [trouble], "unknown-form")
    body, language = await request.body(), chosen(request)
    origin = origin_of(desk_of(request).settings, request)
    parts = (f"run.{kind}", origin, language)
    key = payload.digest(runs.build, *(part.encode() for part in parts), body)
    made = await runs.once(key, lambda: _file(runs, body, kind, origin, language))
    response = made.respond(request)
    response.headers["content-disposition"] = f'attachment; filename="faultwalk-run.{kind}"'
    return response


def _file(runs: Runs, body: bytes, kind: str, origin: str, language: str) -> Payload:
    """The file that is asked for, its sentences in this language."""
    request = read(body, TakeAway)
    trace = runs.trace(request.run, language)
    url = f"{origin}/#{encode_link(trace.scenario, trace.witness)}"
    made = present(trace, kind, request.at, url=url)
    return replace(payload.packed(made, media_type=KINDS[kind]), language=language)
