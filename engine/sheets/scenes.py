"""Small scenes, made up by dice: one page, one or two threads, a mapping of some kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.gallery import scenario_of
from engine.scenario import Scenario
from engine.sheets.dice import Dice

KERNELS = ("2.6.17", "nopfn-v1", "nopfn-v2", "nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19")
MAPPINGS = ("anonymous", "file_private", "file_shared", "device_shared", "device_private")
POINTS = ("read_pte#1", "nopfn_call#1", "nopage_call#1", "spin_lock#1", "set_pte_at#1")
"""Where a thread may be interrupted. One that never comes there runs to its end."""

RIGHTS = ["VM_READ", "VM_WRITE", "VM_MAYREAD", "VM_MAYWRITE", "VM_MAYEXEC"]
SHARED = ["VM_SHARED", "VM_MAYSHARE"]
DEVICE = ["VM_PFNMAP", "VM_IO", "VM_RESERVED"]
STARTS = {"i386": "0x40000000", "i386-pae": "0x40000000", "x86-64": "0x2aaaaaaab000"}

USUAL: list[list[dict[str, Any]]] = [[{}], [{"value": "0x7000a"}, {"value": "0x7000b"}]]
ODD: list[list[dict[str, Any]]] = [
    [{"value": "EFAULT"}],
    [{"value": "ENOMEM"}],
    [{"value": "SIGBUS"}],
    [{"value": "OOM"}],
    [{"value": "0x80000000"}],
    [{"value": "0x7000a"}, {"value": "EFAULT"}],
    [{"type": 3}],
    [{"type": 1}],
]
"""What drivers answer: their frame, another each time; and what a kernel may take amiss."""


@dataclass(frozen=True)
class Scene:
    """A scenario, and what mapping of which page it is about."""

    scenario: Scenario
    mapping: str
    place: str


def scene(dice: Dice, kernels: tuple[str, ...] = KERNELS) -> Scene:
    """A scene as the dice fall."""
    mapping, kernel = dice.pick(MAPPINGS), dice.pick(kernels)
    arch = "i386" if dice.chance(75) else dice.pick(("i386-pae", "x86-64"))
    page = dice.below(8)
    name = {"anonymous": "data", "file_private": "data", "file_shared": "data"}.get(mapping, "dev")
    place = f"{name}[{page}]"
    threads, schedule = _threads(dice, mapping, place)
    data = {
        "schema": 1,
        "title": f"Exercise: {mapping.replace('_', ', ')}",
        "kernel": kernel,
        "arch": arch,
        **_owner(dice, mapping, page),
        "processes": [
            {"name": "P", "vmas": [_vma(mapping, name, STARTS[arch])], "threads": threads}
        ],
        "schedule": schedule,
    }
    return Scene(scenario_of(data, "exercise"), mapping, place)


def _owner(dice: Dice, mapping: str, page: int) -> dict[str, Any]:
    """The file or the driver behind the mapping."""
    if mapping.startswith("file"):
        return {"files": {"data": {"pages": {page: "0xf11e"}}}}
    if mapping.startswith("device"):
        return {"drivers": {"dev": {"nopfn": dice.pick(ODD if dice.chance(30) else USUAL)}}}
    return {}


def _vma(mapping: str, name: str, start: str) -> dict[str, Any]:
    flags = [*RIGHTS, *(SHARED if mapping.endswith("shared") else [])]
    vma: dict[str, Any] = {"name": name, "start": start, "pages": 8, "flags": flags}
    if mapping.startswith("file"):
        vma["file"] = "data"
    if mapping.startswith("device"):
        vma |= {"driver": "dev", "flags": [*flags, *DEVICE]}
    return vma


def _threads(dice: Dice, mapping: str, place: str) -> tuple[list[Any], list[Any]]:
    """Who does what, and who runs when."""
    if dice.chance(20) and mapping in ("anonymous", "file_private", "device_shared"):
        child = {"write": place, "as": "child"}
        later = dice.pick(([child], [{"write": place}], [child, {"write": place}]))
        return [{"name": "A", "do": [{"write": place}, {"fork": "child"}, *later]}], []
    if dice.chance(35):
        return [{"name": "A", "do": [_touch(dice, place), _touch(dice, place)]}], []
    first, second = dice.shuffled(("A", "B"))
    others = {"munmap": place.partition("[")[0]} if dice.chance(15) else _touch(dice, place)
    doing = {"A": [_touch(dice, place)], "B": [others]}
    threads = [{"name": name, "do": doing[name]} for name in ("A", "B")]
    schedule = [
        {"run": first, "until": dice.pick(POINTS)},
        {"run": second, "until": dice.pick((*POINTS, "end", "end"))},
        {"run": first, "until": "end"},
    ]
    return threads, schedule


def _touch(dice: Dice, place: str) -> dict[str, str]:
    return {dice.pick(("read", "write")): place}
