"""The thread as a story: each message, what it claimed, and what the kernels of that day did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any

import yaml
from fastapi import APIRouter, Request
from starlette.responses import Response

import engine
from app.content import content, texts
from app.html import page
from app.language import chosen
from app.markup import to_html
from app.settings import ROOT
from engine.content import Content
from engine.kernels import find_kernel
from engine.messages import ENGLISH, Messages, messages
from engine.trace import CITED, Told, Trace
from engine.trace_form import thread_outcome

FILE = ROOT / "stories" / "nopfn-thread.yaml"
VERDICTS = {
    "holds": "✓",
    "refuted": "✕",
    "in part": "◐",
    "not enough": "◔",
    "at a price": "△",
    "argued": "…",
    "no effect": "○",
    "open": "?",
}
"""What became of a claim, and its sign."""

LINE = ("2.6.17", "nopfn-v1", "nopfn-v2", "nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19")
"""The kernels of the story, in order."""

FATES = {"bad": "⬣", "odd": "◆", "ok": "✓"}
ODD = ("bad_pte", "livelock", "sigbus", "sigsegv", "sigkill", "oom")
ANSWERS = ("nopfn_ret", "nopage_ret")

router = APIRouter(include_in_schema=False)


@texts("thread")
def written() -> dict[str, Any]:
    """The story's texts, messages by their numbers."""
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    mails = {m["n"]: {"says": m["says"], "claims": _claims(m)} for m in told["messages"]}
    after = {key: told["after"][key] for key in ("title", "says")}
    after["claims"] = _claims(told["after"])
    return {"title": told["title"], "intro": told["intro"], "messages": mails, "after": after}


def _claims(part: dict[str, Any]) -> list[dict[str, str]]:
    return [{key: claim[key] for key in ("text", "because")} for claim in part["claims"]]


@cache
def story(language: str = ENGLISH) -> dict[str, Any]:
    """The story with every scene run: what the file says, and what the engine shows."""
    told: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    scenarios, words = dict(engine.gallery()), messages(language)
    for part in [*told["messages"], told["after"]]:
        part["date"] = datetime.fromisoformat(str(part["date"])).replace(tzinfo=UTC)
        for claim in part["claims"]:
            verdict = claim["verdict"]
            claim["sign"] = VERDICTS[verdict]
            claim["said"] = words.say(f"thread.verdict_{verdict.replace(' ', '_')}")
            claim["scenes"] = [
                scene_told(scenarios[s["scenario"]], s, words) for s in claim["scenes"]
            ]
    told["revisions"] = list(_revisions(told, content(language)))
    told["fates"] = [(sign, words.say(f"thread.fate_{kind}")) for kind, sign in FATES.items()]
    return told


def _revisions(told: dict[str, Any], known: Content) -> Iterator[dict[str, Any]]:
    """The messages that brought a new kernel, and what it changed."""
    places = {m["kernel"]: f"m{m['n']}" for m in reversed(told["messages"]) if "kernel" in m}
    places[told["after"]["kernel"]] = "after"
    for id in LINE[1:]:
        kernel = find_kernel(id)
        change = known.say(kernel.title).partition(": ")[2]
        day = datetime.fromisoformat(kernel.date)
        made = {"name": short(id), "place": places[id], "date": day, "change": change}
        yield {**made, "lang": known.lang(kernel.title)}


def scene_told(
    scenario: engine.Scenario,
    scene: Mapping[str, Any],
    words: Messages,
    stage: Callable[[Trace], str] | None = None,
) -> dict[str, Any]:
    """What a scene comes to, in columns of kernels that run it alike.

    stage: the address of a run, where the scenario is none of the gallery's.
    """
    traces = {id: engine.run(scenario, id, language=words.language) for id in LINE}
    for names in scene["under"]:
        for id in names.split():  # a kernel that the story itself does not tell of
            traces.setdefault(id, engine.run(scenario, id, language=words.language))

    def of_gallery(trace: Trace) -> str:
        return f"/#s={scene['scenario']}&k={trace.kernel.id}"

    columns = [
        _column(stage or of_gallery, names.split(), traces, run)
        for names, run in scene["under"].items()
    ]
    return {
        "id": scene["scenario"],
        "title": scenario.title,
        "columns": columns,
        "opens": [pair for column in columns for pair in column["opens"]],
        "fates": [_fate(group) for group in _alike({id: traces[id] for id in LINE})],
    }


