"""Sheets: exercises from a seed, as handout, with their key, checked; nothing is stored."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app import payload
from app.addresses import below, origin_of
from app.api import RunsDep
from app.explain import Trouble, nearest
from app.html import rendered
from app.language import chosen
from app.lessons.pages import with_forms
from app.problems import Problem
from engine.sheets import KINDS, MOST, Exercise, sheet
from engine.sheets.marks import LETTERS, first_changed, marks

router = APIRouter(include_in_schema=False)

SEED = re.compile(r"[A-Za-z0-9-]{1,24}")
MARKS = re.compile(f"[{LETTERS}]{{0,{MOST}}}")
USUAL = 8
SCRIPT_SAYS = ("sheet_name", "sheet_name_hint", "sheet_csv", "sheet_json", "sheet_print",
               "sheet_stays")  # fmt: skip
made = lru_cache(maxsize=64)(sheet)


@dataclass(frozen=True)
class Wanted:
    """Which sheet an address names, whether with its key, and how it was when it was handed out."""

    seed: str
    kinds: tuple[str, ...]
    n: int
    key: bool
    marks: str = ""

    def address(self, key: bool) -> str:
        """The address of this sheet, with or without its key."""
        kinds = "" if self.kinds == KINDS else ",".join(self.kinds)
        fields = {"seed": self.seed, "kinds": kinds, "n": str(self.n), "is": self.marks,
                  "key": "1" if key else ""}  # fmt: skip
        return "/sheet?" + urlencode({k: v for k, v in fields.items() if v}, safe=",")


@router.api_route("/sheet", methods=["GET", "HEAD"])
async def handout(request: Request, runs: RunsDep) -> Response:
    """The sheet of a seed: ?seed=, ?kinds=, ?n=; with ?key=1 its answers. No seed: some sheet.

    ?is= has the marks of what was handed out: the page names the first exercise that differs.
    """
    if not request.query_params.get("seed"):
        fields = [(k, v) for k, v in request.query_params.multi_items() if k != "seed"]
        query = urlencode([("seed", str(secrets.randbelow(10**6))), *fields], safe=",")
        there = f"{below(request)}/sheet?{query}"
        return RedirectResponse(there, 303, headers={"cache-control": "no-store"})
    return await told(request, runs, wanted(request), {})


@router.post("/sheet")
async def check(request: Request, runs: RunsDep) -> Response:
    """The same sheet with what was answered, graded. Nothing is kept."""
    body = (await request.body()).decode(errors="replace")
    fields = parse_qs(body[:8000], max_num_fields=200)
    given = {
        number: ",".join(fields.get(f"q{number}", []))
        for number in range(1, MOST + 1)
        if f"q{number}" in fields
    }
    return await told(request, runs, wanted(request), given)


async def told(
    request: Request, runs: RunsDep, asked: Wanted, given: Mapping[int, str]
) -> Response:
    """The page, made in a thread of the runs'."""
    language = chosen(request)
    host = origin_of(request.app.state.settings, request)
    words = [asked.address(asked.key), language, host, str(sorted(given.items()))]
    key = payload.digest(runs.build, request.method.encode(), *(word.encode() for word in words))

    def make() -> payload.Payload:
        exercises = made(asked.seed, asked.kinds, asked.n, language)
        changed = first_changed(asked.marks, exercises)
        here = replace(asked, marks=asked.marks or marks(exercises))
        rows = [row(number, one, given) for number, one in enumerate(exercises, 1)]
        checked = request.method == "POST"
        right = sum(bool(one["graded"]) for one in rows)
        return rendered(request, "sheet.html", "sheets", SCRIPT_SAYS, exercises=rows, asked=here,
                        changed=changed, checked=checked, right=right, all_kinds=KINDS, most=MOST,
                        host=host)  # fmt: skip

    answer = (await runs.once(key, make)).respond(request, "no-store" if given else "no-cache")
    return with_forms(answer)


def row(number: int, exercise: Exercise, given: Mapping[int, str]) -> dict[str, Any]:
    """One exercise with what was answered: `graded` is None where nothing was."""
    answer = given.get(number, "")
    graded = exercise.graded(answer)
    parts = answer.split(",") if graded is not None else []
    because = ""
    if graded is not None and exercise.answers and int(parts[0]) < len(exercise.answers):
        because = exercise.answers[int(parts[0])].because
    elif graded is False:
        because = exercise.because
    return {"number": number, "of": exercise, "given": parts, "graded": graded, "because": because}


def wanted(request: Request) -> Wanted:
    """What the address asks for. Raises Problem, which says what would be right."""
    query = request.query_params
    seed = query.get("seed", "")
    if not SEED.fullmatch(seed):
        raise refused("seed", f"{seed[:40]!r} is no seed", "1 to 24 letters, digits and hyphens")
    kinds = [kind for text in query.getlist("kinds") for kind in text.split(",") if kind]
    for kind in kinds:
        if kind not in KINDS:
            raise refused("kinds", f"{kind[:40]!r} is no kind", nearest(kind, KINDS))
    n = query.get("n", str(USUAL))
    if not re.fullmatch(r"\d{1,2}", n) or not 1 <= int(n) <= MOST:
        raise refused("n", f"{n[:20]!r} is no number of exercises", f"1 to {MOST}")
    handed_out = query.get("is", "")
    if not MARKS.fullmatch(handed_out):
        raise refused("is", f"{handed_out[:40]!r} are no marks", "the letters that a sheet gave")
    known = tuple(kind for kind in KINDS if not kinds or kind in kinds)
    return Wanted(seed, known, int(n), query.get("key") == "1", handed_out)


def refused(where: str, what: str, instead: str) -> Problem:
    """422: the address names no sheet."""
    trouble = Trouble(where, what, instead)
    return Problem(422, "There is no such sheet", str(trouble), [trouble], "bad-sheet")
