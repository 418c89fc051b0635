"""What threads do in user mode, and the system calls they make. Generators, like the handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.kernel import Handler
from engine.ops import access, bad_fork, bad_mmap, bad_mprotect, livelock, send_sig

TRIES = 6
"""How often one access may fault before the simulation calls it a livelock."""


class Operation(NamedTuple):
    """One thing a thread does: `kind` names the function below, `args` are its arguments.

    anyway: do it even if a signal has ended the thread's other work.
    """

    kind: str
    args: tuple[Any, ...]
    anyway: bool = False


def program(k: Any, operations: tuple[Operation, ...]) -> Handler:
    """A thread's whole life: its operations in order, until a signal ends it."""
    alive = True
    while operations:
        operation, operations = operations[0], operations[1:]
        if alive or operation.anyway:
            fine = yield from ACTS[operation.kind](k, *operation.args)
            if fine is None:
                return
            if operation.kind == "fork" and not fine:
                operations, fine = unborn(operations, operation.args[1]), True
            alive = alive and fine


def unborn(operations: tuple[Operation, ...], child: str) -> tuple[Operation, ...]:
    """What is left to do without the child. Whatever acts in an mm has its name first."""
    gone: tuple[str, ...] = (child,)
    left: tuple[Operation, ...] = ()
    for operation in operations:
        if operation.kind == "kill" or operation.args[0] not in gone:
            left += (operation,)
        elif operation.kind == "fork":
            gone += (operation.args[1],)
    return left


def touch(k: Any, mm: str, address: int, write: bool) -> Handler:
    """Load or store one word; fault and try again until it works or a signal comes."""
    tries = TRIES
    while tries:
        tries -= 1
        answer = yield access(mm, address, write)
        if answer[0] == "ok":
            return True
        if answer[0] == "killed":
            return False
        fine = yield from k.do_page_fault(mm, address, answer[1])
        if not fine:
            return False
    yield livelock(address)
    return False


def mprotect(k: Any, mm: str, vma: str, rights: int) -> Handler:
    """mprotect(2) of a whole vma; a refusal is told, and the program goes on."""
    error = yield from k.sys_mprotect(mm, vma, rights)
    if error:
        yield bad_mprotect(vma, error)
    return True


def fork(k: Any, mm: str, child: str) -> Handler:
    """fork(2), as far as memory goes; failing leaves no child (False), and the program goes on."""
    error = yield from k.dup_mmap(mm, child)
    if error:
        yield from k.exit_mmap(child)
        yield bad_fork(child, error)
    return not error


def kill(_: Any, victim: str) -> Handler:
    """kill(2) with SIGKILL: each thread of the victim's process dies before its next access."""
    yield send_sig(victim)
    return True


def munmap(k: Any, mm: str, vma: str, start: int, end: int) -> Handler:
    """Zap a range under mmap_sem, as munmap(2) does; the vma stays, and a touch faults again."""
    yield from k.zap_under_mmap_sem(mm, vma, start, end)
    return True


def truncate(k: Any, mm: str, vma: str, start: int, end: int) -> Handler:
    """Zap a range as truncate(2) does: no mmap_sem. The file keeps its size and pages."""
    yield from k.unmap_mapping_range(mm, vma, start, end)
    return True


def remap(k: Any, mm: str, vma: str, pfn: int, size: int) -> Handler:
    """mmap(2) of a device whose driver calls remap_pfn_range; failing ends the program (None)."""
    error = yield from k.mmap_remap(mm, vma, pfn, size)
    if error:
        yield bad_mmap(vma, error)
        return None
    return True


ACTS: dict[str, Callable[..., Handler]] = {
    "touch": touch,
    "mprotect": mprotect,
    "fork": fork,
    "kill": kill,
    "munmap": munmap,
    "truncate": truncate,
    "remap": remap,
}
