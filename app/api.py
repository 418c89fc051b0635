"""The API: what can be shown, and the run of a scenario."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app import payload
from app.catalogue import Catalogue
from app.language import chosen
from app.openapi import KEPT, PROBLEM, RUN_BODY, TRACE
from app.runs import Runs, told_run


async def _catalogue(request: Request) -> Catalogue:
    found: Catalogue = request.app.state.catalogue
    return found


async def _runs(request: Request) -> Runs:
    found: Runs = request.app.state.runs
    return found


SCHEMA = {"description": "the schema", "content": {"application/schema+json": {}}}
CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]
RunsDep = Annotated[Runs, Depends(_runs)]
router = APIRouter(prefix="/api", responses={**KEPT, "4XX": PROBLEM})


@router.get("/kernels")
async def kernels(request: Request, catalogue: CatalogueDep) -> Response:
    """The kernels, in order of history, and which functions each of them changed."""
    return catalogue.kernels(chosen(request)).respond(request)


@router.get("/scenarios")
async def scenarios(request: Request, catalogue: CatalogueDep) -> Response:
    """The gallery in its order: each scenario's id, title, story, kernel, arch, claim and level."""
    return catalogue.listing(chosen(request)).respond(request)


@router.get("/scenarios/{name}")
async def scenario(request: Request, name: str, catalogue: CatalogueDep) -> Response:
    """One scenario of the gallery, defaults dropped."""
    return catalogue.one(name).respond(request)


@router.get("/schema/scenario", response_class=Response, responses={200: SCHEMA})
async def schema(request: Request, catalogue: CatalogueDep) -> Response:
    """The JSON Schema of a scenario."""
    return catalogue.schema.respond(request)


@router.post("/run", openapi_extra=RUN_BODY, responses={200: TRACE})
async def run(request: Request, runs: RunsDep) -> Response:
    """Run a scenario and answer the whole trace; the same request has the same ETag, and answer."""
    made = await runs.answer(request, told_run)
    return made.respond(request)


@router.post("/link", openapi_extra=RUN_BODY)
async def link(request: Request, runs: RunsDep) -> Response:
    """Answer the self-contained link to the run that POST /api/run would show."""
    made = await runs.answer(request, told_run)
    return payload.make({"link": made.link}).respond(request)
