"""Every kernel with one line of its own functions spoilt: the checks must notice each.

A mutation is made in the syntax tree of whatever version of the function the kernel runs, so each
revision is tried with its own code, what it inherits included.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple

from scenes import anonymous, fickle, private_file, read, write

from engine.kernel import Kernel
from engine.scenario import Scenario

Body = list[ast.stmt]
LOCKED_LOOKS = ("pte_none(pte)", "not pte_none(pte)", "not pte_same(pte, orig_pte)")


class Mutation(NamedTuple):
    """What is done to a function, where that shows, and which rules it must break there."""

    what: str
    function: str
    spoil: Callable[[ast.FunctionDef], bool]
    scene: Scenario
    caught_by: set[str]
    unless: frozenset[str] = frozenset()
    """Kernels whose scene never comes through the function."""

    @property
    def id(self) -> str:
        return f"{self.function}: {self.what}"


class NothingToSpoil(Exception):
    """The function has nothing of the kind in this kernel."""


def mutant(kernel: Kernel, function: str, spoil: Callable[[ast.FunctionDef], bool]) -> Kernel:
    """`kernel` with its own `function` spoilt. Raises NothingToSpoil."""
    if function not in kernel.functions:
        raise NothingToSpoil
    code: Any = kernel.functions[function].code
    tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    if not spoil(definition):
        raise NothingToSpoil
    ast.fix_missing_locations(tree)
    ast.increment_lineno(tree, code.__code__.co_firstlineno - 1)
    names = dict(code.__globals__)
    exec(compile(tree, code.__code__.co_filename, "exec"), names)
    return kernel.revise(f"{kernel.id}, spoilt", "2006-04-01", "spoilt", names[function])


def said(node: ast.AST) -> str:
    return ast.unparse(node)


def calls(statement: ast.stmt, *names: str) -> bool:
    """Whether it is no block, and calls one of these."""
    return not hasattr(statement, "body") and any(
        isinstance(node, ast.Call) and said(node.func).split(".")[-1] in names
        for node in ast.walk(statement)
    )


def blocks(function: ast.FunctionDef) -> list[Body]:
    """Every list of statements in it, outer ones first, in the order of the text."""
    found = [
        body
        for node in ast.walk(function)
        for body in (getattr(node, "body", None), getattr(node, "orelse", None))
        if isinstance(body, list) and body
    ]
    return sorted(found, key=lambda body: (body[0].lineno, body[0].col_offset))


def no_second_look(function: ast.FunctionDef) -> bool:
    """The pte is taken to be as it was: the look under the lock decides nothing."""
    looks = [
        n for n in ast.walk(function) if isinstance(n, ast.If) and said(n.test) in LOCKED_LOOKS
    ]
    for look in looks:
        look.test = ast.Constant(value=said(look.test) == "pte_none(pte)")
    return bool(looks)


def lock_dropped_early(function: ast.FunctionDef) -> bool:
    """The lock is let go as soon as it was taken, and not again later."""
    taken = False
    for body in blocks(function):
        for i, statement in enumerate(list(body)):
            if calls(statement, "spin_unlock") and statement.lineno:
                body[body.index(statement)] = ast.Pass()
            elif calls(statement, "pte_offset_map_lock") and not taken:
                taken = True
                body.insert(i + 1, ast.parse("yield spin_unlock(ptl)").body[0])
                body[i + 1].lineno = 0
    return taken


def without(*names: str) -> Callable[[ast.FunctionDef], bool]:
    """Whatever calls one of these is left out."""

    def spoil(function: ast.FunctionDef) -> bool:
        hit = False
        for body in blocks(function):
            for i, statement in enumerate(body):
                if calls(statement, *names):
                    body[i] = ast.Pass()
                    hit = True
        return hit

    return spoil


def twice(name: str) -> Callable[[ast.FunctionDef], bool]:
    """The last call of this is made once more."""

    def spoil(function: ast.FunctionDef) -> bool:
        made = [(s.lineno, body, s) for body in blocks(function) for s in body if calls(s, name)]
        if made:
            _, body, last = max(made, key=lambda call: call[0])
            body.insert(body.index(last), last)
        return bool(made)

    return spoil


MPROTECT = {"mprotect": "v", "rights": "r"}
FORK = {"fork": "K"}
TWO_WRITERS = anonymous([write()], [write()])
FILE_RACE = private_file([read()], [write()])
COPIES = private_file([read(), write()], [read(), write()])
DEVICE_RACE = fickle([read()], [write()])
COPY = private_file([read(), write()])
FORKED = anonymous([write(), FORK, write(), write(who="K")])

MUTATIONS = (
    Mutation("no second look", "do_anonymous_page", no_second_look, TWO_WRITERS, {"overwrite"}),
    Mutation("no second look", "do_no_page", no_second_look, FILE_RACE, {"overwrite"}),
    Mutation("no second look", "do_no_pfn", no_second_look, DEVICE_RACE, {"overwrite"}),
    Mutation("no second look", "wp_page_copy", no_second_look, COPIES, {"mapcount"}),
    Mutation("lock dropped early", "do_anonymous_page", lock_dropped_early, TWO_WRITERS, {"locks"}),
    Mutation("lock dropped early", "do_no_page", lock_dropped_early, FILE_RACE, {"locks"}),
    Mutation("lock dropped early", "do_no_pfn", lock_dropped_early, DEVICE_RACE, {"locks"}),
    Mutation("lock dropped early", "wp_page_copy", lock_dropped_early, COPY, {"locks"}),
    Mutation("lock dropped early", "change_pte_range", lock_dropped_early,
             anonymous([write(), MPROTECT]), {"locks"}),
    Mutation("lock kept", "do_no_pfn", without("spin_unlock"), DEVICE_RACE, {"locks"}),
    Mutation("lock kept", "do_anonymous_page", without("spin_unlock"), TWO_WRITERS, {"locks"}),
    Mutation("flush forgotten", "dup_mmap", without("flush_tlb_mm"), FORKED, {"tlb_agrees"}),
    Mutation("flush forgotten", "change_protection", without("flush_tlb_range"),
             anonymous([write(), MPROTECT]), {"tlb_agrees"}),
    Mutation("flush forgotten", "wp_page_copy", without("flush_tlb_page"), COPIES, {"tlb_agrees"}),
    Mutation("flush forgotten", "ptep_establish", without("flush_tlb_page"), COPIES,
             {"tlb_agrees"}, frozenset({"2.6.19", "2.6.20"})),
    Mutation("reference dropped twice", "wp_page_copy", twice("page_cache_release"), COPIES,
             {"freed_page"}),
    Mutation("reference dropped twice", "early_cow", twice("page_cache_release"),
             private_file([write()], [read(), {"munmap": "v"}]), {"freed_page"}),
    Mutation("reference not taken", "copy_one_pte", without("get_page"), FORKED, {"counts"}),
    Mutation("mapping not counted", "do_no_page", without("page_add_file_rmap"), FILE_RACE,
             {"mapcount"}),
    Mutation("parent left writable", "copy_one_pte", without("ptep_set_wrprotect"), FORKED,
             {"cow_isolation"}),
)  # fmt: skip
