"""Runs as files to take away, in the forms of `engine.present`."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import payload
from app.api import RunsDep
from app.explain import Trouble
from app.openapi import PROBLEM, body_of
from app.payload import Payload
from app.problems import Problem
from app.runs import RunRequest, Runs, Work, read
from engine.errors import NotBuilt
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
    made = await runs.answer(request, _maker(kind, str(request.base_url)))
    response = made.respond(request)
    response.headers["content-disposition"] = f'attachment; filename="faultwalk-run.{kind}"'
    return response


@lru_cache(maxsize=64)
def _maker(kind: str, url: str) -> Work:
    def make(runs: Runs, body: bytes, language: str) -> Payload:
        request = read(body, TakeAway)
        trace = runs.trace(request.run, language)
        try:
            made = present(trace, kind, request.at, url=url)
        except NotBuilt as error:
            raise Problem(503, "The page is not built", str(error), kind="not-built") from None
        return replace(payload.packed(made, media_type=KINDS[kind]), language=language)

    make.__name__ = f"{kind} {url}"  # by which the answer is kept
    return make
