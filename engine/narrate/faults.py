"""Into a fault and out of it again; assertions."""

from __future__ import annotations

from engine.encode import fault_code
from engine.kernels.linux_2_6_17 import codes
from engine.ledger import Moment
from engine.model.pte import pte_none
from engine.narrate.view import Narration, View, at, tells

MEANING = {
    codes.VM_FAULT_OOM: "vm_fault.is_oom",
    codes.VM_FAULT_SIGBUS: "vm_fault.is_sigbus",
    codes.VM_FAULT_MINOR: "vm_fault.is_minor",
    codes.VM_FAULT_MAJOR: "vm_fault.is_major",
}

PASSES = {
    "VM_PFNMAP missing (do_no_pfn)": "assert.has_pfnmap",
    "COW mapping (do_no_pfn)": "assert.no_cow_mapping",
    "VM_PFNMAP set (do_no_page)": "assert.no_pfnmap",
}
"""Assertion -> what is true of the vma when it passes."""

FIRES = {
    "VM_PFNMAP missing (do_no_pfn)": "assert.lacks_pfnmap",
    "COW mapping (do_no_pfn)": "assert.cow_mapping",
    "VM_PFNMAP set (do_no_page)": "assert.pfnmap",
}
"""Assertion -> what is true of the vma when it fires."""


@tells("find_vma")
def find_vma(v: View) -> Narration:
    """Which vma?"""
    address = f"`{v.args['address']:#x}`"
    if v.answer is None:
        return v.say("none", v.text("find_vma.none", address=address))
    vma = v.answer.id
    what = v.text("find_vma", address=address, vma=vma)
    return v.say("", what, v.text("find_vma.why"), vma=vma)


@tells("count_pgfault")
def count_pgfault(v: View) -> Narration:
    """Counted first."""
    return v.say("", v.text("count_pgfault"), v.text("count_pgfault.why"))


@tells("vm_fault")
def vm_fault(v: View) -> Narration:
    """The code that comes back."""
    ret = v.args["ret"]
    code = ret & ~codes.VM_FAULT_WRITE
    meaning = v.text(MEANING[code]) if code in MEANING else v.text("vm_fault.is_unknown")
    what = v.text("vm_fault", code=fault_code(ret), meaning=meaning)
    params = {"ret": fault_code(ret)}
    if code in (codes.VM_FAULT_OOM, codes.VM_FAULT_SIGBUS):
        return v.say("error", what, _error(v), **params)
    if ret & codes.VM_FAULT_WRITE:
        return v.say("write", what, v.text("vm_fault.why_write"), **params)
    lost = _lost(v)
    if lost:
        return v.say("lost", what, lost, **params)
    if code == codes.VM_FAULT_MAJOR:
        return v.say("major", what, _major(v), **params)
    if code != codes.VM_FAULT_MINOR:
        return v.say("unknown", what, _named(v), **params)
    return v.say("minor", what, "", **params)


def _error(v: View) -> str:
    named = v.seen("nopfn_ret", "nopage_ret", "page_mkwrite_ret")
    failed = v.seen("alloc_page_vma", "alloc_zeroed_user_highpage", "anon_vma_prepare",
                    "pte_alloc_one", "read_swap_cache_async")  # fmt: skip
    if failed and failed.answer is None:
        return v.text("vm_fault.why_failed", op=failed.op, step=at(failed))
    bad = v.seen("print_bad_pte")
    if bad:
        return v.text("vm_fault.why_bad_pte", step=at(bad))
    if named is None:
        return ""
    method = named.op.removesuffix("_ret")
    return v.text("vm_fault.why_answer", method=method, step=at(named))


def _lost(v: View) -> str:
    """That another thread had done the work already."""
    seen = v.seen("read_pte")
    stored = v.seen("set_pte_at", "ptep_establish", "ptep_set_access_flags")
    first = _first_read(seen)
    if seen is None or stored or first is None or seen.answer == first.answer:
        return ""
    empty = pte_none(first.answer)
    key = "vm_fault.why_lost_filled" if empty else "vm_fault.why_lost_changed"
    return v.text(key, step=at(seen))


