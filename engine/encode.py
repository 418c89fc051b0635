"""How cells, arguments and answers are written in JSON: 64-bit numbers as hex strings."""

from __future__ import annotations

from typing import Any

from engine.kernels.linux_2_6_17 import codes
from engine.messages import Messages
from engine.model.arch import Arch
from engine.model.pte import LOW_BITS, pte_none
from engine.model.vma import Vma
from engine.ops import OPS, Op

HEX_CELLS = ("pte/", "frame/", "memory/")
HEX_FIELDS = ("start", "end", "flags", "prot", "pgoff", "contents", "page")
"""Last parts of cell names whose values are addresses, frames, flags or contents."""

HEX_PARAMS = ("address", "start", "end", "pte", "page", "to", "source", "pfn", "flags", "pgoff")
HEX_ANSWERS = ("read_pte", "ptep_get_and_clear", "ptep_set_wrprotect", "alloc_page_vma",
               "alloc_zeroed_user_highpage", "pte_alloc_one", "lookup_swap_cache",
               "read_swap_cache_async", "copy_from_user_inatomic")  # fmt: skip

RETURNS = {
    codes.VM_FAULT_OOM: "VM_FAULT_OOM",
    codes.VM_FAULT_SIGBUS: "VM_FAULT_SIGBUS",
    codes.VM_FAULT_MINOR: "VM_FAULT_MINOR",
    codes.VM_FAULT_MAJOR: "VM_FAULT_MAJOR",
}


def hexed(value: int) -> str:
    """A number as a hex string; negative ones keep their sign."""
    return f"{value:#x}"


def cell_value(cell: str, value: Any) -> Any:
    """What a cell holds, as JSON."""
    if value is None or value == "":
        return None
    if cell.startswith("lock/mmap_sem/"):
        return {"readers": list(value[1:]), "writer": value[0] or None}
    if cell.startswith("tlb/"):
        return {"mm": value[0], "pfn": hexed(value[1]), "rw": value[2]}
    if isinstance(value, int) and (
        cell.startswith(HEX_CELLS) or cell.rpartition("/")[2] in HEX_FIELDS
    ):
        return hexed(value)
    return list(value) if isinstance(value, tuple) else value


def arguments(op: Op) -> dict[str, Any]:
    """The arguments of an op by the names of its parameters."""
    return {p: _argument(p, v) for p, v in zip(OPS[op.name].params, op.args, strict=False)}


def _argument(parameter: str, value: Any) -> Any:
    if parameter == "ret":
        return fault_code(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return hexed(value) if parameter in HEX_PARAMS else value


def answer(op: str, value: Any) -> str | int | None:
    """What an op answered, as one string or number."""
    if isinstance(value, Vma):
        return value.id
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return hexed(value) if op in HEX_ANSWERS else value
    if isinstance(value, tuple):
        return " ".join(_part(part) for part in value)
    return None if value is None else str(value)


def _part(value: Any) -> str:
    if isinstance(value, Vma):
        return value.id
    if value is None:
        return "-"
    return hexed(value) if isinstance(value, int) else str(value)


def fault_code(ret: int) -> str:
    """VM_FAULT_ codes by name: VM_FAULT_MINOR|VM_FAULT_WRITE."""
    name = RETURNS.get(ret & ~codes.VM_FAULT_WRITE, hexed(ret))
    return name + "|VM_FAULT_WRITE" if ret & codes.VM_FAULT_WRITE else name


def bits_of(pte: int) -> list[str]:
    """The short names of the bits that are set in a pte."""
    names = [name for bit, name in LOW_BITS if pte >> bit & 1]
    return [*names, "NX"] if pte >> 63 & 1 else names


def pte_words(arch: Arch, pte: int) -> str:
    """A pte in short: none, swap slot 7, or pfn 0x7000a P RW A."""
    if pte_none(pte):
        return "none"
    if not pte & 1 and not pte & 0x80:
        return f"not present {hexed(pte)}"
    return " ".join([f"pfn {hexed(arch.pte_pfn(pte))}", *bits_of(pte)])


def arch_json(arch: Arch, words: Messages) -> dict[str, Any]:
    """An arch as the page draws it."""
    shown = (*LOW_BITS, (63, "NX")) if arch.nx else LOW_BITS
    bits = [{"bit": bit, "name": name, "title": words.say(f"bits.{name}")} for bit, name in shown]
    return {
        "id": arch.id,
        "title": words.say(f"arches.{arch.id}"),
        "bits": arch.long_bits,
        "levels": [
            {**_level(level), "entries": 1 << (level.high - level.low + 1)} for level in arch.levels
        ],
        "pte_bits": bits,
        "pfn": {"low": 12, "high": arch.pfn_high},
        "pte_width": arch.pte_width,
    }


def _level(level: Any) -> dict[str, Any]:
    return {"name": level.name, "low": level.low, "high": level.high}
