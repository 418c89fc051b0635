"""What a pte holds after a fault: filled, filled twice, left alone, or never reached."""

from __future__ import annotations

from collections.abc import Iterator

from engine.ledger import Moment
from engine.model.pte import (
    _PAGE_DIRTY,
    pte_dirty,
    pte_mkdirty,
    pte_mkwrite,
    pte_none,
    pte_present,
    pte_write,
)
from engine.model.vma import VM_WRITE
from engine.narrate.drivers import has_type
from engine.narrate.view import holds_ptl
from engine.predict.fact import Fact, Option, distinct
from engine.predict.past import HARDWARE, Fault, Past, does

FILLERS = {
    "do_no_pfn": ("device:rw", "device:ro", "copy:rw"),
    "do_no_page": ("page:rw", "page:ro", "copy:rw"),
    "do_anonymous_page": ("fresh:rw", "zero:ro", "zero:rw", "fresh:ro"),
    "do_swap_page": ("swap:rw", "swap:ro", "copy:rw", "fresh:rw"),
}
"""Who fills a pte, and what one might expect there: whose frame, and which rights."""

LAST = ("set_pte_at", "ptep_establish", "ptep_set_access_flags")
STORES = ("set_pte_high", "ptep_clear_flush", *LAST)
RACE, ODD, PRIVATE, FAILED, USUAL = 100, 90, 75, 20, 30


def facts(past: Past) -> Iterator[Fact]:
    """A fact for each fault that was to fill a pte."""
    for fault in past.faults:
        if fault.handler in FILLERS and fault.vma is not None:
            found = _race(fault) if contested(fault) else _alone(fault)
            if found is not None:
                yield found


def store(fault: Fault) -> Moment | None:
    """The step that stores what this fault leaves in the pte; with PAE the second half."""
    for moment in reversed(fault.moments):
        if moment.op in LAST and moment.inside(fault.handler):
            return moment
    return None


def recheck(fault: Fault) -> Moment | None:
    """The second look at the pte, under its lock."""
    for moment in fault.moments:
        second = moment.op == "read_pte" and moment is not fault.dispatch
        if second and holds_ptl(moment) and moment.inside(fault.handler):
            return moment
    return None


def contested(fault: Fault) -> bool:
    """Whether another thread filled the pte while this one was on its way to do so."""
    decided = _decided(fault)
    return (
        decided is not None
        and fault.rival(decided.number) is not None
        and pte_present(_before(fault, decided))
    )


def own_entry(fault: Fault) -> int | None:
    """The pte that this fault's handler means to store, or None if it has no frame."""
    stored = store(fault)
    if stored is not None:
        return int(stored.args["pte"])
    pfn, vma = _frame(fault), fault.vma
    if pfn is None or vma is None:
        return None
    pte = fault.past.arch.pfn_pte(pfn, vma.prot)
    if fault.write:
        pte = pte_mkdirty(pte)
        pte = pte_mkwrite(pte) if vma.flags & VM_WRITE else pte
    return pte


def frame_of(past: Past, pte: int) -> int | None:
    """The frame in a present pte."""
    return past.arch.pte_pfn(pte) if pte_present(pte) else None


def rights(pte: int) -> str:
    """A pte's rights, as keys of messages have them."""
    if not pte_write(pte):
        return "ro"
    return "rwd" if pte_dirty(pte) else "rw"


def _decided(fault: Fault) -> Moment | None:
    """The step that shows what becomes of the pte."""
    stored, looked = store(fault), recheck(fault)
    return stored or (looked if looked and not pte_none(looked.answer) else fault.end)


def _before(fault: Fault, decided: Moment) -> int:
    """The pte just before this fault stored anything into it."""
    own = [m.number for m in fault.moments if m.op in STORES and m.inside(fault.handler)]
    return fault.past.pte(fault.cell, min([*own, decided.number]) - 1)


def _frame(fault: Fault) -> int | None:
    """The frame that the fault has got hold of so far."""
    made = fault.only("alloc_page_vma", "alloc_zeroed_user_highpage", "read_swap_cache_async",
                      "lookup_swap_cache")  # fmt: skip
    if made and made.answer:
        return int(made.answer)
    named = fault.only("nopfn_ret", "nopage_ret")
    if named and named.answer[0] >= 0:
        return int(named.answer[0])
    return None


# --- two threads, one pte


