"""How the revision's own handler does it: its run of the same scene, read as moves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from engine import trace
from engine.byhand.deeds import COUNTED
from engine.byhand.hand import Hand
from engine.byhand.moves import CHECKS, CODES
from engine.byhand.tasks import find_task, task_scene
from engine.kernel import FUNCTIONS
from engine.ledger import Moment
from engine.source import listings
from engine.trace import Told, Trace
from engine.verdicts import Verdict


class Place(NamedTuple):
    """A line of one of our handlers. function: its id."""

    function: str
    line: int


class Event(NamedTuple):
    """A move that the handler made. place: the line that decided it. at: the line that does it."""

    move: str
    place: Place
    at: Place
    told: Told


class Reference(NamedTuple):
    """The whole run, the student's part of it as moves, and the rules that it breaks itself."""

    trace: Trace
    events: tuple[Event, ...]
    breaks: frozenset[str]

    def lines(self) -> dict[str, list[int]]:
        """Which lines the handler went through, by function."""
        taken: dict[str, set[int]] = {}
        for event in self.events:
            for function, line in event.told.moment.stack:
                taken.setdefault(function, set()).add(line)
        return {function: sorted(lines) for function, lines in taken.items()}


@lru_cache(maxsize=64)
def reference(task_id: str, kernel: str, language: str) -> Reference:
    """The revision's own run of a task."""
    task = find_task(task_id)
    run = trace.run(task_scene(task_id), kernel, language=language)
    steps = list(_fault(run, task.thread, task.fault))
    entry = next(t.moment for t in reversed(run.steps[: steps[0].moment.number - 1])
                 if t.moment.thread == task.thread)  # fmt: skip
    mm, address, write = entry.step.node.op.args  # type: ignore[union-attr]
    hand = Hand(mm, address, write, run.arch)
    events = tuple(_events(steps, hand))
    bad = {v.id for found in run.verdicts.values() for v in found if counts_against(v)}
    breaks = frozenset({rule["id"] for rule in run.invariants if not rule["holds"]} | bad)
    return Reference(run, events, breaks)


def counts_against(verdict: Verdict) -> bool:
    """Whether a handler answers for it: a rule broken, an access that never comes through."""
    return verdict.level == "bad" or verdict.id == "livelock"


def _fault(run: Trace, thread: str, wanted: int) -> Any:
    """The steps of a thread's n-th fault."""
    count = 0
    for told in run.steps:
        moment = told.moment
        if moment.thread != thread:
            continue
        if moment.op == "access":
            count += moment.answer[0] == "fault"
        elif count == wanted and moment.inside("do_page_fault"):
            yield told


def _events(steps: list[Told], hand: Hand) -> Any:
    """The moves among these steps; the one that leaves comes last, whatever is counted before."""
    before: tuple[Any, ...] = ()
    leave: Event | None = None
    for told in steps:
        moment = told.moment
        op = moment.step.node.op
        assert op is not None
        move = _move(moment, hand)
        hand.note(op, moment.answer)
        if move is None:
            continue
        event = Event(move, _place(before, moment.stack), _at(moment.stack), told)
        before = moment.stack
        if move in ("iret", "bad_area"):
            leave = event
        else:
            yield event
    if leave:
        yield leave


def _place(before: tuple[Any, ...], now: tuple[Any, ...]) -> Place:
    """Where the way of two stacks parts: the line that decided what came next."""
    common = 0
    while common < min(len(before), len(now)) and before[common] == now[common]:
        common += 1
    return Place(*now[min(common, len(now) - 1)])


def _at(stack: tuple[Any, ...]) -> Place:
    """The innermost function that is more than a few lines of a header, or a method's call."""
    known = {function.id: function for function in FUNCTIONS.values()}
    plain = [f for f in stack if not known[f[0]].inline and f[0].partition("@")[0] not in METHODS]
    return Place(*plain[-1])


METHODS = ("nopage", "nopfn", "page_cache_release", "page_remove_rmap", "cow_user_page")
SAME_NAME = ("down_read", "up_read", "find_vma", "read_pte", "read_truncate_count",
             "anon_vma_prepare")  # fmt: skip
AS_MOVES = {
    "count_pgfault": "walk",
    "nopage_call": "nopage",
    "nopfn_call": "nopfn",
    "alloc_page_vma": "alloc_page",
    "alloc_zeroed_user_highpage": "alloc_zeroed",
    "ptep_clear_flush": "clear",
    **{name: name for name in SAME_NAME},
}
ABOUT = {
    "get_page": "get",
    "put_page": "put",
    "page_add_new_anon_rmap": "add_anon",
    "page_add_file_rmap": "add_file",
    "dec_mapcount": "remove_rmap",
}
STORES = {
    "set_pte_at": "set_pte",
    "ptep_establish": "establish",
    "ptep_set_access_flags": "access_flags",
}


def _move(moment: Moment, hand: Hand) -> str | None:
    """The step as a move; None for what goes with one, or changes nothing on this machine."""
    op, args = moment.op, moment.args
    if op in AS_MOVES:
        return AS_MOVES[op]
    if op in ABOUT:
        return f"{ABOUT[op]}.{hand.origin(args['page'])}"
    if op in STORES:
        return f"{STORES[op]}.{hand.store(args['pte'])}"
    if op in ("spin_lock", "spin_unlock") and args["lock"].startswith("lock/ptl/"):
        return op
    if op == "copy_user_highpage":
        return f"copy.{hand.origin(args['source'])}"
    if op == "read_page_anon" and moment.where in ("can_reuse_anon", "do_wp_page"):
        return f"can_share.{hand.origin(args['page'])}"
    if op == "flush_tlb_page" and moment.where == "handle_present_pte":
        return "flush"
    return _assertion_or_end(moment)


def _assertion_or_end(moment: Moment) -> str | None:
    op, args = moment.op, moment.args
    if op == "BUG_ON" and args["condition"]:
        return next((f"check.{n}" for n, (_, text) in CHECKS.items() if text == args["text"]), None)
    if op == "vm_fault":
        return "ret." + next(name for name, code in CODES.items() if code == args["ret"])
    if op == "force_sig" and args["signal"] == "SIGSEGV":
        return "bad_area"
    counted = op == "count_fault" and args["kind"] in COUNTED.values()
    return "iret" if counted or op in ("force_sig", "do_exit") else None


def source_of(ref: Reference, functions: Any) -> dict[str, Any]:
    """The listings of these functions, as the page shows them."""
    return listings(dict.fromkeys(functions), ref.trace.kernel)
