"""The thread as a story: each message, what it claimed, and what the kernels of that day did."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import yaml
from fastapi import APIRouter, Request
from jinja2 import Environment
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

import engine
from app.language import chosen, page_words
from app.markup import to_html
from app.settings import ROOT
from engine.kernels.linux_2_6_17.codes import VM_FAULT_MINOR, VM_FAULT_WRITE
from engine.trace import Told, Trace
from engine.trace_form import thread_outcome
from engine.verdicts import INFO

FILE = ROOT / "stories" / "nopfn-thread.yaml"
VERDICTS = {
    "holds": ("✓", "holds"),
    "refuted": ("✕", "refuted"),
    "not enough": ("◐", "not enough"),
    "argued": ("…", "argued, not yet modelled"),
    "no effect": ("○", "changed nothing observable"),
    "open": ("?", "left open"),
}
"""What became of a claim: a sign and the words for it."""

router = APIRouter(include_in_schema=False)


@lru_cache
def story() -> dict[str, Any]:
    """The story with every scene run: what the file says, and what the engine shows."""
    told: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    scenes = dict(engine.gallery())
    for message in told["messages"]:
        message["date"] = datetime.fromisoformat(message["date"])
    for part in [*told["messages"], told["after"]]:
        for claim in part["claims"]:
            claim["sign"], claim["said"] = VERDICTS[claim["verdict"]]
            claim["scenes"] = [_scene(scenes, scene) for scene in claim["scenes"]]
    return told


def _scene(scenes: dict[str, engine.Scenario], scene: dict[str, Any]) -> dict[str, Any]:
    scenario = scenes[scene["scenario"]]
    traces = [engine.run(scenario, str(kernel)) for kernel in scene["under"]]
    steps = telling(traces)
    return {
        "id": scene["scenario"],
        "title": scenario.title,
        "same": len({trace.check for trace in traces}) == 1,
        "runs": [_run(scene["scenario"], *pair) for pair in zip(traces, steps, strict=True)],
    }


HANDLERS = ("do_no_pfn", "do_no_page", "do_anonymous_page")
STORES = ("set_pte_at", "ptep_establish")


def telling(traces: list[Trace]) -> list[Told]:
    """The step of each run that tells most about it.

    A broken rule; else the fault's code, where codes are what the runs differ in; else the look
    under the lock that finds the pte filled; else the last store to a pte.
    """
    stored = all(any(t.moment.op in STORES for t in trace.steps) for trace in traces)
    codes = {tuple(_codes(trace)) for trace in traces}
    return [_telling(trace, by_code=stored and len(codes) > 1) for trace in traces]


def _telling(trace: Trace, by_code: bool) -> Told:
    steps = trace.steps
    bad = [told for n, told in enumerate(steps, 1) if _is_bad(trace, n)]
    came = [told for told in steps if told.moment.op == "vm_fault"]
    odd = [told for told in came if told.moment.args["ret"] & ~VM_FAULT_WRITE != VM_FAULT_MINOR]
    looks = [told for told in steps if told.moment.op == "read_pte" and _found_filled(told)]
    stores = [told for told in steps if told.moment.op in STORES]
    best = bad or odd or looks or (came if by_code else stores[-1:]) or steps
    return best[0]


def _codes(trace: Trace) -> list[int]:
    return [told.moment.args["ret"] for told in trace.steps if told.moment.op == "vm_fault"]


def _is_bad(trace: Trace, number: int) -> bool:
    return any(verdict.level == "bad" for verdict in trace.verdicts.get(number, ()))


def _found_filled(told: Told) -> bool:
    locked = any(lock.startswith("lock/ptl/") for lock in told.moment.held)
    return locked and told.moment.answer != 0 and told.moment.where in HANDLERS


def _run(scenario: str, trace: Trace, told: Told) -> dict[str, Any]:
    kernel, step, words = trace.kernel, told.moment.number, told.narration
    threads = list(trace.sim.threads)
    stage = f"/#s={scenario}&k={kernel.id}"
    broken = [rule for rule in trace.invariants if not rule["holds"]]
    return {
        "kernel": kernel.id,
        "name": kernel.id.replace("nopfn-", ""),
        "step": step,
        "href": f"{stage}&t={step}",
        "what": to_html(words.what, threads),
        "why": to_html(words.why, threads, stage),
        "broken": [
            {"news": rule["id"] in INFO, "text": to_html(rule["text"], threads)} for rule in broken
        ],
        "ends": [_end(trace, thread) for thread in threads],
    }


def _end(trace: Trace, thread: str) -> dict[str, str]:
    came = thread_outcome(trace, thread)
    codes = [code.replace("VM_FAULT_", "") for code in came["returns"]]
    state = (
        came["bug"] or came["signal"] or ("waits for ever" if came["state"] == "blocked" else "")
    )
    return {"thread": thread, "came": ", ".join([*codes, state] if state else codes) or "done"}


@router.api_route("/thread", methods=["GET", "HEAD"])
def thread(request: Request) -> Response:
    """The page of the thread."""
    env: Environment = request.app.state.templates
    language = chosen(request)
    words = Markup(page_words(language))
    html = env.get_template("thread.html").render(story=story(), words=words, language=language)
    return HTMLResponse(html, headers={"cache-control": "no-cache", "vary": "accept-language"})
