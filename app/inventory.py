"""The fault inventory: twelve items before and after the lessons, answered, keyed, printed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any
from urllib.parse import parse_qs

import yaml
from fastapi import APIRouter, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from app.content import texts
from app.explain import nearest
from app.html import page
from app.lessons.form import Id, Question, Short
from app.lessons.judge import Bench
from app.lessons.pages import with_forms
from app.lessons.told import lessons, place, question_texts
from app.settings import ROOT
from app.sheets import SCRIPT_SAYS, refused, row
from app.story import short
from engine.share import encode_link
from engine.sheets.exercise import Answer, Exercise

FILE = ROOT / "stories" / "inventory.yaml"
FORMS = ("before", "after")
"""The same items, with their answers in another order."""

router = APIRouter(include_in_schema=False)


class Item(Question):
    """A question of the inventory. concept: what it is about; lesson: where that is taught."""

    id: Id
    lesson: Id
    concept: Short


@cache
def items() -> tuple[Item, ...]:
    """The twelve."""
    form = TypeAdapter(Annotated[tuple[Item, ...], Field(min_length=12, max_length=12)])
    return form.validate_python(yaml.safe_load(FILE.read_bytes()))


@texts("inventory")
def written() -> dict[str, Any]:
    """The items' texts by their ids."""
    return {item.id: {"concept": item.concept, **question_texts(item)} for item in items()}


@cache
def exercises(form: str) -> tuple[Exercise, ...]:
    """The items as exercises, each right answer found by the engine."""
    bench = Bench()
    return tuple(_exercise(item, form, bench) for item in items())


def _exercise(item: Item, form: str, bench: Bench) -> Exercise:
    assert item.run is not None
    right, trace = bench.right(item), bench.trace(item.run)
    answers = [Answer(c.text, n in right, c.because) for n, c in enumerate(item.choices)]
    answers.sort(key=lambda answer: place(f"{form} {item.ask}", answer.text))
    return Exercise(
        kind=item.id,
        kernel=short(item.run.kernel),
        setup=(),
        so_far=(),
        ask=item.ask,
        answers=tuple(answers),
        threads=(),
        link=encode_link(trace.scenario, trace.witness),
        step=bench.step(item.run),
    )


@router.api_route("/inventory", methods=["GET", "HEAD"])
def inventory(request: Request) -> Response:
    """The items: ?form=before or after; with ?key=1 their answers and the reasons."""
    return told(request, {}, request.query_params.get("key") == "1")


@router.post("/inventory")
async def check(request: Request) -> Response:
    """The items with what was answered, counted, and after the lessons graded. Nothing is kept."""
    body = (await request.body()).decode(errors="replace")
    fields = parse_qs(body[:4000], max_num_fields=50)
    given = {n: fields[f"q{n}"][0] for n in range(1, 13) if f"q{n}" in fields}
    return told(request, given, False)


def told(request: Request, given: Mapping[int, str], key: bool) -> Response:
    """The page."""
    form = request.query_params.get("form", FORMS[0])
    if form not in FORMS:
        raise refused("form", f"{form[:40]!r} is no form", nearest(form, FORMS))
    rows = [row(number, one, given) for number, one in enumerate(exercises(form), 1)]
    for one, item in zip(rows, items(), strict=True):
        one |= {"concept": item.concept, "lesson": lessons()[item.lesson]}
    made = page(
        request,
        "inventory.html",
        "sheets",
        SCRIPT_SAYS,
        rows=rows,
        form=form,
        other=FORMS[form == FORMS[0]],
        key=key,
        checked=request.method == "POST",
        right=sum(bool(one["graded"]) for one in rows),
    )
    if given:
        made.headers["cache-control"] = "no-store"
    return with_forms(made)
