"""Who gets a lock: faults share mmap_sem, everything else waits."""

from __future__ import annotations

from collections.abc import Iterator

from engine.ledger import Moment
from engine.narrate.view import lock_name
from engine.predict.fact import Fact, Option, option
from engine.predict.past import Past

SHARED, WAITS, MODE = 55, 75, 25


def facts(past: Past) -> Iterator[Fact]:
    """The first time that each thread meets each lock in another's hands."""
    met: set[tuple[str, str]] = set()
    waiting: dict[str, str] = {}
    for moment in past.moments:
        for thread, (lock, by) in moment.waiting.items():
            if waiting.get(thread) != lock and (thread, lock) not in met:
                met.add((thread, lock))
                yield _waits(past, moment, thread, lock, by)
        waiting = {thread: lock for thread, (lock, _) in moment.waiting.items()}
        if moment.op == "down_read":
            yield from _shares(past, moment, met)
        if moment.op in ("down_read", "down_write") and (moment.thread, moment.op) not in met:
            met.add((moment.thread, moment.op))
            yield _mode(past, moment)


def _shares(past: Past, moment: Moment, met: set[tuple[str, str]]) -> Iterator[Fact]:
    lock = f"lock/mmap_sem/{moment.args['mm']}"
    readers = (past.value(lock, moment.number - 1) or ("",))[1:]
    others = [reader for reader in readers if reader != moment.thread]
    key = past.trace.steps[moment.number - 1].narration.key
    if not others or (moment.thread, lock) in met or key == "down_read.past_writer":
        return
    met.add((moment.thread, lock))
    params = {
        "who": f"@{moment.thread}",
        "holder": f"@{others[0]}",
        "lock": lock_name(lock, past.trace.words),
    }
    options = (_option(past, "shares", "right", params), _option(past, "waits", "shared", params),
               _option(past, "unlocked", "wrong", params))  # fmt: skip
    ask = past.say("lock.ask.sem", taken=_taken(past, lock, others[0], moment.number), **params)
    yield Fact("lock", _topic(lock), moment.thread, 1, moment.number - 1, moment.number, SHARED,
               ask, options)  # fmt: skip


def _mode(past: Past, moment: Moment) -> Fact:
    """How a fault or a system call takes mmap_sem; for runs in which little else happens."""
    key, where = moment.op.removeprefix("down_"), "fault" if moment.op == "down_read" else "call"
    params = {"who": f"@{moment.thread}"}
    other = "write" if key == "read" else "read"
    options = [option(past, key, f"mode.{key}", f"mode.{key}.right", **params)]
    options.append(option(past, other, f"mode.{other}", f"mode.{other}.wrong", **params))
    options.append(option(past, "never", "mode.never", f"mode.never.wrong_{where}", **params))
    return Fact("lock", "mode", moment.thread, 1, moment.number - 1, moment.number, MODE,
                past.say(f"mode.ask.{where}", **params), tuple(options))  # fmt: skip


def _waits(past: Past, moment: Moment, thread: str, lock: str, by: tuple[str, ...]) -> Fact:
    """`moment`: the step after which the thread waits, its own or the one that took the lock."""
    got = next((m for m in past.of_thread(thread) if m.number > moment.number), None)
    key = "waits" if got else "forever"
    words = past.trace.words
    holder = words.say("verdicts.itself") if by[0] == thread else f"@{by[0]}"
    params = {"who": f"@{thread}", "holder": holder, "lock": lock_name(lock, words)}
    if got is not None:
        params["got"] = f"#{got.number}"
    ptl = "wrong_ptl" if _topic(lock) == "ptl" else "wrong"
    options = (_option(past, key, "right", params),
               _option(past, "forever" if got else "waits", "wrong", params),
               _option(past, "shares", _unshared(past, lock, moment.number), params),
               _option(past, "unlocked", ptl, params))  # fmt: skip
    before = "own" if moment.thread == thread else "other"
    ask = past.say(f"lock.ask.{before}", taken=_taken(past, lock, by[0], moment.number), **params)
    return Fact("lock", _topic(lock), thread, 1, moment.number - 1, moment.number, WAITS, ask,
                options)  # fmt: skip


def _unshared(past: Past, lock: str, after: int) -> str:
    """Why a lock is not shared: a spinlock has one holder, and mmap_sem one writer or readers."""
    if _topic(lock) != "mmap_sem":
        return "wrong"
    writer, *_ = past.value(lock, after)
    return "wrong_written" if writer else "wrong_writer"


def _topic(lock: str) -> str:
    """Which kind of lock it is: waiting for one tells nothing of another."""
    return lock.split("/")[1]


def _option(past: Past, key: str, variant: str, params: dict[str, str]) -> Option:
    return option(past, key, f"lock.{key}", f"lock.{key}.{variant}", **params)


def _taken(past: Past, lock: str, holder: str, before: int) -> str:
    """ " since #8", if the holder has the lock already."""
    for number, value in reversed(past.writes.get(lock, [])):
        if number < before and past.moments[number - 1].thread == holder and value:
            return past.say("lock.since", step=f"#{number}")
    return ""