def _first_read(last: Moment | None) -> Moment | None:
    """The read before the last one of this fault."""
    return last.seen.get("read_pte") if last else None


def _major(v: View) -> str:
    read = v.seen("read_swap_cache_async")
    return v.text("vm_fault.why_major", step=at(read)) if read else _named(v)


def _named(v: View) -> str:
    named = v.seen("nopfn_ret", "nopage_ret")
    return v.text("vm_fault.why_type", step=at(named)) if named else ""


@tells("count_fault")
def count_fault(v: View) -> Narration:
    """min_flt or maj_flt."""
    kind = v.args["kind"]
    came = v.seen("vm_fault")
    why = v.text("count_fault.why", step=at(came)) if came else ""
    key = "count_fault.minor" if kind == "min_flt" else "count_fault.major"
    return v.say("", v.text(key, counter=kind), why)


@tells("force_sig")
def force_sig(v: View) -> Narration:
    """A signal it cannot refuse."""
    signal, code = v.args["signal"], v.args["code"]
    what = v.text("force_sig", signal=signal, code=code)
    return v.say(code.lower(), what, _signalled(v), signal=signal, code=code)


def _signalled(v: View) -> str:
    vma, came = v.seen("find_vma"), v.seen("vm_fault")
    if came:
        ret = fault_code(came.args["ret"])
        return v.text("force_sig.why_code", code=ret, step=at(came))
    if vma is None:
        return ""
    if vma.answer is None:
        return v.text("force_sig.why_no_vma", step=at(vma))
    return v.text("force_sig.why_not_allowed", vma=vma.answer.id, step=at(vma))


@tells("do_exit")
def do_exit(v: View) -> Narration:
    """Out of memory."""
    came = v.seen("vm_fault")
    why = v.text("force_sig.why_code", code="VM_FAULT_OOM", step=at(came)) if came else ""
    return v.say("", v.text("do_exit"), why)


@tells("BUG_ON")
def bug_on(v: View) -> Narration:
    """An assertion, which passes or fires."""
    text = v.args["text"]
    vma = v.seen("find_vma", "read_vma")
    if not v.args["condition"]:
        fine = v.text(PASSES[text]) if text in PASSES else v.text("assert.fine")
        what, why = v.text("BUG_ON.passes", fine=fine), v.text("BUG_ON.why_passes")
        if vma and text in PASSES:
            what = v.text("BUG_ON.passes_found", fine=fine, step=at(vma))
        return v.say("passes", what, why)
    bad, why = _fired(v, text, vma)
    return v.say("fires", v.text("BUG_ON.fires", bad=bad, keeps=_keeps(v)), why, text=text)


def _fired(v: View, text: str, vma: Moment | None) -> tuple[str, str]:
    """What is wrong, and why."""
    if text.startswith("remap_pfn_range"):
        return v.text("assert.pte_filled"), _found_filled(v)
    if text.startswith("negative mapcount"):
        return v.text("assert.negative_mapcount"), _dropped(v)
    bad = v.text(FIRES[text]) if text in FIRES else text
    return bad, v.text("BUG_ON.why_flags", step=at(vma)) if vma else ""


def _found_filled(v: View) -> str:
    seen = v.seen("read_pte")
    return v.text("BUG_ON.why_filled", step=at(seen), state=v.state(seen.answer)) if seen else ""


def _dropped(v: View) -> str:
    seen = v.seen("dec_mapcount")
    return v.text("BUG_ON.why_dropped", step=at(seen)) if seen else ""


def _keeps(v: View) -> str:
    """What stays locked for ever."""
    if not v.moment.held:
        return ""
    locks = v.ledger.words.all_of(v.lock(lock) for lock in v.moment.held)
    return v.text("BUG.keeps", locks=locks)


@tells("BUG")
def bug(v: View) -> Narration:
    """The code that fits no case."""
    came = v.seen("vm_fault")
    why = v.text("BUG.why", code=came.args["ret"], step=at(came)) if came else ""
    return v.say("", v.text("BUG", keeps=_keeps(v)), why, text=v.args["text"])
