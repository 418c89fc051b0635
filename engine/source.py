"""The text of the running handlers: listings, what a revision changed, and where it comes from."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import textwrap
from collections.abc import Iterable
from functools import cache
from typing import Any

from engine.content import content
from engine.kernel import FUNCTIONS, Kernel, KernelFunction
from engine.kernels import HISTORY, KERNELS
from engine.messages import ENGLISH

SOURCE = re.compile(r"Source: (.+?)\.(?=\s|$)")
PLACE = re.compile(r"\(((?:[\w./-]+\.[ch]\b|include/)[^()]*)\)")


def kernels_json(language: str = ENGLISH) -> list[dict[str, Any]]:
    """Every kernel, in order of history."""
    return [kernel_json(kernel, language) for kernel in HISTORY]


def kernel_json(kernel: Kernel, language: str) -> dict[str, Any]:
    """A kernel and the functions in which it differs from its parent."""
    return {
        "id": kernel.id,
        "date": kernel.date,
        "title": content(language).say(kernel.title),
        "parent": kernel.parent,
        "changes": changes(kernel),
    }


def changes(kernel: Kernel) -> list[str]:
    """The functions that are not the parent's; the first kernel of a history changes nothing."""
    if kernel.parent is None:
        return []
    before = KERNELS[kernel.parent].functions
    return [name for name, f in kernel.functions.items() if before.get(name) is not f]


def listings(ids: Iterable[str], kernel: Kernel) -> dict[str, Any]:
    """The listing of each function, as `kernel` runs it; a student's own has none."""
    known = {function.id: function for function in FUNCTIONS.values()}
    return {id: listing(known[id], kernel) for id in ids if id in known}


def listing(function: KernelFunction, kernel: Kernel) -> dict[str, Any]:
    """One function's source, with its difference from the parent kernel's if there is one."""
    lines, first = text_of(function)
    doc = inspect.getdoc(function.code) or ""
    return {
        "name": function.name,
        "kernel": function.kernel,
        "file": function.code.__module__.replace(".", "/") + ".py",
        "line": first,
        "source": list(lines),
        "doc": doc,
        "cites": cites(doc),
        "inline": function.inline,
        "changed": function.name in changes(kernel),
        "diff": diff(function, kernel),
    }


@cache
def text_of(function: KernelFunction) -> tuple[tuple[str, ...], int]:
    """(lines, number of the first one)"""
    lines, first = inspect.getsourcelines(function.code)
    return tuple(line.rstrip("\n") for line in lines), first


def cites(doc: str) -> str:
    """The place in the kernel, or the posting, that the function follows."""
    found = SOURCE.search(doc) or PLACE.search(doc)
    return " ".join(found[1].split()) if found else ""


def diff(function: KernelFunction, kernel: Kernel) -> dict[str, Any] | None:
    """What `kernel` changed: added line numbers, and lines removed after a line of the new text."""
    if kernel.parent is None:
        return None
    old = KERNELS[kernel.parent].functions.get(function.name)
    if old is None or old is function:
        return None
    before, after = _code(old), _code(function)
    added: list[int] = []
    removed: list[dict[str, Any]] = []
    for _, a, b, c, d in _edits([text for _, text in before], [text for _, text in after]):
        added += [line for line, _ in after[c:d]]
        if b > a:
            place = after[c - 1][0] if c else after[0][0] - 1
            removed.append({"after": place, "lines": [text for _, text in before[a:b]]})
    return {"against": old.id, "added": added, "removed": removed}


def _code(function: KernelFunction) -> list[tuple[int, str]]:
    """The function's numbered lines without its docstring: a diff is about what runs."""
    lines, first = text_of(function)
    tree = ast.parse(textwrap.dedent("\n".join(lines))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    doc = tree.body[0] if ast.get_docstring(tree) is not None else None
    skipped = range(doc.lineno, (doc.end_lineno or doc.lineno) + 1) if doc else range(0)
    return [(first + i - 1, text) for i, text in enumerate(lines, 1) if i not in skipped]


def _edits(before: list[str], after: list[str]) -> list[tuple[str, int, int, int, int]]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [edit for edit in matcher.get_opcodes() if edit[0] != "equal"]
