"""What operators see: a name for each request, a line and a count; is it well, is it ready."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs
from app.metrics import MEDIA_TYPE, Metrics, Requests, Sample, one
from app.problems import Problem
from app.proxies import inside, networks
from app.settings import Settings

NAME = re.compile(r"[A-Za-z0-9_-]{8,64}")
METHODS = ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS")
router = APIRouter(include_in_schema=False)


class Observed:
    """ASGI middleware: names, measures and counts each request, and writes a line about it.

    The name is the proxy's X-Request-ID where one is trusted; it goes out with the answer.
    """

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self.app = app
        self.requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look at what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "other"
        began, status, size = time.perf_counter(), 500, 0
        scope["request_id"] = name = _name(scope)

        async def seen(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", []), (b"x-request-id", name.encode())]
                message = {**message, "headers": headers}
            else:
                size += len(message.get("body", b""))
            await send(message)

        self.requests.open += 1
        try:
            await self.app(scope, receive, seen)
        finally:
            self.requests.open -= 1
            sent = 0 if method == "HEAD" else size
            self.tell(scope, method, status, time.perf_counter() - began, sent)

    def tell(self, scope: Scope, method: str, status: int, seconds: float, sent: int) -> None:
        """Count it and write the line."""
        route = route_of(scope)
        self.requests.add(method, route, status, seconds, sent)
        if logs.requests.isEnabledFor(logging.INFO):
            fields = {"id": scope["request_id"], "method": method, "route": route,
                      "status": status, "ms": round(seconds * 1000, 1), "bytes": sent}  # fmt: skip
            logs.requests.info("request", extra={"fields": fields})


def _name(scope: Scope) -> str:
    if scope.get("vouched"):
        told: str = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        if NAME.fullmatch(told):
            return told
    return secrets.token_hex(8)


def route_of(scope: Scope) -> str:
    """The template of the route that answered: /api/scenarios/{name}; - where there is none."""
    found = scope.get("route_template") or getattr(scope.get("route"), "path", None)
    return str(found) if found else "-"


def tell_metrics(app: FastAPI, metrics: Metrics) -> None:
    """Add what the parts of the application know."""
    runs, searches = app.state.runs, app.state.searches

    def asked() -> Iterator[Sample]:
        yield "", {"answer": "kept"}, runs.kept_answers
        yield "", {"answer": "made"}, runs.made_answers

    def by_state() -> Iterator[Sample]:
        count = Counter(search.state for search in searches.known.values())
        for state in ("queued", "running", "done", "refused", "failed"):
            yield "", {"state": state}, count[state]

    def kept() -> list[Sample]:
        return one(runs.by_body.size + runs.by_content.size)

    add = metrics.add
    add("answers_total", "counter", "Runs and questions, kept from before or made anew.", asked)
    add("cache_bytes", "gauge", "Bytes of answers that are kept.", kept)
    add("run_slots", "gauge", "Runs at a time at most.", lambda: one(runs.slots.total_tokens))
    add("runs_running", "gauge", "Runs going on.", lambda: one(runs.slots.borrowed_tokens))
    add("runs_waiting", "gauge", "Runs that wait.", lambda: one(runs.waiting))
    add("searches", "gauge", "Searches that are known, by state.", by_state)


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz() -> dict[str, bool]:
    """Whether the process answers; if not, restart it."""
    return {"ok": True}


@router.api_route("/readyz", methods=["GET", "HEAD"])
def readyz(request: Request) -> Response:
    """Whether it can do its work; if not, send visitors elsewhere."""
    found = {name: check() for name, check in request.app.state.checks.items()}
    ready = all(found.values()) and not request.app.state.stopping
    told = {"ready": ready, "checks": found}
    return JSONResponse(told, 200 if ready else 503, {"cache-control": "no-store"})


@router.api_route("/metrics", methods=["GET", "HEAD"])
async def metrics(request: Request) -> Response:
    """Counts and times for a monitor; for those only whom the settings let in."""
    settings: Settings = request.app.state.settings
    client = request.client.host if request.client else ""
    allowed = networks("metrics", settings.metrics)
    # a proxy that is not known as one looks like a neighbour, and brings strangers
    if request.scope.get("untold") or not inside(client, allowed):
        sentence = "the metrics are for the operator; FAULTWALK_METRICS says who that is"
        raise Problem(403, "Forbidden", sentence, kind="operators-only")
    told: Metrics = request.app.state.metrics
    return Response(told.text(), 200, {"cache-control": "no-store"}, MEDIA_TYPE)
