"""Searches over all schedules: asked for, queued fairly, followed, cached by what was asked.

A search has an id, the hash of its content and of this build of the engine: who asks the same gets
the same search, and a page that is loaded again finds its own. Who asks first is served first, but
one place gets a second search only when nobody else waits. A search that nobody wants is stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from app import payload
from app.html import page
from app.language import chosen, matrix_words
from app.limits import client_of
from app.openapi import OBJECT, PROBLEM, body_of, refusals
from app.problems import Problem
from app.runs import Runs, Source, read
from app.settings import Settings
from app.workers import Task, Worker
from engine.explore.questions import read_question
from engine.kernels import find_kernel

DONE = ("done", "refused", "failed")
KEPT = 256
"""Finished searches that are remembered."""

PATIENCE = 20.0
"""Seconds for which a search goes on though nobody looks at it."""


BEGUN: dict[int | str, dict[str, Any]] = {
    200: {"description": "what was found, for this was asked before", "content": OBJECT},
    202: {"description": "where the search stands", "content": OBJECT},
}
EVENTS = {"description": "server-sent events", "content": {"text/event-stream": {}}}


class ExploreRequest(Source):
    """A scenario, in one of three ways, and how to search its schedules."""

    exists: str | None = Field(None, max_length=500, description="a question about how runs end")
    order: bool = Field(True, description="whether partial-order reduction may be used")
    symmetry: bool = Field(True, description="whether threads that are alike may stand for another")
    course: bool = Field(False, description="also what was open along the scenario's own schedule")
    max_states: int = Field(200_000, ge=1, description="states to store at most")
    max_preemptions: int | None = Field(None, ge=0, le=20)
    seconds: float = Field(30.0, gt=0, description="seconds to search at most")


@dataclass
class Search:
    """One search and what became of it so far. wanted: when somebody last looked at it."""

    id: str
    task: Task
    client: str
    state: str = "queued"
    progress: tuple[int, int, float, tuple[int, int]] = (0, 0, 0.0, (0, 0))
    result: Any = None
    wanted: float = field(default_factory=time.monotonic)
    worker: Worker | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def told(self) -> dict[str, Any]:
        """What a page is told of it."""
        states, steps, seconds, (done, cells) = self.progress
        rate = round(states / seconds) if seconds else 0
        news: dict[str, Any] = {"id": self.id, "state": self.state}
        if self.state in ("queued", "running"):
            budget = {"max_states": self.task.options["max_states"],
                      "max_seconds": self.task.options["seconds"]}  # fmt: skip
            news |= {"states": states, "steps": steps, "seconds": seconds, "rate": rate, **budget}
            if cells:
                news |= {"cells_done": done, "cells": cells}
        elif self.state == "done":
            news["found"] = self.result
        else:
            news["error"] = self.result
        return news


class Searches:
    """All searches: those that run, those that wait, those that are done."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.known: OrderedDict[str, Search] = OrderedDict()
        self.waiting: list[Search] = []
        self.idle: list[Worker] | None = None
        self.turn: asyncio.Task[None] | None = None
        self.closing = False

    def ask(self, id: str, task: Task, client: str) -> Search:
        """The search for this task, begun if nobody has."""
        known = self.known.get(id)
        if known and known.state != "failed":
            known.wanted = time.monotonic()
            self.known.move_to_end(id)
            return known
        if len(self.waiting) >= self.settings.search_queue:
            sentence = "too many searches are waiting already; try again in a few seconds"
            raise Problem(503, "Service Unavailable", sentence, headers={"retry-after": "5"})
        mine = sum(search.client == client for search in self.waiting)
        if mine >= self.settings.search_each:
            sentence = f"{mine} searches of yours are waiting already; wait for one, or cancel it"
            raise Problem(429, "Too Many Requests", sentence, kind="too-many",
                          headers={"retry-after": "5"})  # fmt: skip
        search = self.known[id] = Search(id, task, client)
        self.waiting.append(search)
        self._dispatch()
        self._forget()
        return search

    def find(self, id: str) -> Search:
        """A search by its id."""
        search = self.known.get(id)
        if search is None:
            sentence = "there is no such search; ask for it again with POST /api/explorations"
            raise Problem(404, "Not Found", sentence, kind="unknown-search")
        search.wanted = time.monotonic()
        return search

    def cancel(self, search: Search) -> None:
        """Nobody wants it any more."""
        if search in self.waiting:
            self.waiting.remove(search)
            self._settle(search, "failed", "it was cancelled before it began")
            del self.known[search.id]
        elif search.worker:
            search.worker.stop(search.task)

    def hush(self) -> None:
        """Let all streams end: the server is going down."""
        self.closing = True
        for search in self.known.values():
            search.changed.set()

    def close(self) -> None:
        """End all processes."""
        for search in self.known.values():
            if search.worker:
                search.worker.close()
        for worker in self.idle or ():
            worker.close()

    def _dispatch(self) -> None:
        """Give waiting searches to idle workers: first those of places that have none running."""
        if self.idle is None:
            self.idle = [
                Worker(self.settings.search_memory) for _ in range(self.settings.searchers)
            ]
            self.turn = asyncio.get_running_loop().create_task(self._drop_unwanted())
        while self.waiting and self.idle:
            busy = [search.client for search in self.known.values() if search.worker]
            search = min(self.waiting, key=lambda s: busy.count(s.client))
            self.waiting.remove(search)
            search.worker, search.state = self.idle.pop(), "running"
            search.worker.start(search.task, self._ear(search))

    def _ear(self, search: Search) -> Callable[[str, Any], None]:
        """What a worker tells its news to, from a thread of its own."""
        loop = asyncio.get_running_loop()
        return lambda kind, what: _soon(loop, self._hear, search, kind, what)

    def _hear(self, search: Search, kind: str, what: Any) -> None:
        if kind == "progress":
            search.progress = what
        else:
            self._settle(search, kind, what)
            if search.worker and self.idle is not None:
                self.idle.append(search.worker)
            search.worker = None
            self._dispatch()
        search.changed.set()

    def _settle(self, search: Search, state: str, result: Any) -> None:
        search.state, search.result = state, result
        if state == "done" and result["limit"] == "cancelled":
            del self.known[search.id]  # what was cut short by hand is no answer for others
        search.changed.set()

    def _forget(self) -> None:
        finished = [id for id, search in self.known.items() if search.state in DONE]
        for id in finished[: max(0, len(finished) - KEPT)]:
            del self.known[id]

    async def _drop_unwanted(self) -> None:
        while True:
            await asyncio.sleep(PATIENCE / 4)
            late = time.monotonic() - PATIENCE
            for search in list(self.known.values()):
                if search.state not in DONE and search.wanted < late:
                    self.cancel(search)


