"""Which handler runs next: asked where handle_pte_fault is about to read the pte."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernels import find_kernel
from engine.ledger import Moment
from engine.model.pte import pte_none, pte_present
from engine.narrate.view import LOW_WORD
from engine.predict.fact import Fact, Option, distinct, option
from engine.predict.past import Fault, Past, does

WEIGHTS = {"do_no_pfn": 70, "do_swap_page": 60, "do_wp_page": 65, "do_no_page": 45, "retry": 70}
USUAL = 35
EMPTY = "handler.wrong.do_wp_page.empty"
AGAIN = 50
"""What a question loses when its like was asked before in the run."""


def facts(past: Past) -> Iterator[Fact]:
    """A fact for each fault that comes as far as its pte."""
    seen: set[str] = set()
    for fault in past.faults:
        found = _decided(fault)
        if found is None:
            continue
        key, moment = found
        weight = WEIGHTS.get(key, USUAL) + 20 * _surprising(fault, key)
        weight -= AGAIN * (key in seen)
        seen.add(key)
        found_it = "present" if _present(fault) else "absent"
        ask = past.say(f"handler.ask.{found_it}.{does(fault.write)}", offers=_offers(fault),
                       **_params(fault))  # fmt: skip
        options = distinct([_right(fault, key, moment), *_wrong(fault, key)])
        number = moment.number
        yield Fact("next_handler", "handler", fault.thread, fault.nth, number - 1, number, weight,
                   ask, options)  # fmt: skip


def _decided(fault: Fault) -> tuple[str, Moment] | None:
    """(handler, the step that decides for it)."""
    if fault.dispatch is None or not fault.handler:
        return None
    if fault.handler != "handle_present_pte":
        return fault.handler, fault.dispatch
    again = next((m for m in fault.moments if m.op == "read_pte" and m is not fault.dispatch), None)
    following = again and fault.after(again)
    if again is None or following is None:
        return None
    if again.answer != fault.dispatch.answer:
        return "retry", again
    return ("do_wp_page", again) if following.inside("do_wp_page") else None


def _present(fault: Fault) -> bool:
    assert fault.dispatch is not None
    return pte_present(fault.dispatch.answer)


def _params(fault: Fault) -> dict[str, str]:
    vma = fault.vma
    assert vma is not None and fault.dispatch is not None
    owner = vma.driver or vma.file or vma.id
    return {
        "who": fault.who,
        "place": fault.place,
        "kernel": fault.past.called,
        "vma": vma.id,
        "owner": owner,
        "dispatch": f"#{fault.dispatch.number}",
    }


def _methods(fault: Fault) -> tuple[bool, bool]:
    """(->nopage, ->nopfn) of the vma."""
    ops = fault.vma.vm_ops if fault.vma else None
    return (ops.nopage, ops.nopfn) if ops else (False, False)


def _offers(fault: Fault) -> str:
    """The methods in words: what decides must not stand on a card that is out of sight."""
    nopage, nopfn = _methods(fault)
    which = "both" if nopage and nopfn else "nopage" if nopage else "nopfn" if nopfn else "none"
    return fault.past.say(f"handler.offers.{which}")


def _knows_nopfn(fault: Fault) -> bool:
    return "do_no_pfn" in find_kernel(fault.past.kernel).functions


def _surprising(fault: Fault, key: str) -> bool:
    """Both methods to choose from; a driver that is not asked; a private write that is."""
    nopage, nopfn = _methods(fault)
    unknown = nopfn and not _knows_nopfn(fault)
    return (nopage and nopfn) or unknown or (key == "do_no_page" and fault.case == "private_write")


def _right(fault: Fault, key: str, moment: Moment) -> Option:
    variant = f"handler.right.{key}"
    if key == "do_anonymous_page" and _methods(fault)[1]:
        variant += ".unasked"
    if key in ("do_no_page", "do_no_pfn") and all(_methods(fault)) and _knows_nopfn(fault):
        variant += ".first"
    if key == "do_swap_page" and _half(fault):
        variant += ".half"
    step, params = f"#{moment.number}", _params(fault)
    return option(fault.past, key, f"handler.{key}", variant, step=step, **params)


def _wrong(fault: Fault, key: str) -> Iterator[Option]:
    """What one might think instead, the likeliest first, each with why it is not so here."""
    for other in _others(fault, key):
        if other != key:
            why = f"handler.wrong.{other}.{_reason(fault, other)}"
            why += f".{does(fault.write)}" if why == EMPTY else ""
            yield option(fault.past, other, f"handler.{other}", why, **_params(fault))


def _others(fault: Fault, key: str) -> list[str]:
    nopage, nopfn = _methods(fault)
    if _present(fault):
        return ["do_wp_page", "retry", "do_anonymous_page", "do_no_page"]
    first = ["do_no_pfn"] if nopfn else []
    first += ["do_no_page"] if nopage else []
    if key == "do_swap_page":
        return ["do_anonymous_page", "do_no_page", "do_wp_page"]
    late = ["do_wp_page"] if fault.write else ["do_swap_page"]
    usual = ["do_anonymous_page", "do_no_page", *late, "do_swap_page"]
    return [*first, *usual]


def _half(fault: Fault) -> bool:
    """Whether the pte was read between its two stores (PAE): it looks like a swap entry."""
    arch, cells = fault.past.arch, fault.past.trace.sim.machine
    read = fault.dispatch.answer if fault.dispatch else 0
    slot = f"swap/{arch.swp_slot(read)}/refs"
    return arch.two_stores and not read & LOW_WORD and slot not in cells


def _reason(fault: Fault, other: str) -> str:
    """Why `other` does not run here."""
    assert fault.dispatch is not None
    if _present(fault):
        return "changed" if other == "do_wp_page" else "present"
    if not pte_none(fault.dispatch.answer):
        return "half" if _half(fault) else "slot"
    if other == "do_no_pfn":
        return "second" if _knows_nopfn(fault) else "unknown"
    if other == "do_no_page":
        return "second" if _methods(fault)[0] else "no_method"
    if other == "do_anonymous_page":
        return "owner"
    return "empty"
