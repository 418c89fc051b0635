"""The page of truth: what was compared with what, what came out, and how to check it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.content import KNOWN, document, texts
from app.html import page
from app.language import chosen
from app.settings import ROOT
from engine.conform.stamp import stamp
from engine.invariants import INVARIANTS
from engine.kernels import KERNELS
from engine.messages import messages

FILE = ROOT / "docs" / "conformance.json"
PARTS = ("agree", "disagree", "unexpected", "left_out")

router = APIRouter(include_in_schema=False)


@lru_cache
def measured() -> dict[str, Any]:
    """The numbers of docs/conformance.json, in the order and with the widths of the page."""
    told: dict[str, Any] = json.loads(FILE.read_bytes())
    told["current"] = told["engine"] == stamp()
    for file in told["files"]:
        ordered = {k: file["by_kernel"][k] for k in KERNELS if k in file["by_kernel"]}
        file["kernels"] = [_bar(kernel, tally) for kernel, tally in ordered.items()]
        kinds = sorted(file["by_vma"].items(), key=lambda item: -item[1]["rows"])
        file["vmas"] = [_bar(kind, tally) for kind, tally in kinds]
        file["left_out"] = sum(file["out_of_scope"].values())
    return told


def _bar(name: str, tally: dict[str, Any]) -> dict[str, Any]:
    left_out = sum(tally["out_of_scope"].values())
    counts = {**tally, "left_out": left_out, "name": name}
    return {**counts, "share": tally["agree"] / tally["rows"] if tally["rows"] else 0}


def caught() -> dict[str, list[dict[str, str]]]:
    """Which kernels that are broken on purpose each rule catches."""
    broken = measured()["broken"]
    return {rule: [b for b in broken if rule in b["caught_by"]] for rule in INVARIANTS}


def differences(text: str) -> list[tuple[str, int]]:
    """The chapters of the known differences, and how many entries each has."""
    found: list[tuple[str, int]] = []
    for chapter in text.split("\n## ")[1:]:
        title, _, body = chapter.partition("\n")
        lines = body.splitlines()
        tables = [line.startswith("|") for line in lines]
        entries = sum(tables) - 2 * any(tables) + sum(line.startswith("- ") for line in lines)
        found.append((title, entries or 1))
    return found


@texts("truth")
def written() -> dict[str, str]:
    """What was written down with the measurements; each text stands for itself."""
    reasons = [reason for file in measured()["files"] for reason in file["out_of_scope"]]
    broken = [kernel["what"] for kernel in measured()["broken"]]
    return {text: text for text in (*reasons, *broken)}


@router.api_route("/truth", methods=["GET", "HEAD"])
def truth(request: Request) -> Response:
    """The page."""
    language = chosen(request)
    said, (known, lang) = messages(language), document(KNOWN, language)
    return page(
        request,
        "truth.html",
        "truth",
        told=measured(),
        rules={rule: said.say(INVARIANTS[rule].title) for rule in INVARIANTS},
        caught=caught(),
        differences=differences(known),
        differences_lang=lang,
    )
