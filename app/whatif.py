"""What if: what could be otherwise at a step of a run, and the fork that takes it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

import engine
from app import payload
from app.api import RunsDep
from app.openapi import KEPT, PROBLEM, body_of
from app.payload import Payload
from app.runs import RunRequest, Runs, read
from engine import whatif

router = APIRouter(prefix="/api", responses={**KEPT, "4XX": PROBLEM})


class WhatIfRequest(BaseModel):
    """A run, a step of it, and the change to make there; without one, what could be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: RunRequest
    at: Annotated[int, Field(ge=0, le=20_000, description="how many steps have been taken")]
    edit: Annotated[str, Field(max_length=120)] | None = Field(
        None, description="the id of an offer; answer: takes any frame, as answer:0x7abcd"
    )


@router.post("/whatif", openapi_extra=body_of(WhatIfRequest))
async def ask(request: Request, runs: RunsDep) -> Response:
    """What could be otherwise at a step; with an edit, the run in which it is."""
    made = await runs.answer(request, forked)
    return made.respond(request)


def forked(runs: Runs, body: bytes, language: str) -> Payload:
    """The offers at a step, or the fork that one of them makes, in this language."""
    request = read(body, WhatIfRequest)
    trace = runs.trace(request.run, language)
    if request.edit is None:
        found = [_offer(offer) for offer in whatif.offers(trace, request.at)]
        return payload.make({"offers": found}, language=language)
    fork = whatif.fork(trace, request.at, request.edit)
    return payload.make(
        {
            "scenario": fork.scenario.content(),
            "kernel": fork.scenario.kernel,
            "link": engine.encode_link(fork.scenario),
            "at": request.at,
            "restarts": fork.restarts,
            "said": fork.said,
        },
        language=language,
    )


def _offer(offer: whatif.Offer) -> dict[str, object]:
    told = {"id": offer.id, "kind": offer.kind, "lead": offer.lead, "label": offer.label}
    return {**told, "possible": offer.possible, "why_not": offer.why_not}
