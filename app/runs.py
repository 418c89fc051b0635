"""A request for a run: what may be asked, which scenario is meant, and the answer, made once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

import anyio.to_thread
import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.config import JsonDict
from pydantic_core import from_json
from starlette.requests import Request

import engine
import engine.messages
from app import payload
from app.explain import Trouble, nearest
from app.language import chosen
from app.payload import Cache, Payload
from app.problems import Problem, of_validation
from app.settings import Settings
from engine import Scenario, Trace
from engine.deadline import within

Work = Callable[["Runs", bytes, str], Payload]
"""What is made of a body, in a language. Its name stands for it in the cache."""

KEPT = 2
"""Traces kept for further questions; a long one takes tens of megabytes."""


WAYS = {"scenario": "object", "link": "string", "gallery": "string"}
EXACTLY_ONE: JsonDict = {
    "oneOf": [
        {"required": [way], "properties": {way: {"type": kind}}} for way, kind in WAYS.items()
    ]
}
"""`Source.one_source` as JSON Schema: the two that are not used may be null."""


class Source(BaseModel):
    """A scenario, in one of three ways, and the kernel to use in place of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=EXACTLY_ONE)

    scenario: Scenario | None = Field(None, description="the scenario itself")
    link: str | None = Field(None, description="a link, from z1. on")
    gallery: str | None = Field(None, description="the id of a scenario of the gallery")
    kernel: str | None = Field(None, description="a kernel's id, instead of the scenario's own")

    @model_validator(mode="after")
    def one_source(self) -> Source:
        """Exactly one of the three ways is used."""
        ways = [self.scenario, self.link, self.gallery]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of scenario, link and gallery")
        return self


class RunRequest(Source):
    """A scenario, in one of three ways, and what to run it with in place of what it says."""

    schedule: str | list[dict[str, str]] | None = Field(
        None,
        description="a schedule, instead of the scenario's: A until set_pte_at; B until end",
    )


class Runs:
    """Answers requests for runs: in threads, a few at a time, each distinct one worked out once."""

    def __init__(self, settings: Settings, gallery: dict[str, Scenario]) -> None:
        self.gallery = gallery
        self.queue = settings.run_queue
        self.seconds = settings.run_seconds
        self.kept_answers = self.made_answers = 0
        self.slots = anyio.CapacityLimiter(settings.run_slots)
        self.by_body = Cache(settings.cache_bytes // 2)
        self.by_content = Cache(settings.cache_bytes // 2)
        self.build = fingerprint()
        self.newest: OrderedDict[str, Trace] = OrderedDict()
        self.lock = Lock()

    async def answer(self, request: Request, work: Work) -> Payload:
        """What `work` makes of a request's body in its language; at once when it came before."""
        body, language = await request.body(), chosen(request)
        brief = payload.digest(self.build, work.__name__.encode(), language.encode(), body)
        return await self.once(brief, lambda: work(self, body, language))

    async def once(self, brief: str, make: Callable[[], Payload]) -> Payload:
        """What `make` makes, in a thread; at once when something was made under this key before."""
        known = self.by_body.get(brief)
        if known:
            self.kept_answers += 1
            return known
        if self.waiting >= self.queue:
            sentence = "too many runs are waiting already; try again in a second"
            raise Problem(503, "Service Unavailable", sentence, headers={"retry-after": "1"})

        def in_time() -> Payload:
            with within(self.seconds):
                return make()

        made = await anyio.to_thread.run_sync(in_time, limiter=self.slots)
        self.made_answers += 1
        self.by_body.put(brief, made)
        return made

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self.slots.statistics().tasks_waiting

    def trace(self, request: RunRequest, language: str) -> Trace:
        """The run that is asked for, told in this language, kept for the next question about it."""
        scenario, told = self.find(request)
        key = f"{self.key(scenario, request, told)} {language}"
        with self.lock:
            if key in self.newest:
                self.newest.move_to_end(key)
                return self.newest[key]
        trace = engine.run(scenario, request.kernel, request.schedule, language)
        with self.lock:
            self.newest[key] = trace
            while len(self.newest) > KEPT:
                self.newest.popitem(last=False)
        return trace

    def find(self, request: RunRequest) -> tuple[Scenario, str | None]:
        """The scenario that the request means, and what its link told of how it ran."""
        scenario, told = self.meant(request)
        return scenario, None if request.kernel or request.schedule else told

    def meant(self, source: Source) -> tuple[Scenario, str | None]:
        """The scenario that is meant, and what its link tells of its own run."""
        if source.scenario is not None:
            return source.scenario, None
        if source.link is not None:
            return engine.decode_content(source.link)
        return self.of_gallery(source.gallery or ""), None

    def of_gallery(self, name: str) -> Scenario:
        """The scenario of the gallery called `name`."""
        if name in self.gallery:
            return self.gallery[name]
        what = f"there is no scenario {name[:60]!r}"
        trouble = Trouble("gallery", what, nearest(name, list(self.gallery)))
        raise Problem(422, "There is no such scenario", str(trouble), [trouble], "unknown-scenario")

    def key(self, scenario: Scenario, request: RunRequest, told: str | None) -> str:
        """The canonical name of a run by this build of the engine."""
        try:
            content = [scenario.content(), request.kernel, request.schedule, told]
            return payload.digest(self.build, msgspec.json.encode(content, order="sorted"))
        except (ValueError, RecursionError):
            sentence = "the scenario holds text that is no text, or is nested too deep"
            trouble = Trouble("scenario", sentence, "make it anew")
            raise Problem(422, "Not a scenario", sentence, [trouble], "bad-scenario") from None


def told_run(runs: Runs, body: bytes, language: str) -> Payload:
    """The whole trace of the run that is asked for, its sentences in this language."""
    request = read(body, RunRequest)
    scenario, told = runs.find(request)
    key = payload.digest(runs.key(scenario, request, told).encode(), language.encode())
    known = runs.by_content.get(key)
    if known:
        return known
    trace = engine.run(scenario, request.kernel, request.schedule, language)
    made = payload.make(engine.trace_json(trace, told), key, language=language)
    runs.by_content.put(key, made)
    return made


def opening_run(runs: Runs, language: str) -> tuple[str, str]:
    """The scenario that the stage opens on, and its run as JSON that may stand in a document."""
    if not runs.gallery:
        return "", ""
    opening = next(iter(runs.gallery))
    made = told_run(runs, msgspec.json.encode({"gallery": opening}), language)
    return opening, made.plain().decode().replace("<", "\\u003c")


Asked = TypeVar("Asked", bound=BaseModel)


def read(body: bytes, model: type[Asked]) -> Asked:
    """The request in `body`, or a problem that says what is wrong with it."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0] if error.error_count() == 1 else None
        if first and first["type"] == "json_invalid":
            reason = str(first["ctx"]["error"])
            trouble = Trouble("", f"the body is not JSON: {reason}", "send one JSON object")
            raise Problem(400, "Not JSON", trouble.what, [trouble], "not-json") from None
        raise of_validation(error, from_json(body), model) from None


def fingerprint() -> bytes:
    """What names this build of the engine, and its words: an ETag must not outlive either."""
    home, words = Path(engine.__file__).parent, engine.messages.FOLDER
    files = [*sorted(home.rglob("*.py")), *sorted(f for f in words.rglob("*") if f.is_file())]
    return payload.digest(*(file.read_bytes() for file in files)).encode()
