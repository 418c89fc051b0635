"""The pages of the lessons: the list, each lesson, and the place where one copies and changes."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import payload
from app.addresses import below, origin_of
from app.api import RunsDep
from app.glossary import terms
from app.html import Say, page, rendered
from app.language import chosen, words_with
from app.lessons.form import Lesson
from app.lessons.judge import troubles
from app.lessons.told import Teller, lessons, read_lesson, source, told
from app.openapi import KEPT, PROBLEM
from app.payload import Payload
from app.problems import Problem
from app.runs import Runs
from app.security import FORMS

pages = APIRouter(include_in_schema=False)
router = APIRouter(prefix="/api", responses={"4XX": PROBLEM})

MOST = 48 * 1024
"""Bytes of a lesson; those of the house have a fifth of that."""

LESSON_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/yaml": {"schema": {"type": "string"}}},
    }
}


def shared(language: str) -> dict[str, Any]:
    """What every template here needs beside its own words."""
    return {"of_gallery": Say("gallery", language), "of_thread": Say("thread", language)}


@pages.api_route("/lessons", methods=["GET", "HEAD"])
def listed(request: Request) -> Response:
    """All lessons: goals, minutes, what comes before."""
    known = lessons()
    titles = {id: lesson.title for id, lesson in known.items()}
    more = shared(chosen(request))
    return page(request, "lessons.html", "lessons", lessons=known.values(), titles=titles, **more)


@pages.api_route("/lessons/edit", methods=["GET", "HEAD"])
def start(request: Request) -> Response:
    """An empty place to paste a lesson in; ?from= begins with a copy of one of ours."""
    wanted = request.query_params.get("from", next(iter(lessons())))
    text = (source(wanted) or b"").decode()
    fields = {"text": text, "checked": False, "troubles": [], "lesson": None}
    return with_forms(page(request, "lesson_edit.html", "lessons", words_with("lessons"), **fields))


@pages.post("/lessons/edit")
async def checked(request: Request, runs: RunsDep) -> Response:
    """The lesson that was sent, checked and told below its text. It is kept nowhere."""
    return await sent(request, runs, "lesson_edit.html")


@pages.api_route("/lessons/own", methods=["GET", "HEAD"])
def own(request: Request) -> Response:
    """Where a link to somebody's own lesson leads: its fragment has the text, which comes back."""
    fields: dict[str, Any] = {"text": "", "troubles": [], "lesson": None}
    return with_forms(page(request, "lesson_own.html", "lessons", words_with("lessons"), **fields))


@pages.post("/lessons/own")
async def handed_out(request: Request, runs: RunsDep) -> Response:
    """The lesson that was in a link, checked and told. It is kept nowhere."""
    return await sent(request, runs, "lesson_own.html")


async def sent(request: Request, runs: Runs, template: str) -> Response:
    """A page about the lesson in the form's field `text`."""
    body, language = await request.body(), chosen(request)
    text = parse_qs(body.decode(errors="replace"), max_num_fields=4).get("text", [""])[0]
    text = text.replace("\r\n", "\n")
    key = payload.digest(runs.build, template.encode(), below(request).encode(), language.encode(),
                         host(request).encode(), body)  # fmt: skip
    made = await runs.once(key, lambda: edited(request, text, language, template))
    return with_forms(made.respond(request, "no-store"))


def edited(request: Request, text: str, language: str, template: str) -> Payload:
    """The page of a lesson that is no lesson of ours."""
    fields: dict[str, Any] = {"text": text, "checked": True, "troubles": [], "lesson": None}
    try:
        lesson = of_text(text.encode())
        fields["troubles"] = troubles(lesson)
        if not fields["troubles"]:
            fields |= for_page(request, lesson, Teller(lesson, language).lesson(), language)
    except Problem as problem:
        fields["troubles"] = problem.errors
    return rendered(request, template, "lessons", words_with("lessons"), **fields)


