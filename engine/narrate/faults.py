"""Into a fault and out of it again; assertions."""

from __future__ import annotations

from engine.encode import fault_code
from engine.kernels.linux_2_6_17 import codes
from engine.ledger import Moment
from engine.model.pte import pte_none
from engine.narrate.view import Narration, View, lock_name, tells

MEANING = {
    codes.VM_FAULT_OOM: "out of memory",
    codes.VM_FAULT_SIGBUS: "the thread must get SIGBUS",
    codes.VM_FAULT_MINOR: "try the access again",
    codes.VM_FAULT_MAJOR: "it counts as one with I/O; try the access again",
}

ASSERTIONS = {
    "VM_PFNMAP missing (do_no_pfn)": ("the vma has `VM_PFNMAP`", "the vma lacks `VM_PFNMAP`"),
    "COW mapping (do_no_pfn)": (
        "no write to this vma would have to copy",
        "the vma is private and may become writable, a COW mapping",
    ),
    "VM_PFNMAP set (do_no_page)": (
        "the vma does not have `VM_PFNMAP`",
        "the vma has `VM_PFNMAP`, whose frames need no `struct page`",
    ),
}
"""Assertion -> (what is true when it passes, what is true when it fires)."""


@tells("find_vma")
def find_vma(v: View) -> Narration:
    """Which vma?"""
    address = f"`{v.args['address']:#x}`"
    if v.answer is None:
        return v.say("none", f"{v.who} looks for the vma that covers {address}: there is none.")
    what = f"{v.who} finds the vma that covers {address}: `{v.answer.id}`."
    why = "`mmap_sem` keeps it as it is until the fault is over."
    return v.say("", what, why, vma=v.answer.id)


@tells("count_pgfault")
def count_pgfault(v: View) -> Narration:
    """Counted first."""
    return v.say("", f"{v.who} counts the fault in `pgfault`, before anything is decided.")


@tells("vm_fault")
def vm_fault(v: View) -> Narration:
    """The code that comes back."""
    ret = v.args["ret"]
    code = ret & ~codes.VM_FAULT_WRITE
    meaning = MEANING.get(code, "a code nobody knows")
    what = f"{v.who}'s fault comes back with `{fault_code(ret)}`: {meaning}."
    params = {"ret": fault_code(ret)}
    if code in (codes.VM_FAULT_OOM, codes.VM_FAULT_SIGBUS):
        return v.say("error", what, _error(v), **params)
    if ret & codes.VM_FAULT_WRITE:
        why = "`VM_FAULT_WRITE` says that COW is dealt with; only `get_user_pages` looks at it."
        return v.say("write", what, why, **params)
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
        return f"Because `{failed.op}` failed at #{failed.number}."
    bad = v.seen("print_bad_pte")
    if bad:
        return f"Because the pte made no sense, #{bad.number}."
    if named is None:
        return ""
    return f"Because of the answer to `->{named.op.removesuffix('_ret')}` at #{named.number}."


def _lost(v: View) -> str:
    """That another thread had done the work already."""
    seen = v.seen("read_pte")
    stored = v.seen("set_pte_at", "ptep_establish", "ptep_set_access_flags")
    first = _first_read(seen)
    if seen is None or stored or first is None or seen.answer == first.answer:
        return ""
    now = "filled" if pte_none(first.answer) else "changed"
    return f"It gave way: the pte had been {now} meanwhile, as #{seen.number} found."


def _first_read(last: Moment | None) -> Moment | None:
    """The read before the last one of this fault."""
    return last.seen.get("read_pte") if last else None


def _major(v: View) -> str:
    read = v.seen("read_swap_cache_async")
    if read:
        return f"Because the page was read from swap at #{read.number}."
    return _named(v)


def _named(v: View) -> str:
    named = v.seen("nopfn_ret", "nopage_ret")
    return f"Because the answer at #{named.number} said so in `*type`." if named else ""


@tells("count_fault")
def count_fault(v: View) -> Narration:
    """min_flt or maj_flt."""
    kind = v.args["kind"]
    came = v.seen("vm_fault")
    why = f"Because of the code at #{came.number}." if came else ""
    size = "minor" if kind == "min_flt" else "major"
    return v.say("", f"{v.who} counts a {size} fault in `tsk->{kind}`.", why)


@tells("force_sig")
def force_sig(v: View) -> Narration:
    """A signal it cannot refuse."""
    signal, code = v.args["signal"], v.args["code"]
    what = f"{v.who} gets `{signal}` ({code}); its program ends here."
    vma, came = v.seen("find_vma"), v.seen("vm_fault")
    why = ""
    if came:
        ret = fault_code(came.args["ret"])
        why = f"Because the fault came back with `{ret}` at #{came.number}."
    elif vma and vma.answer is None:
        why = f"Because no vma covers the address, as #{vma.number} found."
    elif vma:
        why = f"Because `{vma.answer.id}`, found at #{vma.number}, does not allow this access."
    return v.say(code.lower(), what, why, signal=signal, code=code)


@tells("do_exit")
def do_exit(v: View) -> Narration:
    """Out of memory."""
    came = v.seen("vm_fault")
    why = f"Because the fault came back with `VM_FAULT_OOM` at #{came.number}." if came else ""
    return v.say("", f"{v.who} is killed: out of memory, and it was the one to ask.", why)


@tells("BUG_ON")
def bug_on(v: View) -> Narration:
    """An assertion, which passes or fires."""
    text = v.args["text"]
    fine, bad = ASSERTIONS.get(text, ("fine", text))
    vma = v.seen("find_vma", "read_vma")
    if not v.args["condition"]:
        where = f", as found at #{vma.number}" if vma and text in ASSERTIONS else ""
        return v.say("passes", f"{v.who} passes `BUG_ON`: {fine}{where}.")
    why = f"Because of the vma's flags, found at #{vma.number}." if vma else ""
    if text.startswith("remap_pfn_range"):
        bad, why = "the pte to be filled is not empty", _found_filled(v)
    if text.startswith("negative mapcount"):
        bad, why = "the page's mapcount fell below zero", _dropped(v)
    return v.say("fires", f"{v.who} hits `BUG_ON` and oopses: {bad}{_keeps(v)}.", why, text=text)


def _found_filled(v: View) -> str:
    seen = v.seen("read_pte")
    return f"Because #{seen.number} found {v.state(seen.answer)} there." if seen else ""


def _dropped(v: View) -> str:
    seen = v.seen("dec_mapcount")
    return f"Because #{seen.number} took away a mapping that was never counted." if seen else ""


def _keeps(v: View) -> str:
    """What stays locked for ever."""
    if not v.moment.held:
        return ""
    return "; it keeps " + " and ".join(lock_name(lock) for lock in v.moment.held)


@tells("BUG")
def bug(v: View) -> Narration:
    """The code that fits no case."""
    came = v.seen("vm_fault")
    what = f"{v.who} hits `BUG` and oopses: the fault's code fits no case{_keeps(v)}."
    why = f"Because it was {came.args['ret']} at #{came.number}." if came else ""
    return v.say("", what, why, text=v.args["text"])
