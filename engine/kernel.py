"""A kernel revision: a set of handler functions, most of them its parent's.

Functions take the running kernel `k` first and call each other through it (`k.do_no_pfn(...)`), so
a revision holds only what its patch changed and the rest of the kernel finds the new version.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from types import CodeType
from typing import Any

from engine.model.arch import Arch
from engine.ops import Op

Handler = Generator[Op, Any, Any]
"""What a handler function returns when called: it yields ops and is sent their answers."""

ARCH_HELPERS = ("pfn_pte", "pte_pfn", "pte_modify", "swp_slot", "swp_entry", "as_long",
                "as_unsigned_long", "next_table")  # fmt: skip


@dataclass(frozen=True)
class KernelFunction:
    """One version of one function: whose it is, and its code."""

    name: str
    kernel: str
    code: Callable[..., Handler]
    inline: bool = False

    @property
    def id(self) -> str:
        return f"{self.name}@{self.kernel}"


FUNCTIONS: dict[CodeType, KernelFunction] = {}
"""Every function of every kernel, by its code object, so that a frame can be named."""


class Kernel:
    """A revision by its permanent id.

    date: when it was published (ISO). parent: the revision it was made from, or None.
    """

    def __init__(
        self,
        id: str,
        date: str,
        title: str,
        functions: dict[str, KernelFunction],
        parent: str | None,
    ) -> None:
        self.id, self.date, self.title, self.parent = id, date, title, parent
        self.functions = functions
        self.changes = [f.name for f in functions.values() if f.kernel == id and not f.inline]
        self._on: dict[str, Any] = {}

    @classmethod
    def first(cls, id: str, date: str, title: str, *code: Callable[..., Handler]) -> Kernel:
        """The root of a history: all functions are its own."""
        return cls(id, date, title, _own(id, code), None)

    def revise(self, id: str, date: str, title: str, *code: Callable[..., Handler]) -> Kernel:
        """A child revision in which these functions replace or join the parent's."""
        return Kernel(id, date, title, {**self.functions, **_own(id, code)}, self.id)

    def on(self, arch: Arch) -> Any:
        """The kernel built for an arch: the `k` that every function is called with."""
        if arch.id not in self._on:
            self._on[arch.id] = Running(self, arch)
        return self._on[arch.id]


def short_name(kernel: str) -> str:
    """A kernel's id as sentences have it: v2 for nopfn-v2."""
    return kernel.removeprefix("nopfn-")


class Running:
    """A kernel on an arch: its attributes are the functions, `k` bound, and the pte helpers."""

    def __init__(self, kernel: Kernel, arch: Arch) -> None:
        self.kernel, self.arch = kernel, arch
        for name, function in kernel.functions.items():
            setattr(self, name, partial(function.code, self))
        for name in ARCH_HELPERS:
            setattr(self, name, getattr(arch, name))


def _own(kernel: str, code: tuple[Callable[..., Handler], ...]) -> dict[str, KernelFunction]:
    own = {}
    for function in code:
        known = FUNCTIONS.get(function.__code__)
        inline = function.__module__.rpartition(".")[2] == "pgtable"
        entry = known or KernelFunction(function.__name__, kernel, function, inline)
        FUNCTIONS[function.__code__] = entry
        own[entry.name] = entry
    return own
