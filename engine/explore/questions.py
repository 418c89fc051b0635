"""Questions about how runs can end: `pfn("v[0]") == 0x7000b and not broken("overwrite")`.

An expression in a small part of Python's syntax: and, or, not, comparisons, `in`, numbers, strings
and the functions in ASKS. It is read once, into a tree of its own; nothing of it is ever executed
as Python.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.invariants import INVARIANTS
from engine.model.pte import pte_present
from engine.scenario import Scenario

MOST = 500
"""Characters in a question."""

Value = Any
Asked = Callable[["End"], Value]

BITS = {"P": 0, "RW": 1, "US": 2, "A": 5, "D": 6}
"""Bits of a pte by their names on the page (Intel SDM vol. 3, table 4-6)."""

COMPARES: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


@dataclass(frozen=True)
class End:
    """An end state, as a question sees it. broken: the rules broken on the way there."""

    cells: Any
    outcome: dict[str, Any]
    broken: frozenset[str]
    arch: Any


@dataclass(frozen=True)
class Question:
    """A question, read. holds: the answer for one end. breaks: whether it asks what was broken."""

    text: str
    holds: Callable[[End], bool]
    breaks: bool


def read_question(text: str, scenario: Scenario) -> Question:
    """Read a question about a scenario. Raises EngineError, which names the place in it."""
    if len(text) > MOST:
        raise _wrong(text[:40] + "...", f"it has {len(text)} characters", f"at most {MOST}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = getattr(error, "offset", None)
        where = f"cannot be read at character {at}" if at else "cannot be read"
        raise _wrong(text, where, EXAMPLE) from None
    reader = Reader(text, scenario)
    asked = reader.read(tree.body)
    return Question(text, lambda end: bool(asked(end)), reader.breaks)


EXAMPLE = 'for instance: pfn("v[0]") == 0x7000b and not broken("overwrite")'


def _wrong(where: str, what: str, instead: str) -> EngineError:
    return EngineError(f"exists {where!r}", what, instead)


class Reader:
    """Turns a syntax tree into a function of an end, refusing what it does not know."""

    def __init__(self, text: str, scenario: Scenario) -> None:
        self.text, self.scenario = text, scenario
        self.threads = [thread.name for _, thread in scenario.threads()]
        self.breaks = False

    def read(self, node: ast.expr) -> Asked:
        """The function that one expression stands for."""
        match node:
            case ast.Constant(value=bool() | int() | str() as value):
                return lambda _: value
            case ast.BoolOp(op=op, values=values):
                return _all_or_any(isinstance(op, ast.And), [self.read(value) for value in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.read(operand)
                return lambda end: not inner(end)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARES:
                return _compared(COMPARES[type(op)], self.read(left), self.read(right))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in ASKS:
                return self._call(name, [self._word(arg) for arg in args], node)
        known = ", ".join(sorted(ASKS))
        raise self._at(node, "is not known here", f"use and, or, not, comparisons and {known}")

    def _call(self, name: str, words: list[str], node: ast.expr) -> Asked:
        make, kinds = ASKS[name]
        if len(words) != len(kinds):
            raise self._at(node, f"has {len(words)} arguments", f"{name}({', '.join(kinds)})")
        for word, kind in zip(words, kinds, strict=True):
            allowed = self._allowed(kind)
            if allowed and word not in allowed:
                raise self._at(node, f"there is no {kind} {word!r}", f"one of {', '.join(allowed)}")
        self.breaks = self.breaks or name == "broken"
        return make(self, *words)

    def _allowed(self, kind: str) -> list[str]:
        return {"thread": self.threads, "rule": list(INVARIANTS), "bit": list(BITS)}.get(kind, [])

    def _word(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int)):
            return str(node.value)
        raise self._at(node, "is no name", 'write names in quotes: pfn("v[0]")')

    def _at(self, node: ast.expr, what: str, instead: str) -> EngineError:
        piece = ast.get_source_segment(self.text.strip(), node) or self.text
        return _wrong(piece[:60], what, instead)

    def cell(self, place: str) -> str:
        """The cell of the pte of "vma[page]", or of "process/vma[page]" where there are several."""
        owner, _, page_of = place.rpartition("/")
        match = re.fullmatch(r"([^\[]+)\[(\d+)\]", page_of)
        for process in self.scenario.processes:
            if match is None or (owner and owner not in (process.name, *self._children())):
                continue
            for vma in process.vmas:
                if vma.name == match[1] and int(match[2]) < vma.pages:
                    page = (vma.first >> 12) + int(match[2])
                    return f"pte/{owner or process.name}/{page:#x}"
        raise _wrong(place, "there is no such page", "name a vma and a page, like v[0]")

    def _children(self) -> set[str]:
        return {act.fork for _, t in self.scenario.threads() for act in t.do if act.fork}


def _all_or_any(every: bool, parts: list[Asked]) -> Asked:
    both = all if every else any
    return lambda end: both(part(end) for part in parts)


def _compared(compare: Callable[[Any, Any], bool], left: Asked, right: Asked) -> Asked:
    def ask(end: End) -> bool:
        try:
            return compare(left(end), right(end))
        except TypeError:
            return False

    return ask


# --- what can be asked


def pte(reader: Reader, place: str) -> Asked:
    """The pte of a page, as a number."""
    cell = reader.cell(place)
    return lambda end: end.cells.get(cell) or 0


def pfn(reader: Reader, place: str) -> Asked:
    """The frame that a page is mapped to; -1 if it is not."""
    value = pte(reader, place)

    def ask(end: End) -> int:
        now = value(end)
        return int(end.arch.pte_pfn(now)) if pte_present(now) else -1

    return ask


def bit(reader: Reader, place: str, name: str) -> Asked:
    """One bit of a pte: P, RW, US, A or D."""
    value = pte(reader, place)
    return lambda end: value(end) >> BITS[name] & 1


def returns(_: Reader, thread: str) -> Asked:
    """The codes that a thread's faults came to: MINOR, MAJOR, SIGBUS, OOM."""
    return lambda end: end.outcome["returns"].get(thread, [])


