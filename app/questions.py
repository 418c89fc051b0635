"""Predict: what to ask about a run before it goes on."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import payload
from app.api import RunsDep
from app.openapi import KEPT, PROBLEM, RUN_BODY
from app.payload import Payload
from app.runs import RunRequest, Runs, opening_run, read
from engine.messages import ENGLISH
from engine.predict import questions_json

router = APIRouter(prefix="/api", responses={**KEPT, "4XX": PROBLEM})

SCENE = {
    "type": ["object", "null"],
    "description": "a run in which this choice is right; gallery: null is the scenario asked about",
    "properties": {
        "gallery": {"type": ["string", "null"]},
        "kernel": {"type": "string"},
        "step": {"type": "integer"},
        "title": {"type": "string"},
        "link": {"type": ["string", "null"], "description": "the run, if its schedule is another"},
    },
}
CHOICE = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "right": {"type": "boolean"},
        "because": {"type": "string"},
        "scene": SCENE,
    },
}
QUESTION = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "kind": {"type": "string"},
        "at": {"type": "integer", "description": "how many steps have been taken when it is asked"},
        "reveal": {"type": "integer", "description": "the step that shows the answer"},
        "ask": {"type": "string"},
        "choices": {"type": "array", "items": CHOICE},
    },
}
QUESTIONS: dict[str, Any] = {
    "description": "the questions, in order",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"questions": {"type": "array", "items": QUESTION}},
            }
        }
    },
}


@router.post("/questions", openapi_extra=RUN_BODY, responses={200: QUESTIONS})
async def questions(request: Request, runs: RunsDep) -> Response:
    """Questions about the run that POST /api/run would show, each with its answers and reasons."""
    made = await runs.answer(request, asked)
    return made.respond(request)


def asked(runs: Runs, body: bytes, language: str) -> Payload:
    """The questions about a run, in this language."""
    request = read(body, RunRequest)
    found = questions_json(runs.trace(request, language))
    return payload.make(found, language=language)


def warm(runs: Runs) -> None:
    """Run the flagship and look for its questions, which fills the caches they take from."""
    opening_run(runs, ENGLISH)
    if runs.gallery:
        first = next(iter(runs.gallery))
        flagship = RunRequest.model_validate({"gallery": first})
        questions_json(runs.trace(flagship, ENGLISH))