def _soon(loop: asyncio.AbstractEventLoop, act: Callable[..., None], *words: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the server is going down
        loop.call_soon_threadsafe(act, *words)


async def _searches(request: Request) -> Searches:
    found: Searches = request.app.state.searches
    return found


SearchesDep = Annotated[Searches, Depends(_searches)]
pages = APIRouter(include_in_schema=False)
router = APIRouter(prefix="/api/explorations", responses={"4XX": PROBLEM})


async def _runs(request: Request) -> Runs:
    found: Runs = request.app.state.runs
    return found


@router.post("", openapi_extra=body_of(ExploreRequest), responses=BEGUN)
async def explore(
    request: Request, searches: SearchesDep, runs: Annotated[Runs, Depends(_runs)]
) -> Response:
    """Ask for a search; the answer says where it stands. The same question is the same search."""
    asked = read(await request.body(), ExploreRequest)
    scenario, _ = runs.meant(asked)
    kernel = find_kernel(asked.kernel or scenario.kernel).id
    if asked.exists is not None:
        read_question(asked.exists, scenario)  # so that what is wrong with it is said at once
    settings = searches.settings
    options = {
        "exists": asked.exists, "order": asked.order, "symmetry": asked.symmetry,
        "max_states": min(asked.max_states, settings.search_states),
        "max_preemptions": asked.max_preemptions,
        "seconds": min(asked.seconds, settings.search_seconds),
        "course": asked.course,
        "language": chosen(request),
    }  # fmt: skip
    return asked_for(request, searches, runs, Task(scenario.content(), kernel, options))


class MatrixRequest(Source):
    """A scenario, in one of three ways, to be searched under every kernel and on every arch."""


@router.post("/matrix", openapi_extra=body_of(MatrixRequest), responses=BEGUN)
async def table(
    request: Request, searches: SearchesDep, runs: Annotated[Runs, Depends(_runs)]
) -> Response:
    """Ask which rules a scenario breaks under which kernel, on which architecture."""
    asked = read(await request.body(), MatrixRequest)
    scenario, _ = runs.meant(asked)
    settings = searches.settings
    options = {
        "max_states": settings.search_states // 8,
        "seconds": settings.search_seconds,
        "language": chosen(request),
    }
    return asked_for(request, searches, runs, Task(scenario.content(), None, options))


def asked_for(request: Request, searches: Searches, runs: Runs, task: Task) -> Response:
    """Where the search for this task stands; it is begun if nobody has."""
    key = msgspec.json.encode([task.scenario, task.kernel, task.options, task.kind], order="sorted")
    id = payload.digest(runs.build, b"explore", key)
    search = searches.ask(id, task, client_of(request.scope))
    return _told(search, 200 if search.state in DONE else 202)


@pages.api_route("/matrix", methods=["GET", "HEAD"])
def matrix_page(request: Request) -> Response:
    """The page that shows it; of which scenario, its fragment says."""
    return page(request, "matrix.html", wanted=matrix_words())


@router.get("/{id}")
async def look(id: str, searches: SearchesDep) -> Response:
    """Where a search stands, or what it found."""
    return _told(searches.find(id))


@router.delete("/{id}", status_code=204, responses=refusals({403: "others asked for it too"}))
async def cancel(request: Request, id: str, searches: SearchesDep) -> Response:
    """Stop a search; only the place that asked for it first can."""
    search = searches.find(id)
    if search.client != client_of(request.scope):
        sentence = "somebody else asked for this search too; it stops when nobody looks at it"
        raise Problem(403, "Forbidden", sentence, kind="not-yours")
    searches.cancel(search)
    return Response(status_code=204)


@router.get("/{id}/events", response_class=StreamingResponse, responses={200: EVENTS})
async def events(request: Request, id: str, searches: SearchesDep) -> Response:
    """The same as a stream of events: one for each change, the last with what was found."""
    search = searches.find(id)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    if request.scope.get("head"):
        return Response(None, 200, headers, "text/event-stream")
    return StreamingResponse(_stream(searches, search), 200, headers, "text/event-stream")


async def _stream(searches: Searches, search: Search) -> AsyncIterator[bytes]:
    while not searches.closing:
        search.changed.clear()
        search.wanted = time.monotonic()
        yield b"data: " + msgspec.json.encode(search.told()) + b"\n\n"
        if search.state in DONE:
            return
        try:
            await asyncio.wait_for(search.changed.wait(), PATIENCE / 2)
        except TimeoutError:
            continue


def _told(search: Search, status: int = 200) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(search.told()), status, headers, "application/json")
