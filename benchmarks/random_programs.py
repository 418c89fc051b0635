"""Small random programs over locks and cells, to hold a reduced search against one without."""

# Methods keep the signatures of System.
# ruff: noqa: ARG002

from __future__ import annotations

from functools import partial
from itertools import product
from random import Random
from typing import Any

from engine.explore.atlas import Atlas
from engine.explore.reduced import Reduced, Reductions
from engine.explore.search import Budget, Exact
from engine.explore.system import Move, Places, System
from engine.invariants.base import Violation
from engine.kernel import Handler
from engine.messages import Message
from engine.model.cells import Machine
from engine.ops import Op
from engine.verbs import locks

Code = tuple[tuple[Any, ...], ...]
CELLS = "xyz"
LOCKS = ("lock/a", "lock/b")


def runner(code: Code) -> Handler:
    """Follow a program: each line an op, or a jump that depends on what was read last."""
    at, last = 0, 0
    while at < len(code):
        name, args = code[at][0], code[at][1:]
        at += 1
        if name == "skip":
            if last == args[0]:
                at += 1
        elif name == "again":
            last = yield Op("read", (args[0],))
            if last == args[1]:
                at = args[2]
        elif name == "read":
            last = yield Op("read", (args[0],))
        elif name == "copy":
            yield Op("write", (args[0], last))
        else:
            yield Op(name, tuple(args))


def random_code(chance: Random, lines: int) -> Code:
    """A program whose locks are released in the end."""
    code: list[tuple[Any, ...]] = []
    held: list[str] = []
    sem = ""
    for _ in range(lines):
        cell, number = chance.choice(CELLS), chance.randrange(3)
        kind = chance.choice(["own", "read", "read", "write", "copy", "add", "lock", "unlock",
                              "skip", "sem", "look"])  # fmt: skip
        if kind == "lock":
            lock = chance.choice(LOCKS)
            if lock not in held:
                held.append(lock)
                code.append(("spin_lock", lock))
        elif kind == "unlock" and held:
            code.append(("spin_unlock", held.pop(chance.randrange(len(held)))))
        elif kind == "sem":
            way = sem or chance.choice(("read", "read", "write"))
            code.append((f"{'up' if sem else 'down'}_{way}", "m"))
            sem = "" if sem else way
        elif kind == "skip":
            code += [("skip", number), ("write", cell, number)]
        elif kind in ("read", "copy", "own", "look"):
            code.append((kind, cell))
        elif kind == "write":
            code.append((kind, cell, number))
        elif kind == "add":
            code.append((kind, "n"))
    if not held and not sem and chance.random() < 0.3:
        code.append(("again", chance.choice(CELLS), chance.randrange(1, 3), 0))
    code += [("spin_unlock", lock) for lock in held] + ([(f"up_{sem}", "m")] if sem else [])
    return tuple(code)


class RandomSystem(System):
    """Two to four threads, some of them alike. A write of 2 over 1 breaks the one rule."""

    def __init__(self, seed: int, merge: bool = True) -> None:
        chance = Random(seed)
        shape = chance.choice([(2,), (1, 1), (2, 1), (3,), (1, 1, 1), (2, 2)])
        starts: dict[str, Any] = {}
        kin: dict[str, int] = {}
        self.loops = False
        for family, many in enumerate(shape):
            code = random_code(chance, chance.randrange(3, 8 if sum(shape) < 4 else 6))
            self.loops = self.loops or any(line[0] == "again" for line in code)
            for _ in range(many):
                name = "ABCD"[len(starts)]
                starts[name], kin[name] = partial(runner, code), family
        cells: dict[str, Any] = dict.fromkeys(CELLS, 0) | {"n": 0, "lock/mmap_sem/m": ("",)}
        super().__init__(cells, starts, kin, merge)

    def blocked(self, m: Machine, thread: str, op: Op) -> bool:
        return locks.blockers(m, thread, op) is not None

    def act(self, m: Machine, thread: str, op: Op) -> Any:
        name, args = op
        if name == "read":
            return m.look(args[0])
        if name == "look":  # like a flush: at everybody's own cell
            return sum(value for cell, value in m.under("own/") if value)
        if name == "write":
            m.put(*args)
        elif name == "add":
            m.add(args[0], 1)
        elif name == "own":
            m.put(f"own/{thread}", m.look(args[0]))
        else:
            getattr(locks, name)(m, None, thread, *args)
        return None

    def judge(self, m: Machine, move: Move) -> list[Violation]:
        broken = [cell for cell, was, now in move.delta if (was, now) == (1, 2) and cell in CELLS]
        return [Violation("two over one", Message("", {}), (cell,)) for cell in broken[:1]]

    def outcome(self, m: Machine, places: Places) -> dict[str, Any]:
        """The cells, and what each thread has of its own, in the order of twins."""
        own: dict[Any, list[Any]] = {}
        for thread, place in places.items():
            own.setdefault(self.kin[thread], []).append(
                (place.op is None, place.held, m.get(f"own/{thread}") or 0)
            )
        return {
            "cells": [m.get(cell) for cell in (*CELLS, "n")],
            "own": [sorted(ones) for ones in own.values()],
        }

    def role(self, cell: str) -> tuple[str, str] | None:
        kind, _, thread = cell.partition("/")
        return (thread, kind) if kind == "own" else None

    def cell_of(self, thread: str, role: str) -> str:
        return f"{role}/{thread}"


MOST_STATES = 30_000
EVERY_WAY = [Reductions(*how) for how in product((True, False), repeat=3) if any(how[:2])]
"""Every set of reductions that leaves something out."""


def compared(seed: int) -> tuple[bool, str | None]:
    """One program searched with and without reductions, in every combination.

    Answers whether the whole search came to an end, and what differs, if anything does.
    """
    full = Exact(Atlas(RandomSystem(seed)))
    full.run(Budget(MOST_STATES))
    if full.limit:
        return False, None
    ends = {_end(full, state) for state, _ in full.ends}
    for how in EVERY_WAY:
        few = Reduced(Atlas(RandomSystem(seed)), how)
        few.run(Budget(200_000))
        if few.limit:
            return True, f"{how} did not come to an end"
        if {_end(few, state) for state in few.ends} != ends:
            return True, f"{how} ends otherwise"
        if set(few.broken) != set(full.broken):
            return True, f"{how} breaks {sorted(few.broken)}, not {sorted(full.broken)}"
    return True, None


def _end(search: Exact | Reduced, state: int) -> str:
    return repr(search.system.outcome(*search.atlas.at(state)))
