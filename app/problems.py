"""Errors as problem documents (RFC 9457): where it is, what it is, and what would be right.

They are for programs and for who writes scenarios, and speak English to every reader; only why a
run cannot be forked is told as it was offered, in the reader's language.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.explain import Trouble, troubles
from engine import (
    BadLink,
    BadScenario,
    BadSchedule,
    BudgetExceeded,
    EngineError,
    NotBuilt,
    UnknownKernel,
)
from engine.errors import TookTooLong

log = logging.getLogger("faultwalk")

MEDIA_TYPE = "application/problem+json"
ENGINE_TITLES: dict[type[EngineError], tuple[str, str]] = {
    BadScenario: ("bad-scenario", "The scenario cannot be used"),
    BadSchedule: ("bad-schedule", "The schedule does not fit the scenario"),
    BadLink: ("bad-link", "The link cannot be opened"),
    UnknownKernel: ("unknown-kernel", "There is no such kernel"),
    BudgetExceeded: ("budget-exceeded", "The run is longer than is allowed"),
}


LOOKED_AT = 100
"""How many findings are put into words: a body can hold more than a hundred thousand faults."""


@dataclass
class Problem(Exception):
    """A problem document on its way to the client; raise it, or call `response()`."""

    status: int
    title: str
    detail: str
    errors: Sequence[Trouble] = ()
    kind: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"

    def response(self) -> Response:
        """This problem as an HTTP response."""
        document = {
            "type": f"urn:faultwalk:problem:{self.kind}" if self.kind else "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": [asdict(trouble) for trouble in self.errors],
        }
        headers = {"cache-control": "no-store", "content-language": self.language}
        headers |= self.headers
        return Response(json.dumps(document), self.status, headers, MEDIA_TYPE)


def of_http(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Problem:
    """A problem that says no more than the HTTP status and one sentence."""
    return Problem(status, HTTPStatus(status).phrase, detail, headers=headers or {})


def of_engine(error: EngineError) -> Problem:
    """What the engine said, as a problem."""
    if isinstance(error, TookTooLong):
        return Problem(503, "Service Unavailable", str(error), kind="took-too-long")
    if isinstance(error, NotBuilt):
        return Problem(503, "The page is not built", str(error), kind="not-built")
    kind, title = ENGINE_TITLES.get(type(error), ("engine", "The engine refused this"))
    trouble = Trouble(str(error.where), str(error.what), str(error.instead))
    return Problem(422, title, str(error), [trouble], kind, language=error.language)


def of_validation(
    error: ValidationError | RequestValidationError,
    data: object = None,
    model: type[BaseModel] | None = None,
) -> Problem:
    """What pydantic found wrong with `data`, which should be a `model`, as a problem."""
    findings = error.errors()
    found = troubles(findings[:LOOKED_AT], data, model)
    others = len(found) - 1 + len(findings[LOOKED_AT:])
    more = f" (and {others} more)" if others else ""
    title = "The request does not have the right form"
    return Problem(422, title, f"{found[0]}{more}", found[:20], "invalid-request")


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(EngineError, _on_engine)
    app.add_exception_handler(ValidationError, _on_validation)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, on_http)


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _on_engine(_: Request, error: Exception) -> Response:
    assert isinstance(error, EngineError)
    return of_engine(error).response()


async def _on_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError | RequestValidationError)
    return of_validation(error).response()


async def on_http(request: Request, error: Exception) -> Response:
    """What Starlette or a route raised for want of anything better."""
    assert isinstance(error, HTTPException)
    sentences = {
        404: f"there is nothing at {request.url.path[:200]}",
        405: f"{request.url.path[:200]} does not take {request.method}",
    }
    sentence = sentences.get(error.status_code, error.detail)
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = allowed(request, headers["Allow"])
    return of_http(error.status_code, sentence, headers).response()


def allowed(request: Request, own: str) -> str:
    """The methods taken at an address: those of the route that refused, and of its neighbours.

    A route knows no more than its own; which others have the same template, OpenAPI knows.
    """
    template = getattr(request.scope.get("route"), "path", "")
    told = [method.upper() for method in request.app.openapi()["paths"].get(template, ())]
    found = list(dict.fromkeys([*own.split(", "), *told]))
    if "GET" in found and "HEAD" not in found:
        found.insert(found.index("GET") + 1, "HEAD")
    return ", ".join(found)


class Shield:
    """ASGI middleware: what is raised past the handlers becomes a 500 problem, and is logged."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and answer in the application's stead when it fails."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] in ("http.response.start", "websocket.accept")
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if isinstance(error, Problem) and not started and scope["type"] != "lifespan":
                await error.response()(scope, receive, send)
                return
            if started or scope["type"] != "http":
                raise
            name = scope.get("request_id", "-")
            log.exception("failed", extra={"fields": {"id": name}})
            sentence = f"something broke on our side; the request may be fine (it was {name})"
            await of_http(500, sentence).response()(scope, receive, send)
