"""Short links over HTTP: made from a run, read, deleted by who made them, reported."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

import engine
from app import payload
from app.addresses import below, origin_of
from app.api import RunsDep
from app.explain import Trouble
from app.limits import LinkLimit, too_many
from app.openapi import KEPT, OBJECT, PROBLEM, body_of, refusals
from app.payload import Payload
from app.problems import Problem
from app.runs import RunRequest, Runs, read
from app.settings import Settings
from app.store import (
    Gone,
    Link,
    Links,
    NotYours,
    StoreAway,
    StoreFull,
    TooMany,
    UnknownLink,
)
from engine.link_id import is_id, tidy
from engine.share import NEWEST, canonical, content_of, pack, read_content

CACHE = "public, max-age=3600, immutable"
"""What a link holds never changes; that one was hidden is known everywhere within the hour."""

ID = "10 to 52 of the characters 0-9 and a-z without i, l, o and u"
TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
DELETED = "whoever made it has deleted it"

REFUSALS = refusals(
    {
        404: "there is no such link, or no links are kept here",
        410: "the link was hidden or deleted",
        503: "the links cannot be reached just now",
    }
)
KEPT_HERE = {
    200: {"description": "it was here already", "content": OBJECT},
    201: {
        "description": "made",
        "headers": {"Location": {"schema": {"type": "string"}}},
        "content": OBJECT,
    },
    **refusals({507: "there is no room for another"}),
}
WITH_TOKEN: dict[str, Any] = {"security": [{"delete_token": []}]}
DELETED_HERE = refusals(
    {
        401: "no token was told",
        403: "the token is not one of this link's, or a page of another site sent this",
        429: "too often from one place",
    }
)

router = APIRouter(prefix="/api/links", responses={**REFUSALS, "4XX": PROBLEM})
T = TypeVar("T")


class LinkRequest(RunRequest):
    """The run that a link shall hold, and the secret to delete it with, if the maker has one."""

    delete_token: Annotated[str, Field(pattern=rf"^{TOKEN.pattern}$")] | None = Field(
        None, description="of your own making, so that a request may be repeated"
    )


class Report(BaseModel):
    """Why a link should not be here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Desk:
    """The store as the server uses it: off the event loop, and not more often than is allowed."""

    def __init__(self, settings: Settings, store: Links | None) -> None:
        self.settings = settings
        self.store = store
        self.limit = LinkLimit(settings.links_a_minute, settings.links_a_day)
        self.threads = anyio.CapacityLimiter(8)

    async def ask(self, work: Callable[[Links], T]) -> T:
        """What the store answers, or the problem that its answer is."""
        if self.store is None:
            raise switched_off()
        try:
            return await anyio.to_thread.run_sync(work, self.store, limiter=self.threads)
        except Gone as gone:
            raise of_gone(gone) from None
        except UnknownLink:
            raise no_such_link() from None
        except (NotYours, TooMany, StoreFull, StoreAway) as error:
            raise REFUSED[type(error)]() from None

    def admit(self, request: Request) -> None:
        """Let a visitor write, unless he came too often."""
        if self.settings.rate_limit:
            wait = self.limit.take(request.scope, time.monotonic())
            if wait:
                raise too_many(math.ceil(wait), "links")


def desk_of(request: Request) -> Desk:
    """The server's desk."""
    found: Desk = request.app.state.desk
    return found


@router.post("", openapi_extra=body_of(LinkRequest), responses=KEPT_HERE)
async def create(request: Request, runs: RunsDep) -> Response:
    """Keep a run under a short link. The same content is the same link, however often it is sent.

    201 when it is new, 200 when it was there. The token is told this once.
    """
    desk = desk_of(request)
    if desk.store is None:
        raise switched_off()
    desk.admit(request)
    body = await request.body()
    if len(body) > desk.settings.links_body:
        raise too_large(desk.settings.links_body)
    content = (await runs.answer(request, content_for)).plain()
    if len(content) > desk.settings.links_body:
        raise too_large(desk.settings.links_body)
    told, token = json.loads(content), read(body, LinkRequest).delete_token
    title = told["scenario"].get("title", "")
    made = await desk.ask(lambda store: store.create(content, NEWEST, title, token))
    path = f"/l/{made.id}"
    answer = {"id": made.id, "url": origin_of(desk.settings, request) + path}
    headers = {"location": below(request) + path, "cache-control": "no-store"}
    return JSONResponse({**answer, "delete_token": made.token}, 201 if made.new else 200, headers)


def content_for(runs: Runs, body: bytes, language: str) -> Payload:
    """The canonical content of the link that is asked for; nothing that does not run is kept."""
    asked = read(body, LinkRequest)
    request = RunRequest.model_construct(**{k: getattr(asked, k) for k in RunRequest.model_fields})
    scenario, told = runs.find(request)
    trace = runs.trace(request, language)
    kept = content_of(scenario, told) if told else content_of(trace.scenario, trace.witness)
    return payload.packed(canonical(kept), media_type="application/json")


