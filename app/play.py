"""Play the scheduler: the levels, what comes of the moves so far, and what can still come."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

import engine
from app import payload
from app.api import RunsDep
from app.content import content, texts
from app.explorations import BEGUN, SearchesDep, asked_for
from app.html import page
from app.language import chosen, words_with
from app.openapi import KEPT, PROBLEM, body_of
from app.payload import Payload
from app.runs import Runs, read
from app.workers import Task
from engine.explore.levels import (
    Level,
    find_level,
    has_own_scene,
    holds_of,
    level_kernel,
    level_scene,
    levels,
    moves_of,
)

pages = APIRouter(include_in_schema=False)
router = APIRouter(prefix="/api", responses={"4XX": PROBLEM})


class PlayRequest(BaseModel):
    """A level, one of its kernels, and the moves: a schedule of switch points."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: str = Field(max_length=60, description="a level's id")
    kernel: str = Field(max_length=60, description="one of the level's kernels")
    schedule: str = Field("", max_length=16_000, description="A until read_pte#1; B until end")


@texts("levels")
def written() -> dict[str, Any]:
    """The levels' texts, and those of the scenes that no gallery has."""
    return {level.id: _written(level) for level in levels()}


def _written(level: Level) -> dict[str, Any]:
    told = {"title": level.title, "says": level.says, "hint": level.hint, "because": level.because}
    if not has_own_scene(level):
        return told
    scene = level_scene(level.id)
    return {**told, "scene": {"title": scene.title, "story": scene.story}}


@cache
def listed(language: str) -> list[dict[str, Any]]:
    """The levels as the page receives them."""
    return [_told(level, language) for level in levels()]


def _told(level: Level, language: str) -> dict[str, Any]:
    told, scenario = content(language).told, level_scene(level.id)
    return {
        "id": level.id,
        "title": told(level.title),
        "says": told(level.says),
        "hint": told(level.hint),
        "because": {kernel: told(text) for kernel, text in level.because.items()},
        "kernels": level.kernels,
        "scene": told(scenario.title),
        "story": told(scenario.story),
        "threads": [thread.name for _, thread in scenario.threads()],
    }


def played(runs: Runs, body: bytes, language: str) -> Payload:
    """The run in which these moves are made, and whether it reaches the goal in the end."""
    asked = read(body, PlayRequest)
    level = find_level(asked.level)
    kernel = level_kernel(level, asked.kernel)
    content = [level.id, kernel, asked.schedule, language]
    key = payload.digest(runs.build, b"play", msgspec.json.encode(content))
    known = runs.by_content.get(key)
    if known:
        return known
    scenario = level_scene(level.id)
    moves = [switch.model_dump() for switch in moves_of(scenario, asked.schedule)]
    trace = engine.run(scenario, kernel, moves, language)
    won = holds_of(level.id, kernel, [told.moment.thread for told in trace.steps])
    made = payload.make({"won": won, "run": engine.trace_json(trace)}, key, language=language)
    runs.by_content.put(key, made)
    return made


@pages.api_route("/play", methods=["GET", "HEAD"])
def play_page(request: Request) -> Response:
    """The game; which level under which kernel, and the moves so far, its fragment says."""
    data = msgspec.json.encode(listed(chosen(request))).decode().replace("<", "\\u003c")
    return page(request, "play.html", wanted=words_with("game"), levels=Markup(data))


@router.get("/levels", responses=KEPT)
async def all_levels(request: Request) -> Response:
    """The levels of the game: what is to be reached, in which scene, under which kernels."""
    language = chosen(request)
    return payload.make(listed(language), language=language).respond(request)


@router.post("/play", openapi_extra=body_of(PlayRequest), responses=KEPT)
async def play(request: Request, runs: RunsDep) -> Response:
    """Make these moves and let the rest run to its end; `won`: whether the goal holds there."""
    made = await runs.answer(request, played)
    return made.respond(request)


@router.post("/play/reach", openapi_extra=body_of(PlayRequest), responses=BEGUN)
async def reach(request: Request, searches: SearchesDep, runs: RunsDep) -> Response:
    """Ask whether the goal can still be reached after these moves, and with how few changes.

    A search like those of /api/explorations, and followed there.
    """
    asked = read(await request.body(), PlayRequest)
    level = find_level(asked.level)
    kernel = level_kernel(level, asked.kernel)
    scenario, settings = level_scene(level.id), searches.settings
    moves_of(scenario, asked.schedule)  # so that what is wrong with it is said at once
    options = {
        "goal": level.goal,
        "schedule": asked.schedule,
        "max_states": settings.search_states,
        "seconds": settings.search_seconds,
    }
    return asked_for(
        request, searches, runs, Task(scenario.content(), kernel, options, kind="reach")
    )
