"""What the glossary's pictures take from the engine: bits by name, levels, values that it packs."""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.messages import ENGLISH, Messages, messages
from engine.model import pte as bits
from engine.model.arch import I386, I386_PAE, X86_64, Arch
from engine.model.vma import VM_READ, VM_SHARED, VM_WRITE

SHARED = VM_READ | VM_WRITE | VM_SHARED
FRAME = 0x7000A
SLOT = 7
WIDTH = 360
"""Of every picture, in its own units."""


@cache
def drawings(language: str = ENGLISH) -> dict[str, Any]:
    """What the templates under pictures/ draw, by the names that they use."""
    words = messages(language)
    return {
        "pte": pte_boxes(words),
        "halves": halves(),
        "splits": [split(arch, words) for arch in (I386, I386_PAE, X86_64)],
        "swap": {"slot": SLOT, "raw": f"{I386.swp_entry(SLOT):#010x}"},
        "frame": f"{FRAME:#x}",
    }


def pte_boxes(words: Messages) -> dict[str, Any]:
    """A written pte of a shared mapping on i386: its fields from the highest bit to the lowest."""
    raw = bits.pte_mkdirty(I386.pfn_pte(FRAME, I386.protection_map(SHARED)))
    low = sorted(bits.LOW_BITS, reverse=True)
    free = bits.PAGE_SHIFT - len(low)
    fields = [
        field(
            "pfn",
            words.say("bits.pfn"),
            f"{I386.pte_pfn(raw):#x}",
            I386.pfn_high,
            bits.PAGE_SHIFT,
            92,
        ),
        field("free", words.say("bits.free"), "0" * free, bits.PAGE_SHIFT - 1, len(low), 36),
    ]
    fields += [
        field(name, words.say(f"bits.{name}"), str(raw >> bit & 1), bit, bit) for bit, name in low
    ]
    for each in fields:
        each["label"] = words.say("bits.free_name") if each["name"] == "free" else each["name"]
    return {"raw": f"{raw:#010x}", "fields": placed(fields)}


def field(
    name: str, title: str, value: str, high: int, low: int, width: float | None = None
) -> dict[str, Any]:
    """A box of a picture: which bits it stands for, and what is in them."""
    span = str(high) if high == low else f"{high}–{low}"
    on = value.strip("0x") != ""
    return {"name": name, "title": title, "value": value, "range": span, "set": on, "width": width}


def placed(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields side by side over the whole width; those without a width share what is left."""
    free = [each for each in fields if each["width"] is None]
    rest = (WIDTH - sum(each["width"] or 0 for each in fields)) / max(1, len(free))
    x = 0.0
    for each in fields:
        width = each["width"] or rest
        each["x"], x, each["width"] = round(x, 2), x + width, round(width - 2, 2)
    return fields


def halves() -> dict[str, Any]:
    """A pte of 64 bits as the two words that PAE stores, in the order in which it stores them."""
    high_frame = 0x1 << 20 | FRAME  # above 4 GB, so that both words hold a part of it
    raw = I386_PAE.pfn_pte(high_frame, I386_PAE.protection_map(SHARED))
    return {
        "frame": f"{high_frame:#x}",
        "high": f"{raw >> 32:#010x}",
        "low": f"{raw & 0xFFFFFFFF:#010x}",
        "cut": 32 - bits.PAGE_SHIFT,
    }


def split(arch: Arch, words: Messages) -> dict[str, Any]:
    """Which address bits index which level: boxes as wide as their bits are many."""
    each = (WIDTH - 92) / (X86_64.levels[0].high + 1)
    levels = [(level.name, level.high, level.low) for level in arch.levels]
    parts = []
    for name, high, low in [*levels, ("offset", bits.PAGE_SHIFT - 1, 0)]:
        parts.append(
            {
                "name": name,
                "label": words.say("bits.offset") if name == "offset" else name,
                "range": f"{high}–{low}",
                "x": round(WIDTH - (high + 1) * each, 2),
                "width": round((high - low + 1) * each - 2, 2),
            }
        )
    return {"id": arch.id, "levels": [level.name for level in arch.levels], "parts": parts}
