"""Small scenarios for tests, each a mapping and what the threads do to it."""

from __future__ import annotations

from typing import Any

from engine.gallery import gallery
from engine.scenario import Scenario

GALLERY = dict(gallery())
"""The scenarios of the gallery, read once for all tests."""

READ_WRITE = ["VM_READ", "VM_WRITE", "VM_MAYREAD", "VM_MAYWRITE"]
SHARED = [*READ_WRITE, "VM_SHARED", "VM_MAYSHARE"]
DEVICE = [*SHARED, "VM_PFNMAP", "VM_IO", "VM_RESERVED"]
START = 0x4000_0000

Acts = list[dict[str, Any]]


def scene(vma: dict[str, Any], *programs: Acts, **more: Any) -> Scenario:
    """A process with the one mapping `v`, and a thread A, B, ... for each program."""
    threads = [{"name": "ABCDEFGH"[i], "do": do} for i, do in enumerate(programs)]
    v = {"name": "v", "start": hex(START), "pages": 2, **vma}
    process = {"name": "P", "vmas": [v], "threads": threads}
    return Scenario.model_validate({"processes": [process], **more})


def anonymous(*programs: Acts, **more: Any) -> Scenario:
    """Private anonymous memory."""
    return scene({"flags": READ_WRITE}, *programs, **more)


def swapped(*programs: Acts, refs: int = 1, **more: Any) -> Scenario:
    """Private anonymous memory, its first page swapped out."""
    return scene({"flags": READ_WRITE, "swapped": {0: {"refs": refs}}}, *programs, **more)


def private_file(*programs: Acts, **more: Any) -> Scenario:
    """A private mapping of a file."""
    files = {"f": {"pages": {0: "0x11", 1: "0x22"}}}
    return scene({"flags": READ_WRITE, "file": "f"}, *programs, files=files, **more)


def shared_file(*programs: Acts, file: dict[str, Any] | None = None, **more: Any) -> Scenario:
    """A shared mapping of a file; `file` adds to what the file is."""
    files = {"f": {"pages": {0: "0x11", 1: "0x22"}, **(file or {})}}
    return scene({"flags": SHARED, "file": "f"}, *programs, files=files, **more)


def device(*programs: Acts, answers: tuple[str, ...] = ("0x7000a",), **more: Any) -> Scenario:
    """A shared mapping of a device whose ->nopfn gives these answers in turn."""
    drivers = {"d": {"nopfn": [{"value": a} for a in answers]}}
    return scene({"flags": DEVICE, "driver": "d"}, *programs, drivers=drivers, **more)


def fickle(*programs: Acts, **more: Any) -> Scenario:
    """A device that names another frame at its second call: the race of the thread."""
    return device(*programs, answers=("0x7000a", "0x7000b"), **more)


def read(page: int = 0, who: str | None = None) -> dict[str, Any]:
    """A load from a page, in the forked child `who` if given."""
    return {"read": f"v[{page}]", "as": who}


def write(page: int = 0, who: str | None = None) -> dict[str, Any]:
    """A store to a page, in the forked child `who` if given."""
    return {"write": f"v[{page}]", "as": who}
