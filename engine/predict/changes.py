"""What becomes of ptes but by filling: a write to a read-only page, fork, mprotect, remap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.ledger import Moment
from engine.model.pte import pte_dirty, pte_write
from engine.predict.fact import Fact, Option, distinct
from engine.predict.past import Fault, Past

WP, FORK, MPROTECT, REFUSED, REMAP = 80, 75, 55, 70, 40
COPIES = ("ptep_establish", "set_pte_at")


def facts(past: Past) -> Iterator[Fact]:
    """Facts about system calls, and about ptes that were there before."""
    for fault in past.faults:
        found = _wp(fault)
        if found is not None:
            yield found
    yield from _forks(past)
    yield from _mprotects(past)
    yield from _remaps(past)


# --- a write to a read-only pte


def _wp(fault: Fault) -> Fact | None:
    """do_wp_page: copy, or reuse? Asked when it is about to look."""
    entered = next((m for m in fault.moments if m.inside("do_wp_page")), None)
    if entered is None or fault.handler != "handle_present_pte":
        return None
    inside = [m for m in fault.moments if m.inside("do_wp_page")]
    done = next((m for m in inside if m.op in (*COPIES, "ptep_set_access_flags")), None)
    if done is None:
        return None
    past = fault.past
    was, now = past.pte(fault.cell, entered.number - 1), past.pte(fault.cell, done.number)
    frame = f"`{past.arch.pte_pfn(was):#x}`"
    key = "copy" if past.arch.pte_pfn(was) != past.arch.pte_pfn(now) else "reuse"
    shared = "private" if fault.private else "shared"
    params = {"who": fault.who, "place": fault.place, "frame": frame, "step": f"#{done.number}"}
    options = [
        Option(k, past.say(f"wp.{k}", **params),
               past.told(done.number) if k == key else past.say(f"wp.{k}.{shared}.wrong", **params))
        for k in (key, *(k for k in ("copy", "reuse", "kept", "empty") if k != key))
    ]  # fmt: skip
    return Fact("pte_after", "wp", fault.thread, fault.nth, entered.number - 1, done.number, WP,
                past.say("wp.ask", **params), distinct(options))  # fmt: skip


# --- fork


def _forks(past: Past) -> Iterator[Fact]:
    """The first mapped pte that each fork hands on."""
    nth: Counter[str] = Counter()
    asked: set[str] = set()
    for moment in past.moments:
        if moment.op != "set_pte_at" or not moment.inside("copy_one_pte"):
            continue
        child = moment.args["mm"]
        if child in asked or not moment.args["pte"] & 1:
            continue
        asked.add(child)
        nth[moment.thread] += 1
        yield _fork(past, moment, nth[moment.thread])


def _fork(past: Past, moment: Moment, nth: int) -> Fact:
    pte, child = moment.args["pte"], moment.args["mm"]
    before = [m.number for m in past.of_thread(moment.thread) if m.number < moment.number
              and m.op == "read_pte" and not m.inside("copy_one_pte")]  # fmt: skip
    frame = f"`{past.arch.pte_pfn(pte):#x}`"
    key = "shared_rw" if pte_write(pte) else "shared_ro"
    params = {"who": f"@{moment.thread}", "child": child, "frame": frame}
    read = past.moments[before[-1] - 1]
    wrong = {k: f"fork.{k}.wrong" for k in ("copy", "shared_rw", "shared_ro", "empty")}
    own = [m for m in past.of_thread(moment.thread) if read.number < m.number < moment.number]
    protected = any(m.op == "ptep_set_wrprotect" for m in own)
    if not pte_write(read.answer) and not protected:
        wrong["shared_rw"] = "fork.shared_rw.wrong_ro"
    options = [
        Option(k, past.say(f"fork.{k}", **params),
               past.told(moment.number) if k == key else past.say(wrong[k], **params))
        for k in (key, *(k for k in ("copy", "shared_rw", "shared_ro", "empty") if k != key))
    ]  # fmt: skip
    return Fact("pte_after", "fork", moment.thread, nth, before[-1], moment.number, FORK,
                past.say("fork.ask", **params), distinct(options))  # fmt: skip


# --- mprotect


def _mprotects(past: Past) -> Iterator[Fact]:
    """The first mapped pte that each mprotect changes."""
    nth: Counter[str] = Counter()
    open_: dict[str, bool] = {}
    for moment in past.moments:
        if moment.op == "down_write":
            open_[moment.thread] = True
        inside = moment.op == "set_pte_at" and moment.inside("change_pte_range")
        if inside and open_.pop(moment.thread, False):
            nth[moment.thread] += 1
            yield _mprotect(past, moment, nth[moment.thread])


def _mprotect(past: Past, moment: Moment, nth: int) -> Fact:
    cell = f"pte/{moment.args['mm']}/{moment.args['address'] >> 12:#x}"
    now = past.pte(cell, moment.number)
    out = [m for m in past.of_thread(moment.thread)
           if m.op == "ptep_get_and_clear" and m.number < moment.number][-1]  # fmt: skip
    frame = f"`{past.arch.pte_pfn(now):#x}`"
    key = "none" if not now & 1 else "rw" if pte_write(now) else "ro"
    params = {"who": f"@{moment.thread}", "frame": frame}
    params["dirty"] = past.say("mprotect.dirty") if pte_dirty(now) else ""
    vma = _vma(past, moment)
    rights = _allowed(past, moment, vma)
    wrong = {k: f"mprotect.{k}.wrong" for k in ("rw", "ro", "empty", "none")}
    if rights != "rw":
        wrong["rw"] = "mprotect.rw.wrong_ro"
    prot = past.value(f"vma/{moment.args['mm']}/{vma}/prot", moment.number) or 0
    if key == "rw" and not pte_write(prot):
        wrong["ro"] = "mprotect.ro.wrong_dirty"
        params["kernel"] = past.called
    options = [
        Option(k, past.say(f"mprotect.{k}", **params),
               past.told(moment.number) if k == key else past.say(wrong[k], **params))
        for k in (key, *(k for k in wrong if k != key))
    ]  # fmt: skip
    ask = past.say("mprotect.ask", rights=past.say(f"mprotect.rights.{rights}"), vma=vma, **params)
    return Fact("pte_after", "mprotect", moment.thread, nth, out.number - 1, moment.number,
                MPROTECT, ask, distinct(options))  # fmt: skip


def _vma(past: Past, moment: Moment) -> str:
    looked = [m for m in past.of_thread(moment.thread)
              if m.op == "set_vma_flags" and m.number < moment.number]  # fmt: skip
    return str(looked[-1].args["vma"])


def _allowed(past: Past, moment: Moment, vma: str) -> str:
    """What the vma allows by now: "rw", "ro" or "none"."""
    flags = past.value(f"vma/{moment.args['mm']}/{vma}/flags", moment.number) or 0
    return "rw" if flags & 2 else "ro" if flags & 5 else "none"


# --- remap_pfn_range


def _remaps(past: Past) -> Iterator[Fact]:
    """What each thread's first mmap of a device comes to."""
    for thread in past.trace.sim.threads:
        own = past.of_thread(thread)
        looked = next((m for m in own if m.op == "read_vma" and m.where == "mmap_remap"), None)
        later = [m for m in own if looked and m.number > looked.number]
        done = next((m for m in later if m.op in ("set_pte_at", "up_write")), None)
        if looked is None or done is None:
            continue
        if done.op == "up_write" and done is not later[0]:
            continue  # it failed on the way, for want of memory
        key = "mapped" if done.op == "set_pte_at" else "refused"
        params = {"who": f"@{thread}", "vma": looked.args["vma"], "step": f"#{done.number}"}
        order = [key, *(k for k in ("mapped", "refused", "later") if k != key)]
        options = [
            Option(k, past.say(f"remap.{k}", **params),
                   past.say(f"remap.{k}.{'right' if k == key else 'wrong'}", **params))
            for k in order
        ]  # fmt: skip
        yield Fact("returns", "remap", thread, 1, looked.number, done.number,
                   REFUSED if key == "refused" else REMAP, past.say("remap.ask", **params),
                   distinct(options))  # fmt: skip
