"""Rows that call vm_normal_page alone: the kernel module's own function, run on one made-up pte."""

from __future__ import annotations

from typing import Any

from engine.conform.rows import KERNEL_OF
from engine.kernels import KERNELS
from engine.model.arch import ARCHES
from engine.model.cells import Machine
from engine.model.vma import FLAGS, Vma
from engine.verbs import VERBS, World

START, PAGE = 0x40000000, 3
RAM = 0x800
PFNS = {"linear_ram": 0x103, "linear_device": 0x70003, "nonlinear_ram": 0x2A0,
        "nonlinear_device": 0x70ABC}  # fmt: skip


def check(row: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """What differs between the row and what the kernel's vm_normal_page answers."""
    arch = ARCHES[row["arch"]]
    kernel = KERNELS[KERNEL_OF.get(row["revision"], row["revision"])].on(arch)
    pfn = PFNS[row["pfn"]]
    pgoff = pfn - PAGE if row["pfn"].startswith("linear") else 0x300
    flags = sum(FLAGS[name] for name in ("VM_PFNMAP", "VM_SHARED", "VM_MAYWRITE") if row[name])
    vma = Vma("v", START, START + 16 * 4096, flags, 0x25, pgoff, None, None, None)
    world = World(arch, RAM, 1, {"T0": 0}, {}, {}, {})
    machine = Machine({"log/bad_pte": 0})
    handler = kernel.vm_normal_page("P", vma, START + PAGE * 4096, arch.pfn_pte(pfn, 0x25))
    answer, page = None, None
    try:
        while True:
            op = handler.send(answer)
            answer = VERBS[op.name](machine, world, "T0", *op.args)
    except StopIteration as end:
        page = end.value
    got = {"result": "NULL" if page is None else "page", "print_bad_pte": machine["log/bad_pte"]}
    return [(field, row[field], got[field]) for field in got if row[field] != got[field]]