@pages.api_route("/lessons/{name}", methods=["GET", "HEAD"])
def one(request: Request, name: str) -> Response:
    """A lesson as a page, or as the file that it is written in."""
    id = name.removesuffix(".yaml")
    if id not in lessons():
        raise Problem(404, "There is no such lesson", f"there is no lesson {id[:60]!r}")
    if name.endswith(".yaml"):
        headers = {"content-disposition": f'attachment; filename="{id}.yaml"'}
        headers |= {"cache-control": "no-cache"}
        return Response(source(id), headers=headers, media_type="application/yaml")
    language, ids = chosen(request), list(lessons())
    at = ids.index(id)
    around: dict[str, Any] = {"before": neighbour(ids, at - 1), "next": neighbour(ids, at + 1)}
    fields = for_page(request, lessons()[id], told(id, language), language)
    return page(request, "lesson.html", "lessons", **fields, **around)


def neighbour(ids: list[str], at: int) -> tuple[str, str] | None:
    """A lesson's id and title, if there is one at this place."""
    return (ids[at], lessons()[ids[at]].title) if 0 <= at < len(ids) else None


def for_page(
    request: Request, lesson: Lesson, told: dict[str, Any], language: str
) -> dict[str, Any]:
    """The fields of the template that tells a lesson."""
    known = lessons()
    return {
        "lesson": told,
        "earlier": [(id, known[id].title) for id in lesson.after if id in known],
        "words_used": [terms()[word] for word in lesson.words if word in terms()],
        "presented": presented(told),
        "snippet": snippet(told["slides"], origin_of(request.app.state.settings, request)),
        **shared(language),
    }


def presented(told: dict[str, Any]) -> dict[str, Any] | None:
    """The run of the first prediction, to be presented from its start, with questions."""
    asked = [q["there"] for _, part in told["parts"] for q in part["questions"] if q["there"]]
    if not asked:
        return None
    run = asked[0]["href"].partition("&t=")[0].replace("/#", "/?present#", 1)
    return {**asked[0], "href": f"{run}&m=predict"}


def snippet(slides: dict[str, Any], host: str) -> str:
    """A slide for reveal.js: the run, and what is said at each of its steps."""
    said = "\n".join(
        f'    <span class="fragment current-visible" data-step="{fragment["step"]}">'
        f"{html.escape(fragment['says'], quote=False)}</span>"
        for fragment in slides["fragments"]
    )
    src, label = html.escape(host + slides["src"]), html.escape(slides["label"])
    return (
        f'<section data-step="{slides["first"]}">\n  <p class="says">\n{said}\n  </p>\n'
        f'  <fault-walk src="{src}" step="{slides["first"]}" variant="min" height="470"\n'
        f'              label="{label}"></fault-walk>\n</section>\n'
        f'<script src="{html.escape(host)}/embed.js" async></script>'
    )


def host(request: Request) -> str:
    """Where the site is, as this visitor sees it."""
    return origin_of(request.app.state.settings, request)


def with_forms(response: Response) -> Response:
    """The same page, allowed to send its form to this site."""
    response.headers["content-security-policy"] = FORMS
    return response


@router.post("/lessons/check", responses=KEPT, openapi_extra=LESSON_BODY)
async def check(request: Request, runs: RunsDep) -> Response:
    """Hold a lesson, sent as YAML or JSON, against the engine: every place where it is wrong, or
    the right answer of each of its questions. Nothing is kept."""
    return (await runs.answer(request, judged)).respond(request)


def judged(_: Runs, body: bytes, language: str) -> Payload:
    """What comes of a lesson. Raises Problem with all that is wrong."""
    lesson = of_text(body)
    found = troubles(lesson)
    if found:
        raise Problem(422, "The lesson does not hold", str(found[0]), found[:20], "lesson-fails")
    made = Teller(lesson, language).lesson()
    answers = {
        name: [next(c["n"] for c in q["choices"] if c["right"]) for q in part["questions"]]
        for name, part in made["parts"]
    }
    return payload.make({"id": lesson.id, "title": lesson.title, "answers": answers})


def of_text(text: bytes) -> Lesson:
    """The lesson in this text. Raises Problem."""
    if len(text) > MOST:
        raise Problem(413, "Content Too Large", f"a lesson has at most {MOST} bytes")
    return read_lesson(text)
