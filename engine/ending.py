"""How a run ends, in a sentence or two: what it means, not what was counted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from engine.ledger import Moment
from engine.outcomes import ended
from engine.trace import Trace


def ending(trace: Trace) -> str:
    """What became of the threads and of the page that they met at."""
    broken = [rule for rule in trace.invariants if not rule["holds"] and not rule["news"]]
    said = [*_unhappy(trace), *_met(trace, bool(broken))]
    if broken and not said:
        return f"{min(broken, key=lambda rule: rule['step'] or 0)['text']}."
    saved = [] if broken else list(_saved(trace))
    gone = list(undone(trace))
    return " ".join([*(said or [trace.words.say("ending.fine")]), *saved, *gone])


def _unhappy(trace: Trace) -> Iterator[str]:
    """The threads that did not come to their end, and the forks that failed."""
    say, cells = trace.words.say, trace.sim.machine
    for thread in trace.sim.threads:
        bug, signal = cells.get(f"task/{thread}/bug"), cells.get(f"task/{thread}/signal")
        if bug:
            end = say("compare.end.bug", bug=f"`{bug}`")
        elif signal:
            end = trace.words.read(ended(signal, whole=False))
        elif not trace.sim.finished(thread):
            end = say("compare.end.blocked")
        else:
            continue
        yield say("ending.thread", who=f"@{thread}", end=end)
    for moment in (told.moment for told in trace.steps):
        if moment.op == "bad_fork":
            child = f"`{moment.args['child']}`"
            yield say("ending.no_child", who=f"@{moment.thread}", child=child)


def _met(trace: Trace, broken: bool) -> Iterator[str]:
    """Threads whose last accesses were of one address: in one frame, or not."""
    for one, other in combinations(_last_accesses(trace), 2):
        if _place(one) != _place(other):
            continue
        early, late = sorted((one, other), key=lambda moment: moment.number)
        mine, theirs = (f"`{moment.answer[1]:#x}`" for moment in (late, early))
        if mine != theirs and early.args["write"] and not late.args["write"]:
            who = {"late": f"@{late.thread}", "early": f"@{early.thread}"}
            yield trace.words.say("ending.apart", mine=mine, theirs=theirs, **who)
        elif mine == theirs and not broken:
            who = {"one": f"@{one.thread}", "other": f"@{other.thread}"}
            yield trace.words.say("ending.together", frame=mine, **who)
        return


def _saved(trace: Trace) -> Iterator[str]:
    """The first thread that looked again under the lock, found the pte filled, and let it be."""
    for told in trace.steps:
        moment = told.moment
        if told.narration.key != "read_pte.recheck_filled" or _stores(trace, moment):
            continue
        filled = trace.steps[moment.written[moment.step.reads[0]] - 1].moment
        who = {"who": f"@{moment.thread}", "other": f"@{filled.thread}"}
        at = {"step": f"#{moment.number}", "filled": f"#{filled.number}"}
        yield trace.words.say("ending.gave_way", **who, **at)
        return


def undone(trace: Trace) -> Iterator[str]:
    """The first thread that maps a driver's answer of before the pte's range was taken back."""
    for told in trace.steps:
        filled = told.moment
        asked = filled.seen.get("nopfn_ret")
        if filled.op != "set_pte_at" or asked is None or not filled.inside("do_no_pfn"):
            continue
        between = (told.moment for told in trace.steps[asked.number : filled.number])
        for zap in between:
            if zap.op == "read_pte" and zap.inside("unmap_mapping_range") and _same(zap, filled):
                who = {"who": f"@{filled.thread}", "other": f"@{zap.thread}"}
                at = {"step": f"#{filled.number}", "zap": f"#{zap.number}"}
                yield trace.words.say("ending.undone", **who, **at)
                return


def _same(one: Moment, other: Moment) -> bool:
    return _place(one) == _place(other)


def _stores(trace: Trace, look: Moment) -> bool:
    """Whether a thread changes the pte after all in the fault in which it has looked again."""
    for told in trace.steps[look.number :]:
        moment = told.moment
        if moment.thread == look.thread and moment.op in ("vm_fault", "access"):
            return False
        if moment.thread == look.thread and look.step.reads[0] in moment.delta:
            return True
    return False


def _place(access: Moment) -> tuple[str, int]:
    return access.args["mm"], access.args["address"] >> 12


def _last_accesses(trace: Trace) -> list[Moment]:
    """Of each thread the last access that came through."""
    done = [told.moment for told in trace.steps if told.moment.op == "access"]
    last = {moment.thread: moment for moment in done if moment.answer[0] == "ok"}
    return [last[thread] for thread in trace.sim.threads if thread in last]
