"""A vma with one of its flags the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.errors import EngineError
from engine.gallery import scenario_of
from engine.scenario import Scenario, VmaSpec
from engine.whatif.moment import Cut

TOGGLED = ("VM_SHARED", "VM_WRITE", "VM_PFNMAP", "VM_IO", "VM_RESERVED", "VM_INSERTPAGE")
"""The flags whose meaning the thread argued about, or that decide between handlers."""

TOGETHER = {"VM_SHARED": "VM_MAYSHARE"}
"""mmap sets and leaves out both for MAP_SHARED of a file opened for writing (mm/mmap.c, 2.6.17)."""

NEEDED = {"VM_READ": "VM_MAYREAD", "VM_WRITE": "VM_MAYWRITE", "VM_EXEC": "VM_MAYEXEC"}
"""mprotect refuses a right without its VM_MAY flag: EACCES (mm/mprotect.c, 2.6.17)."""


def toggled(scenario: Scenario) -> Iterator[str]:
    """The flags worth turning in this scenario; fork alone asks for VM_DONTCOPY."""
    yield from TOGGLED
    if any(act.fork for _, thread in scenario.threads() for act in thread.do):
        yield "VM_DONTCOPY"


def turned(flags: list[str], flag: str) -> list[str]:
    """These flags with one of them the other way round, and what mmap sets together with it."""
    both = {flag, TOGETHER.get(flag, flag)}
    left = [f for f in flags if f not in both]
    return left if flag in flags else [*left, *sorted(both, reverse=True)]


def turn(content: dict[str, Any], place: str, flag: str) -> None:
    """Turn a flag of the vma at `place`, "P/mspec", in a scenario's content."""
    mm, _, name = place.partition("/")
    process = next(p for p in content["processes"] if p.get("name", "P") == mm)
    vma = next(v for v in process["vmas"] if v["name"] == name)
    vma["flags"] = turned(vma["flags"], flag)


def obstacle(here: Cut, place: str, vma: VmaSpec, flag: str) -> str:
    """Why the flag cannot be turned, or "". The scenario's own rules speak English only."""
    needs = NEEDED.get(flag)
    if flag not in vma.flags and needs and needs not in vma.flags:
        return here.say("flag.no_right", vma=vma.name, flag=flag, needs=needs)
    content = {**here.trace.scenario.content(), "schedule": []}
    turn(content, place, flag)
    try:
        scenario_of(content, "edit")
    except EngineError as error:
        return here.say("flag.no_scenario", problem=error.what)
    return ""
