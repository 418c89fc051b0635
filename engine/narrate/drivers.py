"""What drivers and files are asked, and what they answer."""

from __future__ import annotations

from engine.encode import fault_code
from engine.ledger import Moment
from engine.narrate.view import Narration, View, frame, tells
from engine.scenario import ERRORS

ERROR_NAMES = {-12: "ENOMEM", -14: "EFAULT", -22: "EINVAL"}
NOPFN_NAMES = {-1: "NOPFN_SIGBUS", -2: "NOPFN_OOM"}
NOPAGE_NAMES = {0: "NOPAGE_SIGBUS", -1: "NOPAGE_OOM", -2: "NOPAGE_REFAULT"}
assert set(ERROR_NAMES) <= set(ERRORS.values())


@tells("nopfn_call")
def nopfn_call(v: View) -> Narration:
    """Into the driver."""
    return _asks(v, "the driver's `->nopfn`", "frame")


@tells("nopage_call")
def nopage_call(v: View) -> Narration:
    """Into the file or driver."""
    return _asks(v, "`->nopage`", "page")


def _asks(v: View, whom: str, what: str) -> Narration:
    seen = v.seen("read_pte")
    why = ""
    if seen:
        why = (f"Because the pte was empty at #{seen.number}; `ptl` is not held, so others may "
               "fill it meanwhile.")  # fmt: skip
    return v.say("", f"{v.who} asks {whom} which {what} belongs at {v.place()}.", why)


@tells("nopfn_ret")
def nopfn_ret(v: View) -> Narration:
    """A pfn, or an error, or one taken for the other."""
    pfn, kind = v.answer
    driver = v.args["driver"]
    params = {"driver": driver, "pfn": f"{pfn:#x}"}
    said = _said(v, pfn)
    code = _code_next(v)
    if code is not None:
        what = f"`{driver}` answers {v.who} with {said}; the kernel takes it for an error."
        why = f"So the fault will return `{fault_code(code)}`."
        if pfn >= 0:
            why = f"In a signed `long` it is negative. {why}"
        return v.say("error", what, why, **params)
    if pfn < 0:
        what = f"`{driver}` answers {v.who} with {said}, and the kernel takes that for a frame."
        return v.say("negative_frame", what, "It is not one of the values that mean an error here.",
                     **params)  # fmt: skip
    left = f" and {kind} in `*type`" if kind is not None else ""
    return v.say("frame", f"`{driver}` answers {v.who}: {said}{left}.", _earlier(v, pfn), **params)


def _said(v: View, pfn: int) -> str:
    if pfn >= 0:
        return f"frame {frame(pfn)}"
    two_values = v.moment.stack[-2][0].endswith(("v4", "v5")) if len(v.moment.stack) > 1 else False
    names = {**ERROR_NAMES, **(NOPFN_NAMES if two_values else {})}
    return f"`{pfn}` ({names[pfn]})" if pfn in names else f"`{pfn}`"


def _code_next(v: View) -> int | None:
    """The code that the fault returns without doing anything more, if it does."""
    op = v.next.op
    return op.args[0] if op is not None and op.name == "vm_fault" else None


def _earlier(v: View, pfn: int) -> str:
    """That the driver told somebody else something else about this address."""
    calls = f"driver/{v.args['driver']}/calls"
    before = v.wrote(calls)
    while before is not None:
        if before.args.get("address") == v.args["address"] and before.answer[0] != pfn:
            whom = "it" if before.thread == v.thread else f"@{before.thread}"
            return f"At #{before.number} it had told {whom} {frame(before.answer[0])}."
        number = before.written.get(calls)
        before = None if number is None else v.ledger[number]
    return ""


@tells("nopage_ret")
def nopage_ret(v: View) -> Narration:
    """A page with a reference, or an error."""
    page, kind = v.answer
    source, params = v.args["source"], {"source": v.args["source"], "page": f"{page:#x}"}
    if page > 0:
        size = "after reading it (MAJOR)" if kind == 3 else "which it had"
        what = f"`{source}` answers {v.who}: page {frame(page)}, {size}, with a reference taken."
        return v.say("page", what, **params)
    code = _code_next(v)
    name = NOPAGE_NAMES.get(page, str(page))
    why = f"So the fault will return `{fault_code(code)}`." if code is not None else ""
    if code is None:
        why = "This kernel knows no such error and takes it for a page."
    return v.say("error", f"`{source}` answers {v.who} with `{name}`.", why, **params)


@tells("page_mkwrite_call")
def page_mkwrite_call(v: View) -> Narration:
    """The file is told."""
    what = f"{v.who} tells the file that page {frame(v.args['page'])} is about to become writable."
    return v.say("", what, "The file may refuse, or prepare for the write-back.")


@tells("page_mkwrite_ret")
def page_mkwrite_ret(v: View) -> Narration:
    """Yes or no."""
    if v.answer < 0:
        return v.say("refuses", f"`{v.args['source']}` refuses: {v.who} may not write to the page.",
                     "So the fault will return `VM_FAULT_SIGBUS`.")  # fmt: skip
    return v.say("allows", f"`{v.args['source']}` agrees that {v.who} may write to the page.")


@tells("read_truncate_count")
def read_truncate_count(v: View) -> Narration:
    """Was the file truncated meanwhile?"""
    before: Moment | None = v.seen("read_truncate_count")
    writer = v.wrote(f"file/{v.args['file']}/truncate_count")
    if before is None or not v.has_any_ptl:
        what = f"{v.who} remembers how often `{v.args['file']}` was truncated: {v.answer}."
        return v.say("remember", what, "If it has changed later, the page may be gone.")
    if before.answer == v.answer:
        what = f"{v.who} finds that `{v.args['file']}` was not truncated since #{before.number}."
        return v.say("same", what, "So the page still belongs to the file.")
    why = f"Because @{writer.thread} truncated it at #{writer.number}." if writer else ""
    what = f"{v.who} finds that `{v.args['file']}` was truncated meanwhile; it starts again."
    return v.say("changed", what, why)


@tells("bump_truncate_count")
def bump_truncate_count(v: View) -> Narration:
    """Before the zap."""
    what = f"{v.who} counts the truncation of `{v.args['file']}` before it takes any page away."
    return v.say("", what, "So a fault that has a page in hand will notice.")


@tells("mapping_cap_account_dirty")
def mapping_cap_account_dirty(v: View) -> Narration:
    """Are dirty pages counted?"""
    yes = "are counted" if v.answer else "are not counted"
    return v.say("", f"{v.who} learns that the dirty pages of `{v.args['file']}` {yes}.")


@tells("install_nonlinear")
def install_nonlinear(v: View) -> Narration:
    """Not reachable: such scenarios are refused."""
    return v.say("", f"{v.who} asks `->populate` for {v.place()}.")