def saw(_: Reader, thread: str) -> Asked:
    """The frames that a thread's accesses reached, in order."""

    def ask(end: End) -> list[int | str]:
        return list(_frames(end.outcome["saw"].get(thread, [])))

    return ask


def _frames(seen: list[str]) -> Iterator[int | str]:
    for text in seen:
        frame = text.split("frame ")[1].split(":")[0]
        yield int(frame, 16) if frame.startswith("0x") else frame


def signal(_: Reader, thread: str) -> Asked:
    """The signal that a thread got, in capitals; empty if none."""
    return lambda end: end.outcome["signals"].get(thread, "")


def bug(_: Reader, thread: str) -> Asked:
    """Whether a thread hit a BUG."""
    return lambda end: thread in end.outcome["bugs"]


def stuck(_: Reader, thread: str) -> Asked:
    """Whether a thread waits for ever."""
    return lambda end: thread in end.outcome["stuck"]


def stale(_: Reader) -> Asked:
    """Whether a TLB is left that its pte does not bear out."""
    return lambda end: bool(end.outcome["stale"])


def broken(_: Reader, rule: str) -> Asked:
    """Whether a rule was broken on the way."""
    return lambda end: rule in end.broken


ASKS: dict[str, tuple[Callable[..., Asked], tuple[str, ...]]] = {
    "pte": (pte, ("place",)),
    "pfn": (pfn, ("place",)),
    "bit": (bit, ("place", "bit")),
    "returns": (returns, ("thread",)),
    "saw": (saw, ("thread",)),
    "signal": (signal, ("thread",)),
    "bug": (bug, ("thread",)),
    "stuck": (stuck, ("thread",)),
    "stale": (stale, ()),
    "broken": (broken, ("rule",)),
}
"""What can be asked, and what each takes."""