def _race(fault: Fault) -> Fact | None:
    decided, mine, past = _decided(fault), own_entry(fault), fault.past
    rival = decided and fault.rival(decided.number)
    if decided is None or rival is None or mine is None or fault.dispatch is None:
        return None
    theirs = _before(fault, decided)
    if mine & ~HARDWARE | mine & _PAGE_DIRTY == theirs & ~HARDWARE | theirs & _PAGE_DIRTY:
        return None
    params = {
        "who": fault.who, "rival": f"@{rival.thread}", "place": fault.place,
        "kernel": past.called, "handler": fault.handler, "seen": f"#{fault.dispatch.number}",
        "filled": f"#{rival.number}", "decided": f"#{decided.number}",
        "mine": _number(past, mine), "theirs": _number(past, theirs),
    }  # fmt: skip
    mixed = theirs | mine & (_PAGE_DIRTY | 2)
    key = "own" if store(fault) else "first"
    choices = {"own": mine, "first": theirs, "mixed": mixed, "empty": 0}
    order = [key, *(k for k in ("own", "first", "empty", "mixed") if k != key)]
    options = [Option(k, _state(past, choices[k]), past.say(f"race.{k}.{key}", **params))
               for k in order]  # fmt: skip
    ask = past.say("race.ask", **params)
    at = _lock_before(fault, decided)
    return Fact("pte_after", "fill.race", fault.thread, fault.nth, at, decided.number, RACE, ask,
                distinct(options))  # fmt: skip


def _number(past: Past, pte: int) -> str:
    return f"`{past.arch.pte_pfn(pte):#x}`"


def _state(past: Past, pte: int) -> str:
    """A pte in words: its frame's number and its rights."""
    if pte_none(pte):
        return past.say("pte.empty")
    return past.say(f"pte.frame.{rights(pte)}", frame=_number(past, pte))


def _lock_before(fault: Fault, decided: Moment) -> int:
    """The newest spin_lock before a step; else the step before it."""
    locks = [m.number for m in fault.moments
             if m.op == "spin_lock" and m.number < decided.number]  # fmt: skip
    return locks[-1] if locks else decided.number - 1


# --- one thread


def _alone(fault: Fault) -> Fact | None:
    decided, past = _decided(fault), fault.past
    if decided is None or fault.dispatch is None:
        return None
    pte = past.pte(fault.cell, decided.number)
    stored = store(fault) is not None
    if not stored and not pte_none(pte):
        return None
    key = _key(fault, pte) if stored else "empty"
    odd = odd_answer(fault)
    weight = ODD if stored and odd else FAILED if not stored else USUAL
    weight = max(weight, PRIVATE if stored and _tempting(fault, key) else 0)
    options = distinct([_plain(fault, key, key), *_expected(fault, key)])
    ask = past.say(f"fill.ask.{_known(fault)}.{does(fault.write)}", who=fault.who,
                   place=fault.place, **_answer(fault))  # fmt: skip
    topic = f"fill.{odd or ('plain' if stored else 'none')}"
    return Fact("pte_after", topic, fault.thread, fault.nth, _asked(fault, decided),
                decided.number, weight, ask, options)  # fmt: skip


def odd_answer(fault: Fault) -> str:
    """What is odd about the driver's answer: "error", "type", "wide" (a frame too high), or ""."""
    named = fault.only("nopfn_ret")
    if named is None:
        return ""
    pfn, kind = named.answer
    if pfn < 0:
        return "error"
    if kind not in (None, 2):
        return "type"
    return "wide" if pfn >> 20 else ""


def _tempting(fault: Fault, key: str) -> bool:
    """Whether a likely guess is wrong: private mappings, zeroes, and pages shared in swap."""
    if fault.handler == "do_swap_page":
        return True
    if fault.handler == "do_anonymous_page":
        return key.startswith("zero")
    return fault.private


def _key(fault: Fault, pte: int) -> str:
    """Whose frame is in the pte, and with which rights."""
    frame, named = fault.past.arch.pte_pfn(pte), fault.only("nopfn_ret", "nopage_ret")
    suffix = rights(pte)
    if fault.handler == "do_swap_page":
        return f"{'copy' if fault.only('copy_user_highpage') else 'swap'}:{suffix}"
    if fault.handler == "do_anonymous_page":
        made = fault.only("alloc_zeroed_user_highpage")
        return f"{'fresh' if made else 'zero'}:{suffix}"
    if fault.handler == "do_no_page":
        copied = fault.only("copy_user_highpage")
        return f"{'copy' if copied else 'page'}:{suffix}"
    raw = fault.past.arch.as_unsigned_long(named.answer[0]) if named else frame
    return f"{'device' if raw == frame else 'cut'}:{suffix}"


def _expected(fault: Fault, right: str) -> Iterator[Option]:
    """What one might expect instead, the likeliest first."""
    odd = odd_answer(fault)
    known = tuple(_wished(fault, key) for key in FILLERS[fault.handler])
    if fault.handler == "do_no_pfn" and odd:
        yield from (_plain(fault, k, right) for k in _oddities(right))
        known = known if odd == "type" else ()
    elif fault.handler == "do_no_pfn" and fault.private:
        yield _plain(fault, _wished(fault, "copy:rw"), right)
        yield _plain(fault, "empty", right)
    yield from (_plain(fault, key, right) for key in known if key != right)
    yield _plain(fault, "empty", right)


