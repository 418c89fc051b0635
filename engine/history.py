"""The coarse history of a run, and its checksum, which outlives changes of the model.

Only what a reader of the kernel would call an event counts: pte writes, lock transitions, handlers
entered and left, accesses, drivers' answers, codes returned, signals, verdicts.
"""

from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Iterable, Iterator
from typing import Any

from engine.encode import fault_code
from engine.kernel import FUNCTIONS
from engine.ledger import Moment
from engine.model.arch import Arch
from engine.model.pte import pte_dirty, pte_none, pte_write
from engine.verbs.locks import FREE_SEM

ALPHABET = string.ascii_letters + string.digits + "-_"
ANSWERED = ("nopfn_ret", "nopage_ret", "page_mkwrite_ret")
ENDED = ("force_sig", "send_sig", "do_exit", "livelock", "bad_mmap", "bad_fork")
_inline: set[str] = set()


def events(
    arch: Arch, moment: Moment, before: tuple[str, ...], verdicts: Iterable[str]
) -> list[str]:
    """The events of one step. before: the handlers this thread stood in at its previous step."""
    who = moment.thread
    found = [*_calls(before, handlers(moment)), *_acts(moment)]
    for cell, (was, now) in moment.delta.items():
        if cell.startswith("pte/"):
            found += _pte(arch, cell, was or 0, now or 0)
        elif cell.startswith("lock/"):
            found += _lock(cell.removeprefix("lock/"), was, now)
    return [f"{who} {event}" for event in found] + [f"! {verdict}" for verdict in verdicts]


def checksum(history: Iterable[str]) -> str:
    """11 characters that stand for a coarse history."""
    digest = hashlib.sha256("\n".join(history).encode()).digest()
    return base64.urlsafe_b64encode(digest[:8]).rstrip(b"=").decode()


def marks(history: Iterable[str]) -> str:
    """One character an event, so that two histories show where they part: right 63 times in 64."""
    return "".join(ALPHABET[hashlib.sha256(e.encode()).digest()[0] & 63] for e in history)


def parting(told: str, now: str) -> int:
    """The index of the first event at which two histories' marks differ, or where one ends."""
    shorter = min(len(told), len(now))
    return next((i for i in range(shorter) if told[i] != now[i]), shorter)


def handlers(moment: Moment) -> tuple[str, ...]:
    """The functions on the stack, outermost first, without the arch's inline helpers."""
    if not _inline:
        _inline.update(f.id for f in FUNCTIONS.values() if f.inline)
    return tuple(id.partition("@")[0] for id, _ in moment.stack if id not in _inline)


def _calls(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    yield from (f"leaves {name}" for name in reversed(before[same:]))
    yield from (f"enters {name}" for name in after[same:])


def _acts(moment: Moment) -> Iterator[str]:
    if moment.op == "access":
        does = "writes" if moment.args["write"] else "reads"
        if moment.answer[0] == "killed":
            yield "dies of SIGKILL"
            return
        found = f"{moment.answer[1]:#x}" if moment.answer[0] == "ok" else "faults"
        yield f"{does} {moment.args['address'] >> 12:#x}: {found}"
    elif moment.op in ANSWERED:
        answer = moment.answer[0] if isinstance(moment.answer, tuple) else moment.answer
        yield f"{moment.op} {answer:#x}"
    elif moment.op == "vm_fault":
        yield f"returns {fault_code(moment.args['ret'])}"
    elif moment.op in ENDED:
        yield " ".join(str(value) for value in (moment.op, *moment.args.values()))


def _pte(arch: Arch, cell: str, was: int, now: int) -> Iterator[str]:
    if _normal(arch, was) != _normal(arch, now):
        yield f"{cell} {_normal(arch, now)}"


def _normal(arch: Arch, pte: int) -> str:
    """A pte without the bits that a change of the model may move: frame, writable, dirty."""
    if pte_none(pte):
        return "none"
    if not pte & 1:
        return "not present"
    flags = ("w" if pte_write(pte) else "") + ("d" if pte_dirty(pte) else "")
    return f"{arch.pte_pfn(pte):#x} r{flags}"


def _lock(name: str, was: Any, now: Any) -> Iterator[str]:
    if name.startswith("mmap_sem/"):
        was, now = was or FREE_SEM, now or FREE_SEM
        held, holds = was[1:], now[1:]
        if now[0] or was[0]:
            yield f"{'takes' if now[0] else 'gives'} {name} to write"
        else:
            yield f"{'takes' if len(holds) > len(held) else 'gives'} {name} to read"
    else:
        yield f"{'takes' if now else 'gives'} {name}"
