"""What is at a short link: the run to be read, the stage where script runs, and files of it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

import engine
from app import payload
from app.addresses import below, origin_of
from app.api import RunsDep
from app.explain import Trouble
from app.html import page, rendered
from app.language import chosen
from app.links import CACHE, DELETED, desk_of, find, opened
from app.payload import Payload
from app.problems import Problem
from app.runs import RunRequest, Runs
from app.security import CSP
from app.store import Link
from engine.link_id import is_id, tidy
from engine.picture.style import CARD_STYLE_DARK
from engine.present import KINDS, present, question
from engine.reading import reading, title_of, verdict_of
from engine.share import pack
from engine.text import plain
from engine.trace import Trace
from engine.trace_form import drift, trace_json

router = APIRouter(include_in_schema=False)

MODES = ("play", "predict", "whatif", "schedules")
MOST_STEPS = 20_000
LISTED = 2000
"""Steps in the page; the plain text has all."""

CARRIED = 600_000
"""Bytes of a run that are sent with the page; a larger one is asked for."""

PAGES = {
    "bad-link-id": ("unknown_title", "unknown_shape"),
    "no-such-link": ("unknown_title", "unknown_text"),
    "link-gone": ("gone_title", "gone_help"),
    "links-off": ("off_title", "off_text"),
    "store-away": ("away_title", "away_text"),
}
_digest = base64.b64encode(hashlib.sha256(CARD_STYLE_DARK.encode()).digest()).decode()
SVG_CSP = CSP.replace("style-src 'self'", f"style-src 'sha256-{_digest}'")


@dataclass(frozen=True)
class View:
    """Which step of a link is looked at, and in which mode."""

    at: int
    mode: str

    @classmethod
    def of(cls, request: Request) -> View:
        """What an address says; nonsense is no error, a link opens anyway."""
        step, mode = request.query_params.get("t", ""), request.query_params.get("m", "")
        at = min(int(step[:6]), MOST_STEPS) if step.isascii() and step.isdecimal() else 0
        return cls(at, mode if mode in MODES else MODES[0])

    @property
    def quiz(self) -> bool:
        """Whether what comes next is not to be told."""
        return self.mode == "predict"

    @property
    def query(self) -> str:
        """Both as an address says them, with the question mark; nothing where there is nothing."""
        said = [f"t={self.at}"] if self.at else []
        said += [f"m={self.mode}"] if self.mode != MODES[0] else []
        return "?" + "&".join(said) if said else ""


@router.api_route("/l/{id}.{kind}", methods=["GET", "HEAD"])
async def file(request: Request, id: str, kind: str, runs: RunsDep) -> Response:
    """The run of a short link as text, Markdown, JSON, or a card as SVG or PNG. ?t=14&m=predict."""
    if kind not in KINDS:
        what = f"a link has no form {kind[:20]!r}"
        trouble = Trouble("address", what, f"take one of {', '.join(KINDS)}")
        raise Problem(404, "There is no such form", str(trouble), [trouble], "no-such-form")
    if is_id(tidy(id)) and tidy(id) != id:
        return moved(request, f"/l/{tidy(id)}.{kind}")
    link, view, language = await find(request, id), View.of(request), chosen(request)
    url = f"{origin_of(desk_of(request).settings, request)}/l/{id}{view.query}"
    key = payload.digest(runs.build, *(part.encode() for part in (kind, url, language)))

    def make() -> Payload:
        made = present(run(runs, link, language), kind, view.at, view.quiz, url)
        return payload.packed(made, key, KINDS[kind])

    made = await runs.once(f"file {key}", make)
    answer = made.respond(request, CACHE)
    answer.headers["cross-origin-resource-policy"] = "cross-origin"
    answer.headers["content-language"] = language
    if kind == "html":  # its script is its own, which this server's policy would not let run
        answer.headers["content-disposition"] = f'attachment; filename="faultwalk-{id}.html"'
    if kind == "svg":
        answer.headers["content-security-policy"] = SVG_CSP
    return answer


@router.api_route("/l/{id}", methods=["GET", "HEAD"])
async def show(request: Request, id: str, runs: RunsDep) -> Response:
    """The whole run to be read without script; where script runs, the stage opens at the step."""
    if is_id(tidy(id)) and tidy(id) != id:
        return moved(request, f"/l/{tidy(id)}")
    try:
        link = await find(request, id)
    except Problem as problem:
        return told(request, problem, id)
    view, language = View.of(request), chosen(request)
    origin = origin_of(desk_of(request).settings, request)
    parts = (link.id, view.query, language, origin)
    key = payload.digest(runs.build, *(part.encode() for part in parts))

    def make() -> Payload:
        trace = run(runs, link, language)
        fields = shown(trace, link, view, origin)
        return rendered(request, "link.html", "link", **fields)

    return (await runs.once(f"page {key}", make)).respond(request)


def run(runs: Runs, link: Link, language: str) -> Trace:
    """The run of a link by today's model."""
    asked = RunRequest.model_construct(link=pack(link.content), scenario=None, gallery=None)
    return runs.trace(asked, language)


def moved(request: Request, path: str) -> Response:
    """To the id's own spelling: who reads an id aloud says neither capitals nor O for 0."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(below(request) + path + query, 308)


def told(request: Request, problem: Problem, id: str) -> Response:
    """A page that says why there is nothing to see, and what to do."""
    if problem.kind not in PAGES:
        raise problem
    title, text = PAGES[problem.kind]
    said = {"reason": problem.detail.partition(": ")[2], "deleted": DELETED, "id": id}
    answer = page(request, "link_none.html", "link", heading=title, text=text, **said)
    answer.status_code = problem.status
    answer.headers["cache-control"] = "no-store"
    for name, value in problem.headers.items():
        answer.headers[name] = value
    return answer


def shown(trace: Trace, link: Link, view: View, origin: str) -> dict[str, Any]:
    """What the page of a link says."""
    threads = list(trace.sim.threads)
    told_by = opened(link)[1]
    at = min(view.at, len(trace.steps))
    lines = [line for line in reading(trace) if not view.quiz or line.n <= at]
    verdict = question(trace, at) if view.quiz else verdict_of(trace)
    whole = json.dumps(trace_json(trace, told_by), ensure_ascii=False, separators=(",", ":"))
    return {
        "link": link,
        "url": f"{origin}/l/{link.id}",
        "query": view.query,
        "mode": view.mode,
        "at": at,
        "quiz": view.quiz,
        "title": title_of(trace),
        "story": trace.scenario.story,
        "verdict": verdict,
        "plain_verdict": plain(verdict),
        "kernel": trace.kernel.id,
        "arch": trace.arch.id,
        "count": len(trace.steps),
        "threads": threads,
        "lines": lines[:LISTED],
        "more": max(0, len(lines) - LISTED),
        "places": {thread: n % 8 for n, thread in enumerate(threads)},
        "drift": drift(trace, told_by),
        "packed": pack(link.content),
        "now": engine.encode_link(trace.scenario, trace.witness),
        "run": Markup(whole.replace("<", "\\u003c")) if len(whole) <= CARRIED else "",
        "forms": list(KINDS),
    }
