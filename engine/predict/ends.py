"""What a fault returns, if it returns at all."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernels.linux_2_6_17.codes import VM_FAULT_WRITE
from engine.ledger import Moment
from engine.outcomes import RETURNS
from engine.predict.fact import Fact, Option, distinct
from engine.predict.past import Fault, Past
from engine.predict.ptes import contested, odd_answer, store, type_key

WEIGHTS = {"BUG": 90, "SIGBUS": 80, "OOM": 80, "SIGSEGV": 60, "MAJOR": 65, "odd": 85}
RECOVERED, RACE, USUAL = 60, 40, 15
"""A MINOR after an odd answer; after a race; after nothing special."""


def facts(past: Past) -> Iterator[Fact]:
    """A fact for each fault that is decided."""
    for fault in past.faults:
        end = fault.end
        if end is not None:
            yield _end(fault, end)


def _end(fault: Fault, end: Moment) -> Fact:
    key = _key(end)
    params = _params(fault, end)
    past = fault.past
    options = [Option(key, _text(past, key), past.told(end.number))]
    options += [Option(k, _text(past, k), past.say(_reason(fault, k, key), **params))
                for k in _guesses(fault, key) if k != key]  # fmt: skip
    known = "named" if params["named"] else "plain"
    at = end.number - 1
    if key == "SIGSEGV":
        found = fault.only("find_vma")
        at = found.number - 1 if found else at
    return Fact("returns", "end", fault.thread, fault.nth, at, end.number, _weight(fault, key),
                past.say(f"end.ask.{known}", **params), distinct(options))  # fmt: skip


def _key(end: Moment) -> str:
    if end.op == "force_sig":
        return "SIGSEGV"
    if end.op != "vm_fault":
        return "BUG"
    code = end.args["ret"] & ~VM_FAULT_WRITE
    return RETURNS.get(code, f"?{code}")


def _text(past: Past, key: str) -> str:
    return past.say("end.odd", code=key[1:]) if key.startswith("?") else past.say(f"end.{key}")


def _params(fault: Fault, end: Moment) -> dict[str, str]:
    named = fault.only("nopfn_ret", "nopage_ret")
    answer = type_ = ""
    if named is not None:
        value, kind = named.answer
        answer = f"`{value}`" if value < 0 else f"`{value:#x}`"
        type_ = fault.past.say(type_key(named), type=kind) if kind not in (None, 2) else ""
    return {
        "who": fault.who, "place": fault.place, "kernel": fault.past.called, "answer": answer,
        "type": type_, "named": f"#{named.number}" if named else "", "step": f"#{end.number}",
    }  # fmt: skip


def _weight(fault: Fault, key: str) -> int:
    if key != "MINOR":
        return WEIGHTS["odd" if key.startswith("?") else key]
    if odd_answer(fault) in ("error", "type"):
        return RECOVERED
    return RACE if contested(fault) and store(fault) is None else USUAL


def _guesses(fault: Fault, key: str) -> list[str]:
    """The codes that one might expect, the likeliest first."""
    odd = odd_answer(fault)
    if odd == "type":
        kind = fault.only("nopfn_ret").answer[1]  # type: ignore[union-attr]
        passed = RETURNS.get(kind, f"?{kind}")
        return ["MINOR", passed, "SIGBUS", "OOM" if passed.startswith("?") else "BUG"]
    if odd == "error":
        return ["SIGBUS", "MINOR", "OOM", "BUG"]
    if key == "OOM":
        return ["SIGBUS", "MINOR", "BUG"]
    if fault.only("BUG_ON") is not None:
        return ["MINOR", "SIGBUS", "BUG", "MAJOR"]
    return ["MINOR", "MAJOR", "SIGBUS"]


def _reason(fault: Fault, key: str, right: str) -> str:
    """The template that says why the fault does not end with `key`."""
    if right == "BUG":
        return "end.wrong.oops"
    if right == "SIGSEGV":
        return "end.wrong.refused"
    if right.startswith("?"):
        return "end.wrong.kept"
    if right == "MAJOR" and key == "MINOR":
        return "end.wrong.counted"
    if key in ("BUG", "MAJOR"):
        return f"end.wrong.{key}"
    if key == "MINOR" or key.startswith("?"):
        return "end.wrong.fails" if key == "MINOR" else "end.wrong.type"
    if odd_answer(fault) == "error" and right in ("MINOR", "MAJOR"):
        return "end.wrong.taken"
    return "end.wrong.other" if right not in ("MINOR", "MAJOR") else "end.wrong.fine"
