"""Any run as a file, in the forms of `engine.present`: no short link is needed for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import payload
from app.addresses import origin_of
from app.api import RunsDep
from app.explain import Trouble
from app.language import chosen
from app.links import desk_of
from app.openapi import KEPT, PROBLEM, body_of
from app.payload import Payload
from app.problems import Problem
from app.runs import RunRequest, Runs, read
from engine import encode_link
from engine.present import KINDS, present

FILE: dict[str, Any] = {
    "description": "the file",
    "headers": {"ETag": {"schema": {"type": "string"}}},
    "content": {kind.partition(";")[0]: {} for kind in KINDS.values()},
}
router = APIRouter(prefix="/api", responses={200: FILE, **KEPT, "4XX": PROBLEM})
MOST_STEPS = 20_000
FORMS: dict[str, Any] = {"enum": [*KINDS]}


class TakeAway(BaseModel):
    """A run, the step at which its file opens or points, and whether the rest is kept back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: RunRequest
    at: Annotated[int, Field(ge=0, le=MOST_STEPS, description="how many steps were taken")] = 0
    quiz: bool = Field(False, description="as in Predict: what comes after the step is not told")


@router.post("/run.{kind}", response_class=Response, openapi_extra=body_of(TakeAway))
async def take_away(
    request: Request,
    kind: Annotated[str, Path(json_schema_extra={"enum": [*KINDS]})],
    runs: RunsDep,
) -> Response:
    """The run as a file: html plays without a server, csv has a row for each step.

    With quiz, text, Markdown and the cards keep back what follows; the others are all of it.
    """
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
    asked = read(body, TakeAway)
    trace = runs.trace(asked.run, language)
    url = f"{origin}/#{_link(runs, asked.run, language)}"
    if kind != "html":  # that knows by itself where it stands
        url += f"&t={asked.at}{'&m=predict' * asked.quiz}"
    made = present(trace, kind, asked.at, asked.quiz, url)
    return replace(payload.packed(made, media_type=KINDS[kind]), language=language)


def _link(runs: Runs, asked: RunRequest, language: str) -> str:
    """The self-contained link to what is asked for: its own, where it came as one."""
    if asked.link and not asked.kernel and not asked.schedule:
        return asked.link
    trace = runs.trace(asked, language)
    return encode_link(trace.scenario, trace.witness)