def _wished(fault: Fault, key: str) -> str:
    """A key as it would be for this access: what a write makes writable it makes dirty too."""
    return f"{key}d" if fault.write and key.endswith(":rw") else key


def _oddities(right: str) -> list[str]:
    suffix = right.rpartition(":")[2] if ":" in right else "rw"
    candidates = ["empty", f"device:{suffix}", f"cut:{suffix}"]
    return [key for key in candidates if key != right]


def _plain(fault: Fault, key: str, right: str) -> Option:
    """An option: the right one told by the run, a wrong one by why it is not so."""
    past, decided = fault.past, _decided(fault)
    assert decided is not None and fault.vma is not None
    if key == right:
        because = past.told(decided.number)
    else:
        because = past.say(_reason(fault, key, right), who=fault.who, kernel=past.called,
                           step=f"#{decided.number}", vma=fault.vma.id,
                           frame=_shown(fault, "device"), stored=_shown(fault, "cut"),
                           **_answer(fault))  # fmt: skip
    if key == "empty":
        return Option(key, past.say("pte.empty"), because)
    whose, _, suffix = key.partition(":")
    return Option(key, past.say(f"pte.{whose}.{suffix}", frame=_shown(fault, whose)), because)


def _shown(fault: Fault, whose: str) -> str:
    """The frame's number, where it is a driver's."""
    named, arch = fault.only("nopfn_ret"), fault.past.arch
    if named is None:
        return ""
    raw = arch.as_unsigned_long(named.answer[0])
    if whose == "cut":
        kept = arch.pte_pfn(arch.pfn_pte(raw, 0))
        return f"`{kept if kept != raw else raw & 0xFFFFF:#x}`"
    return f"`{raw:#x}`"


def _reason(fault: Fault, key: str, right: str) -> str:
    """The template that says why `key` is not so here."""
    whose, odd = key.partition(":")[0], odd_answer(fault)
    key = key.removesuffix("d") if key.endswith(":rwd") else key
    if right == "empty":
        return "fill.wrong.nothing"
    if key == "empty":
        named = fault.only("nopfn_ret")
        mute = odd == "type" and named is not None and not has_type(named)
        return f"fill.wrong.empty.{'plain' if mute or not odd else odd}"
    if fault.handler == "do_no_pfn":
        if whose in ("cut", "copy"):
            return f"fill.wrong.{whose}"
        masked = "_masked" if fault.past.arch.long_bits == 64 else ""
        return "fill.wrong.rights" if right.startswith("device") else f"fill.wrong.whole{masked}"
    if key == "page:rw" and fault.vma is not None and not fault.vma.flags & VM_WRITE:
        return "fill.wrong.no_vm_write"
    if fault.handler in ("do_anonymous_page", "do_no_page"):
        return f"fill.wrong.{fault.handler}.{fault.case}.{key}"
    tail = "" if whose == "fresh" else f".{right.partition(':')[0]}"
    return f"fill.wrong.do_swap_page.{key}{tail}"


def _answer(fault: Fault) -> dict[str, str]:
    """What the driver answered, for a template."""
    named, missing = fault.only("nopfn_ret", "nopage_ret"), {"answer": "", "named": "", "type": ""}
    if named is None:
        return missing
    value, kind = named.answer
    shown = f"`{value}`" if value < 0 else f"`{value:#x}`"
    odd = odd_answer(fault) == "type"
    extra = fault.past.say(type_key(named), type=kind) if odd else ""
    return {"answer": shown, "named": f"#{named.number}", "type": extra}


def type_key(named: Moment) -> str:
    """How to tell of a `*type` that the driver sets, or would if it could."""
    return "fill.type" if has_type(named) else "fill.type_gone"


def _known(fault: Fault) -> str:
    """What is known when the question is asked."""
    if fault.handler == "do_no_pfn" and fault.only("nopfn_ret"):
        return "private_pfn" if fault.private else "pfn"
    if fault.handler == "do_no_page" and fault.only("nopage_ret"):
        return fault.case.partition("_")[0]
    return "swap" if fault.handler == "do_swap_page" else "none"


def _asked(fault: Fault, decided: Moment) -> int:
    """After which step to ask: when the frame is known, but nothing of what is done with it."""
    assert fault.dispatch is not None
    named = fault.only("nopfn_ret", "nopage_ret")
    if fault.handler in ("do_no_pfn", "do_no_page") and named and named.number < decided.number:
        return named.number
    if fault.handler in ("do_anonymous_page", "do_swap_page"):
        return fault.dispatch.number
    return decided.number - 1
