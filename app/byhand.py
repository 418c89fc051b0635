"""Be the kernel: the tasks, and what comes of the moves so far."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import payload
from app.api import RunsDep
from app.content import content, texts
from app.html import page
from app.language import chosen, words_with
from app.openapi import KEPT, PROBLEM, body_of
from app.payload import Payload
from app.runs import Runs, read
from engine.byhand import Task, find_task, played_json, task_kernel, task_scene, tasks
from engine.byhand.form import MOST, bits_json
from engine.byhand.tasks import has_own_scene

pages = APIRouter(include_in_schema=False)
router = APIRouter(prefix="/api", responses={"4XX": PROBLEM})

MoveText = Annotated[str, Field(max_length=40, description="read_pte, put.new, set_pte.told.PUA")]


class HandRequest(BaseModel):
    """A task, one of its kernels, and the moves so far."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str = Field(max_length=60, description="a task's id")
    kernel: str = Field(max_length=60, description="one of the task's kernels")
    moves: tuple[MoveText, ...] = Field((), max_length=MOST, description="in their order")
    hint: bool = Field(False, description="tell what the kernel's own handler would do next")


@texts("kernel-tasks")
def written() -> dict[str, Any]:
    """The tasks' texts, and those of the scenes that no gallery has."""
    return {task.id: _written(task) for task in tasks()}


def _written(task: Task) -> dict[str, Any]:
    told = {"title": task.title, "says": task.says, "hint": task.hint}
    if not has_own_scene(task):
        return told
    scene = task_scene(task.id)
    return {**told, "scene": {"title": scene.title, "story": scene.story}}


@cache
def listed(language: str) -> list[dict[str, Any]]:
    """The tasks as the page receives them."""
    return [_told(task, language) for task in tasks()]


def _told(task: Task, language: str) -> dict[str, Any]:
    told, scenario = content(language).told, task_scene(task.id)
    return {
        "id": task.id,
        "title": told(task.title),
        "says": told(task.says),
        "hint": told(task.hint),
        "kernels": task.kernels,
        "minutes": task.minutes,
        "thread": task.thread,
        "scene": told(scenario.title),
        "story": told(scenario.story),
    }


def handled(runs: Runs, body: bytes, language: str) -> Payload:
    """What came of these moves, and what is said of each."""
    asked = read(body, HandRequest)
    kernel = task_kernel(find_task(asked.task), asked.kernel)
    content = [asked.task, kernel, asked.moves, asked.hint, language]
    key = payload.digest(runs.build, b"byhand", msgspec.json.encode(content))
    known = runs.by_content.get(key)
    if known:
        return known
    made = played_json(asked.task, kernel, asked.moves, language, asked.hint)
    kept = payload.make(made, key, language=language)
    runs.by_content.put(key, kept)
    return kept


@pages.api_route("/be-the-kernel", methods=["GET", "HEAD"])
def byhand_page(request: Request) -> Response:
    """The page; which task under which kernel, and the moves so far, its fragment says."""
    known = {"tasks": listed(chosen(request)), "bits": bits_json(), "most": MOST}
    data = msgspec.json.encode(known).decode().replace("<", "\\u003c")
    return page(request, "byhand.html", wanted=words_with("byhand"), tasks=Markup(data))


@router.get("/kernel-tasks", responses=KEPT)
async def all_tasks(request: Request) -> Response:
    """The faults that one may handle by hand: what is to be done, and under which kernels."""
    language = chosen(request)
    return payload.make(listed(language), language=language).respond(request)


@router.post("/kernel-play", openapi_extra=body_of(HandRequest), responses=KEPT)
async def kernel_play(request: Request, runs: RunsDep) -> Response:
    """Handle a fault by these moves.

    Answers the run so far, what is offered next, and for each move which rules it broke: those
    that always hold, and those of the kernel whose handler it is compared with.
    """
    made = await runs.answer(request, handled)
    return made.respond(request)