def _alike(traces: Mapping[str, Trace]) -> Iterator[list[Trace]]:
    """Neighbours in history that run alike, event for event."""
    for _, group in groupby(traces.values(), key=lambda trace: trace.check):
        yield list(group)


def _fate(alike: list[Trace]) -> dict[str, Any]:
    """What became of one group: its kernels, a sign, and the words for it."""
    trace = alike[0]
    said = {verdict.id for found in trace.verdicts.values() for verdict in found}
    kind = "bad" if any(not rule["news"] for rule in _broken(trace)) else "ok"
    if kind == "ok" and said.intersection(ODD):
        kind = "odd"
    names = [short(t.kernel.id) for t in alike]
    words = trace.words.say(f"thread.fate_{kind}")
    return {"kind": kind, "names": names, "sign": FATES[kind], "said": words}


def _column(
    stage: Callable[[Trace], str],
    kernels: list[str],
    traces: Mapping[str, Trace],
    run: dict[str, Any],
) -> dict[str, Any]:
    """One column: kernels that run alike, told by the first of them."""
    trace = traces[kernels[0]]
    at = step_at(trace, run["at"])
    extra = [step_at(trace, place) for place in run.get("with", ())]
    threads = list(trace.sim.threads)
    return {
        "names": [short(kernel) for kernel in kernels],
        "opens": [(kernel, step_at(traces[kernel], run["at"])) for kernel in kernels],
        "steps": [_step(trace, stage(trace), told, at) for told in decisive(trace, at, extra)],
        "broken": [_as_html(rule, trace, threads) for rule in _broken(trace)],
        "ends": [_end(trace, thread) for thread in threads],
    }


def step_at(trace: Trace, place: str) -> int:
    """The number of the step that `place` names, as "A set_pte_at#1"; what follows is for tests.

    Raises ValueError if the run has no such step.
    """
    thread, op = place.split()[:2]
    for told in trace.steps:
        if told.moment.thread == thread and f"{told.moment.op}#{told.moment.nth}" == op:
            return told.moment.number
    raise ValueError(f"{trace.scenario.title} under {trace.kernel.id} has no step {place!r}")


def decisive(trace: Trace, at: int, extra: list[int]) -> list[Told]:
    """The steps that tell how it came to step `at`, and what came of it.

    The step itself, those its why refers to, the last answer to its thread, and all bad news.
    """
    step = trace.steps[at - 1]
    before = [told.moment for told in trace.steps[:at] if told.moment.thread == step.moment.thread]
    answers = [moment.number for moment in before if moment.op in ANSWERS][-1:]
    news = [n for n, found in trace.verdicts.items()
            if any(verdict.level == "bad" or verdict.id in ODD for verdict in found)]  # fmt: skip
    cited = [int(number) for number in CITED.findall(step.narration.why)]
    return [trace.steps[n - 1] for n in sorted({at, *cited, *answers, *news, *extra})]


def _step(trace: Trace, stage: str, told: Told, at: int) -> dict[str, Any]:
    kernel, number, words = trace.kernel.id, told.moment.number, told.narration
    threads, step = list(trace.sim.threads), trace.words.texts["site.step"]
    return {
        "number": number,
        "href": f"{stage}&t={number}",
        "at": f"{kernel}:{number}",
        "key": number == at,
        "what": to_html(words.what, step, threads),
        "why": to_html(words.why, step, threads) if number == at else "",
    }


def _broken(trace: Trace) -> list[dict[str, Any]]:
    """The rules that did not hold; those that bind only the driver are news."""
    return [rule for rule in trace.invariants if not rule["holds"]]


def _as_html(rule: dict[str, Any], trace: Trace, threads: list[str]) -> dict[str, Any]:
    return {**rule, "text": to_html(rule["text"], trace.words.texts["site.step"], threads)}


def _end(trace: Trace, thread: str) -> dict[str, str]:
    came = thread_outcome(trace, thread)
    codes = [code.replace("VM_FAULT_", "") for code in came["returns"]]
    stuck = trace.words.say("thread.end_blocked") if came["state"] == "blocked" else ""
    state = came["bug"] or came["signal"] or stuck
    known = [*codes, state] if state else codes
    done = trace.words.listed(known) if known else trace.words.say("thread.end_done")
    return {"thread": thread, "came": done}


def short(kernel: str) -> str:
    """A kernel's name as the thread has it."""
    return kernel.removeprefix("nopfn-")


@router.api_route("/thread", methods=["GET", "HEAD"])
def thread(request: Request) -> Response:
    """The page of the thread."""
    return page(request, "thread.html", "thread", story=story(chosen(request)))
