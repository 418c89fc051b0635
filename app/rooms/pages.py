"""The pages of rooms: the stage that follows one, where to type its name, a presenter's notes."""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.addresses import below
from app.html import page
from app.language import LATER, part
from app.rooms.names import read_name
from engine.messages import ENGLISH

router = APIRouter(include_in_schema=False)


@cache
def notes_words() -> tuple[str, ...]:
    """The keys of what the presenter's notes say."""
    words = ("step", "step_back", "step_of", "steps")
    return tuple(k for k in part("page", ENGLISH) if k.startswith(LATER["room"]) or k in words)


@router.api_route("/r", methods=["GET", "HEAD"])
def join(request: Request) -> Response:
    """Where the name of a room is typed."""
    return page(request, "room_join.html", "room", wrong="")


@router.api_route("/r/{name}", methods=["GET", "HEAD"])
def follow(request: Request, name: str) -> Response:
    """The stage, led by a room. Whether it is there the page asks itself, and goes on asking."""
    known = read_name(name)
    if known is None:
        answer = page(request, "room_join.html", "room", wrong=name[:20])
        answer.status_code = 404
        return answer
    if known != name:
        return RedirectResponse(f"{below(request)}/r/{known}", 308)
    return page(request, "room.html", "room", room=known)


@router.api_route("/present-notes", methods=["GET", "HEAD"])
def notes(request: Request) -> Response:
    """The presenter's second window; the first one tells it what to show."""
    return page(request, "present_notes.html", "room", wanted=notes_words())
