"""Any run as a file, made from the run itself: no short link is needed for one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from app import payload
from app.addresses import origin_of
from app.api import RunsDep
from app.language import chosen
from app.links import desk_of
from app.openapi import PROBLEM, body_of
from app.payload import Payload
from app.runs import RunRequest, Runs, read
from engine import encode_link
from engine.present import KINDS, present

router = APIRouter(prefix="/api/files", responses={"4XX": PROBLEM})
MOST_STEPS = 20_000


class FileRequest(RunRequest):
    """A run, the step to point at, and whether what follows is kept back."""

    step: Annotated[int, Field(ge=0, le=MOST_STEPS)] = 0
    quiz: bool = Field(False, description="as in Predict: what comes after the step is not told")


@router.post("/{kind}", openapi_extra=body_of(FileRequest))
async def file(
    request: Request, kind: Literal["txt", "md", "json", "svg", "png"], runs: RunsDep
) -> Response:
    """The run as text, Markdown, JSON, or a card as SVG or PNG."""
    body, language = await request.body(), chosen(request)
    origin = origin_of(desk_of(request).settings, request)
    parts = (kind.encode(), language.encode(), origin.encode(), body)

    def make() -> Payload:
        asked = read(body, FileRequest)
        trace = runs.trace(asked, language)
        quiz = "&m=predict" if asked.quiz else ""
        url = f"{origin}/#{trace_link(runs, asked, language)}&t={asked.step}{quiz}"
        made = present(trace, kind, asked.step, asked.quiz, url)
        return payload.packed(made, media_type=KINDS[kind])

    made = await runs.once(payload.digest(runs.build, b"file", *parts), make)
    answer = made.respond(request)
    answer.headers["content-language"] = language
    return answer


def trace_link(runs: Runs, asked: RunRequest, language: str) -> str:
    """The self-contained link to what is asked for: its own, where it came as one."""
    if asked.link and not asked.kernel and not asked.schedule:
        return asked.link
    trace = runs.trace(asked, language)
    return encode_link(trace.scenario, trace.witness)
