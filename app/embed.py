"""A run in a page of somebody else's: what an iframe shows, and the script of the element."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app import payload
from app.addresses import below, origin_of
from app.api import RunsDep
from app.assets import Manifest
from app.html import page, rendered
from app.language import chosen
from app.link_page import View, run, shown, told
from app.links import desk_of, find
from app.problems import Problem
from app.security import CSP
from engine.link_id import tidy

router = APIRouter(include_in_schema=False)

FRAMED = {
    "content-security-policy": CSP.replace("frame-ancestors 'none'", "frame-ancestors * file:"),
    "cross-origin-resource-policy": "cross-origin",
    "cross-origin-embedder-policy": "require-corp",
}
"""What lets any page show this one: one that isolates itself too, and a deck from the disk."""

ELEMENT = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=3600",
}


@router.api_route("/embed", methods=["GET", "HEAD"])
def embed(request: Request) -> Response:
    """The run that the fragment names; a server never sees fragments."""
    return framed(page(request, "embed.html", link=None))


@router.api_route("/embed/{id}", methods=["GET", "HEAD"])
async def embed_link(request: Request, id: str, runs: RunsDep) -> Response:
    """The run of a short link; without script, its card."""
    if tidy(id) != id:
        query = f"?{request.url.query}" if request.url.query else ""
        return framed(RedirectResponse(f"{below(request)}/embed/{tidy(id)}{query}", 308))
    try:
        link = await find(request, id)
    except Problem as problem:
        return framed(told(request, problem, id))
    view, language = View.of(request), chosen(request)
    origin = origin_of(desk_of(request).settings, request)
    parts = ("embed", link.id, view.query, language, origin)
    key = payload.digest(runs.build, *(part.encode() for part in parts))

    def make() -> payload.Payload:
        fields = shown(run(runs, link, language), link, view, origin)
        return rendered(request.app, language, "embed.html", "link", **fields)

    return framed((await runs.once(key, make)).respond(request))


@router.api_route("/embed.js", methods=["GET", "HEAD"])
def element(request: Request) -> Response:
    """The element <fault-walk>. Its address and what it understands stay as they are."""
    settings = desk_of(request).settings
    name = Manifest(settings.static).asset("embed.js").rpartition("/")[2]
    script = (settings.static / "dist" / name).read_bytes()
    answer = payload.packed(script, media_type="text/javascript; charset=utf-8").respond(request)
    answer.headers.update(ELEMENT)
    return answer


def framed(answer: Response) -> Response:
    """The same answer, for any page to show."""
    answer.headers.update(FRAMED)
    return answer
