"""What drivers and files are asked, and what they answer."""

from __future__ import annotations

from engine.encode import fault_code
from engine.ledger import Moment
from engine.narrate.view import Narration, View, at, frame, tells
from engine.scenario import ERRORS

ERROR_NAMES = {-12: "ENOMEM", -14: "EFAULT", -22: "EINVAL"}
NOPFN_NAMES = {-1: "NOPFN_SIGBUS", -2: "NOPFN_OOM"}
NOPAGE_NAMES = {0: "NOPAGE_SIGBUS", -1: "NOPAGE_OOM", -2: "NOPAGE_REFAULT"}
assert set(ERROR_NAMES) <= set(ERRORS.values())


@tells("nopfn_call")
def nopfn_call(v: View) -> Narration:
    """Into the driver."""
    return v.say("", v.text("nopfn_call", place=v.place()), _empty(v))


@tells("nopage_call")
def nopage_call(v: View) -> Narration:
    """Into the file or driver."""
    return v.say("", v.text("nopage_call", place=v.place()), _empty(v))


def _empty(v: View) -> str:
    seen = v.seen("read_pte")
    return v.text("nopfn_call.why", step=at(seen)) if seen else ""


@tells("nopfn_ret")
def nopfn_ret(v: View) -> Narration:
    """A pfn, or an error, or one taken for the other."""
    pfn, kind = v.answer
    driver = v.args["driver"]
    params = {"driver": driver, "pfn": f"{pfn:#x}"}
    answer = {"driver": driver, "answer": _said(v, pfn)}
    code = _code_next(v)
    if code is not None:
        key = "nopfn_ret.why_negative_long" if pfn >= 0 else "nopfn_ret.why_error"
        what = v.text("nopfn_ret.error", **answer)
        return v.say("error", what, v.text(key, code=fault_code(code)), **params)
    if pfn < 0:
        what = v.text("nopfn_ret.negative", **answer)
        return v.say("negative_frame", what, v.text("nopfn_ret.why_negative"), **params)
    if kind is not None:
        key = "nopfn_ret.frame_type" if has_type(v.moment) else "nopfn_ret.frame_no_type"
        what = v.text(key, type=kind, **answer)
    else:
        what = v.text("nopfn_ret.frame", **answer)
    return v.say("frame", what, _earlier(v, pfn), **params)


def _said(v: View, pfn: int) -> str:
    if pfn >= 0:
        return v.text("state.frame", frame=frame(pfn))
    names = {**ERROR_NAMES, **({} if has_type(v.moment) else NOPFN_NAMES)}
    return f"`{pfn}` ({names[pfn]})" if pfn in names else f"`{pfn}`"


def has_type(moment: Moment) -> bool:
    """Whether this ->nopfn can say a code in `*type`: up to v3. Later ones name errors instead."""
    return not any(id.startswith("do_no_pfn@") and id.endswith(("v4", "v5"))
                   for id, _ in moment.stack)  # fmt: skip


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
            told = {"actor": v.actor(before), "frame": frame(before.answer[0])}
            return v.text("nopfn_ret.why_earlier", step=at(before), **told)
        number = before.written.get(calls)
        before = None if number is None else v.ledger[number]
    return ""


@tells("nopage_ret")
def nopage_ret(v: View) -> Narration:
    """A page with a reference, or an error."""
    page, kind = v.answer
    source = v.args["source"]
    params = {"source": source, "page": f"{page:#x}"}
    if page > 0:
        key = "nopage_ret.page_read" if kind == 3 else "nopage_ret.page"
        return v.say("page", v.text(key, source=source, page=frame(page)), **params)
    code = _code_next(v)
    what = v.text("nopage_ret.error", source=source, error=NOPAGE_NAMES.get(page, str(page)))
    if code is None:
        return v.say("error", what, v.text("nopage_ret.why_page"), **params)
    return v.say("error", what, v.text("nopfn_ret.why_error", code=fault_code(code)), **params)


@tells("page_mkwrite_call")
def page_mkwrite_call(v: View) -> Narration:
    """The file is told."""
    what = v.text("page_mkwrite_call", page=frame(v.args["page"]))
    return v.say("", what, v.text("page_mkwrite_call.why"))


@tells("page_mkwrite_ret")
def page_mkwrite_ret(v: View) -> Narration:
    """Yes or no."""
    source = v.args["source"]
    if v.answer < 0:
        why = v.text("nopfn_ret.why_error", code="VM_FAULT_SIGBUS")
        return v.say("refuses", v.text("page_mkwrite_ret.refuses", source=source), why)
    return v.say("allows", v.text("page_mkwrite_ret.allows", source=source))


@tells("read_truncate_count")
def read_truncate_count(v: View) -> Narration:
    """Was the file truncated meanwhile?"""
    file = v.args["file"]
    before: Moment | None = v.seen("read_truncate_count")
    writer = v.wrote(f"file/{file}/truncate_count")
    if before is None or not v.has_any_ptl:
        what = v.text("truncate_count.remember", file=file, count=v.answer)
        return v.say("remember", what, v.text("truncate_count.why_remember"))
    if before.answer == v.answer:
        what = v.text("truncate_count.same", file=file, step=at(before))
        return v.say("same", what, v.text("truncate_count.why_same"))
    why = ""
    if writer:
        why = v.text("truncate_count.why_changed", other=f"@{writer.thread}", step=at(writer))
    return v.say("changed", v.text("truncate_count.changed", file=file), why)


@tells("bump_truncate_count")
def bump_truncate_count(v: View) -> Narration:
    """Before the zap."""
    what = v.text("bump_truncate_count", file=v.args["file"])
    return v.say("", what, v.text("bump_truncate_count.why"))


@tells("mapping_cap_account_dirty")
def mapping_cap_account_dirty(v: View) -> Narration:
    """Are dirty pages counted?"""
    key = "account_dirty.yes" if v.answer else "account_dirty.no"
    return v.say("", v.text(key, file=v.args["file"]))


@tells("install_nonlinear")
def install_nonlinear(v: View) -> Narration:
    """Not reachable: such scenarios are refused."""
    return v.say("", v.text("install_nonlinear", place=v.place()))