@router.get("/{id}", responses=KEPT)
async def show(request: Request, id: str) -> Response:
    """What a short link holds, and the self-contained link to the same."""
    link = await find(request, id)
    made = payload.make(described(link, origin_of(desk_of(request).settings, request)))
    return made.respond(request, CACHE)


@router.delete("/{id}", openapi_extra=WITH_TOKEN, responses=DELETED_HERE)
async def delete(request: Request, id: str) -> Response:
    """Delete a link with the token that making it told: Authorization: Bearer TOKEN.

    A link that several people made goes when the last of them deletes it; `others` counts them.
    """
    desk, checked = desk_of(request), shaped(id)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not TOKEN.fullmatch(token.strip()):
        sentence = "say the token that came with the link: Authorization: Bearer TOKEN"
        headers = {"www-authenticate": "Bearer"}
        raise Problem(401, "Unauthorized", sentence, kind="no-token", headers=headers)
    desk.admit(request)
    left = await desk.ask(lambda store: store.delete(checked, token.strip()))
    headers = {"cache-control": "no-store"}
    return JSONResponse({"id": checked, "gone": not left, "others": left}, headers=headers)


@router.post("/{id}/report", status_code=202, openapi_extra=body_of(Report))
async def report(request: Request, id: str) -> Response:
    """Tell the operator what is wrong with a link. It stays until the operator has looked."""
    desk, checked = desk_of(request), shaped(id)
    desk.admit(request)
    told = read(await request.body(), Report)
    await desk.ask(lambda store: store.report(checked, told.reason))
    return JSONResponse({"id": checked}, 202, {"cache-control": "no-store"})


async def find(request: Request, id: str) -> Link:
    """The link with this id, or the problem that says why it cannot be had."""
    checked = shaped(id)
    return await desk_of(request).ask(lambda store: store.get(checked))


def described(link: Link, origin: str) -> dict[str, Any]:
    """A link as JSON. content: as it was made; link: the same, self-contained."""
    return {
        "id": link.id,
        "url": f"{origin}/l/{link.id}",
        "title": link.title,
        "schema": link.schema,
        "created_day": link.created_day,
        "content": json.loads(link.content),
        "link": pack(link.content),
    }


def opened(link: Link) -> tuple[engine.Scenario, str | None]:
    """The scenario and the checksum in a link, by today's model. Raises BadLink."""
    return read_content(link.content)


def shaped(id: str) -> str:
    """An id in its own spelling, or the problem that it is none."""
    found = tidy(id)
    if is_id(found):
        return found
    what = f"{id[:60]!r} is no id of a link"
    trouble = Trouble("id", what, f"an id has {ID}")
    raise Problem(404, "There is no such link", str(trouble), [trouble], "bad-link-id")


def no_such_link() -> Problem:
    """404: never made here, or its last character is missing."""
    trouble = Trouble("id", "no link with this id was made here", "copy the link whole")
    return Problem(404, "There is no such link", str(trouble), [trouble], "no-such-link")


def of_gone(gone: Gone) -> Problem:
    """410, and why."""
    reason = gone.reason or DELETED
    return Problem(410, "The link is gone", f"this link is gone: {reason}", kind="link-gone")


def too_large(most: int) -> Problem:
    """413: for a link, less is taken than for a run."""
    sentence = f"a link holds at most {most} bytes; its self-contained form may be longer"
    return Problem(413, "Content Too Large", sentence, kind="too-large")


def switched_off() -> Problem:
    """404: this server keeps no links."""
    sentence = "this server keeps no short links; the self-contained link works everywhere"
    return Problem(404, "There are no short links here", sentence, kind="links-off")


def _not_yours() -> Problem:
    return Problem(403, "Forbidden", "the token is not one of this link's", kind="wrong-token")


def _too_many_kept() -> Problem:
    sentence = "this server keeps as many links as it may; the self-contained link still works"
    return Problem(507, "Insufficient Storage", sentence, kind="links-full")


def _no_room() -> Problem:
    sentence = "there is no room left to keep the link; the self-contained link still works"
    return Problem(507, "Insufficient Storage", sentence, kind="storage-full")


def _away() -> Problem:
    sentence = "the links cannot be reached just now; try again in a few seconds"
    headers = {"retry-after": "5"}
    return Problem(503, "Service Unavailable", sentence, kind="store-away", headers=headers)


REFUSED: dict[type[Exception], Callable[[], Problem]] = {
    NotYours: _not_yours,
    TooMany: _too_many_kept,
    StoreFull: _no_room,
    StoreAway: _away,
}
