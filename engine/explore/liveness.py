"""Which locals of a suspended generator can still matter to what it does next.

Two positions in a handler that differ only in locals that will never be read again have the same
future. This reads the interpreter's bytecode, so it is used only on the versions in TESTED;
elsewhere nodes are told apart by answers alone, which is always sound and stores more.
"""

from __future__ import annotations

import dis
import sys
from functools import cache
from types import CodeType
from typing import Any

from engine.kernel import Handler

TESTED = {(3, 11)}
"""Versions whose bytecode the tests hold against merging on answers alone."""

READS_BYTECODE = sys.version_info[:2] in TESTED

STORES = {"STORE_FAST", "DELETE_FAST"}
LOADS = {"LOAD_FAST", "LOAD_FAST_CHECK"}
ENDS = {"RETURN_VALUE", "RAISE_VARARGS", "RERAISE"}
ALWAYS = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE")
"""Beginnings of the names of jumps that are always taken."""

Live = frozenset[str]


def position(generator: Handler) -> tuple[Any, ...]:
    """Where a suspended generator stands: code, place and live locals of each of its frames."""
    key: list[Any] = []
    inner: Any = generator
    while inner is not None and getattr(inner, "gi_frame", None) is not None:
        frame = inner.gi_frame
        held = frame.f_locals
        live = live_after(frame.f_code)[frame.f_lasti]
        key.append((frame.f_code, frame.f_lasti, tuple((n, held[n]) for n in live if n in held)))
        inner = inner.gi_yieldfrom
    return tuple(key)


def discards(generator: Handler) -> bool:
    """Whether the statement at which it is suspended throws the answer away."""
    inner: Any = generator
    while getattr(inner.gi_yieldfrom, "gi_frame", None) is not None:
        inner = inner.gi_yieldfrom
    return inner.gi_frame.f_lasti in _thrown_away(inner.gi_frame.f_code)


@cache
def _thrown_away(code: CodeType) -> frozenset[int]:
    names = [(i.offset, i.opname) for i in dis.get_instructions(code)]
    return frozenset(
        offset
        for (offset, name), (_, resume), (_, then) in zip(names, names[1:], names[2:], strict=False)
        if (name, resume, then) == ("YIELD_VALUE", "RESUME", "POP_TOP")
    )


@cache
def live_after(code: CodeType) -> dict[int, tuple[str, ...]]:
    """For each instruction, by offset: the locals that may be read after it, in order."""
    instructions = list(dis.get_instructions(code))
    next_ones = _successors(instructions)
    live: list[Live] = [frozenset()] * len(instructions)
    changed = True
    while changed:
        changed = False
        for n in range(len(instructions) - 1, -1, -1):
            before = _before(instructions[n], _union(live, next_ones[n]))
            if before != live[n]:
                live[n], changed = before, True
    shared = frozenset(code.co_cellvars + code.co_freevars)
    return {
        instruction.offset: tuple(sorted(_union(live, next_ones[n]) | shared))
        for n, instruction in enumerate(instructions)
    }


def _successors(instructions: list[dis.Instruction]) -> list[list[int]]:
    number = {instruction.offset: n for n, instruction in enumerate(instructions)}
    found = []
    for n, instruction in enumerate(instructions):
        name, after = instruction.opname, []
        if instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs:
            after.append(number[instruction.argval])
        if name not in ENDS and not name.startswith(ALWAYS) and n + 1 < len(instructions):
            after.append(n + 1)
        found.append(after)
    return found


def _union(live: list[Live], ones: list[int]) -> Live:
    return frozenset().union(*(live[n] for n in ones))


def _before(instruction: dis.Instruction, after: Live) -> Live:
    if instruction.opname in STORES:
        return after - {instruction.argval}
    return after | {instruction.argval} if instruction.opname in LOADS else after
