"""Accesses and what the hardware makes of them; TLB flushes."""

from __future__ import annotations

from engine.model.pte import pte_dirty, pte_none, pte_present, pte_write
from engine.narrate.view import Narration, View, at, frame, tells
from engine.verdicts import disagreement, used_tlb


@tells("access")
def access(v: View) -> Narration:
    """A load or store: a hit, a walk, or a fault."""
    if v.answer[0] == "fault":
        return _fault(v)
    if v.answer[0] == "killed":
        return _killed(v)
    if used_tlb(v.moment):
        return _hit(v)
    return _walk(v)


def _does(v: View) -> str:
    return v.text("access.writes" if v.args["write"] else "access.reads", place=v.place())


def _killed(v: View) -> Narration:
    sent = v.wrote(f"task/{v.thread}/sigkill")
    why = v.text("access.why_killed", actor=v.actor(sent), step=at(sent)) if sent else ""
    return v.say("killed", v.text("access.killed"), why)


@tells("send_sig")
def send_sig(v: View) -> Narration:
    """kill -9."""
    victim = v.args["victim"]
    others = [t for t in v.world.victims[victim] if t not in (victim, v.thread)]
    if others:
        what = v.text("send_sig.whole", victim=f"@{victim}", others=v.all_of(others))
    else:
        what = v.text("send_sig", victim=f"@{victim}")
    told = [_found(v, thread) for thread in (victim, *others)]
    return v.say("", what, " ".join(told), victim=victim)


def _found(v: View, thread: str) -> str:
    """Where the signal finds a thread, and what it must do first."""
    victim = f"@{thread}"
    if v.ledger.sim.finished(thread):
        return v.text("send_sig.why_ended", victim=victim)
    stands = v.ledger.sim.position[thread]
    if not stands.stack:
        return v.text("send_sig.why_user", victim=victim)
    function = stands.stack[-1][0].partition("@")[0]
    blocked = v.ledger.sim.blocked(thread)
    if blocked:
        lock = v.lock(blocked[0])
        return v.text("send_sig.why_waits", victim=victim, function=function, lock=lock)
    return v.text("send_sig.why_kernel", victim=victim, function=function)


def _hit(v: View) -> Narration:
    pfn, pte = v.answer[1], v.machine.get(v.pte_cell) or 0
    cpu = v.world.cpu_of[v.thread]
    since = v.wrote(f"tlb/{cpu}/{v.args['address'] >> 12:#x}")
    says = disagreement(v.ledger.sim, pte, pfn, v.args["write"])
    params = {"pfn": f"{pfn:#x}", "cpu": cpu}
    if says:
        now = v.ledger.words.read(says)
        what = v.text("access.stale", does=_does(v), frame=frame(pfn), says=now)
        changed = v.changed()
        deed = v.deed(changed, v.pte_cell) if changed else ""
        return v.say("stale", what, deed and v.text("access.why_stale", deed=deed), **params)
    what = v.text("access.tlb_hit", does=_does(v), cpu=cpu, frame=frame(pfn))
    why = v.text("access.why_tlb_hit", step=at(since)) if since else ""
    return v.say("tlb_hit", what, why, **params)


def _walk(v: View) -> Narration:
    pfn = v.answer[1]
    fields = {"does": _does(v), "frame": frame(pfn)}
    why = v.because(v.changed() if v.args["write"] else v.mapped(), v.pte_cell)
    params = {"pfn": f"{pfn:#x}"}
    if v.args["write"] and straight(v, pfn):
        return v.say("private_write", v.text("access.private_write", **fields), why, **params)
    was, now = v.change()
    if v.args["write"] and not pte_dirty(was) and pte_dirty(now):
        return v.say("walk_dirty", v.text("access.walk_dirty", **fields), why, **params)
    return v.say("walk", v.text("access.walk", **fields), why, **params)


def straight(v: View, pfn: int) -> bool:
    """Whether a private mapping shows a frame that is not its own copy."""
    kind = v.machine.get(f"page/{pfn:#x}/kind")
    return v.private(v.args["mm"], v.args["address"]) and kind not in ("anon", "swapcache")


def _fault(v: View) -> Narration:
    pte = v.machine.get(v.pte_cell) or 0
    table = any(c.startswith("pmd/") and v.machine.get(c) for c in v.moment.step.reads)
    does = _does(v)
    if not table:
        why = _emptied(v, v.text("access.why_no_table"))
        return v.say("fault_no_table", v.text("access.no_table", does=does), why)
    if pte_none(pte):
        why = _emptied(v, v.text("access.why_none"))
        return v.say("fault_none", v.text("access.none", does=does), why)
    if v.half(pte):
        return v.say("fault_absent", v.text("access.half", does=does), _emptied(v, ""))
    if not pte & 1:
        key = "access.no_rights" if pte_present(pte) else "access.in_swap"
        return v.say("fault_absent", v.text(key, does=does), _emptied(v, ""))
    params = {"pfn": v.pfn(pte).strip("`")}
    drops = any(cell.startswith("tlb/") for cell in v.moment.delta)
    what = v.text("access.readonly_drops" if drops else "access.readonly", does=does)
    return v.say("fault_readonly", what, _protected(v), **params)


def _emptied(v: View, otherwise: str) -> str:
    return v.because(v.changed(), v.pte_cell, otherwise)


def _protected(v: View) -> str:
    for number in reversed(v.ledger.writes.get(v.pte_cell, ())):
        writer = v.ledger[number]
        was, now = (value or 0 for value in writer.delta[v.pte_cell])
        if not pte_write(now) and (pte_write(was) or not was & 1):
            key = "access.why_protected" if was & 1 else "access.why_mapped_so"
            return v.text(key, actor=v.actor(writer), step=at(writer))
    return ""


@tells("livelock")
def livelock(v: View) -> Narration:
    """Too many faults."""
    last = v.seen("access")
    why = v.text("livelock.why", step=at(last)) if last else ""
    return v.say("", v.text("livelock"), why)


@tells("bad_mmap")
def bad_mmap(v: View) -> Narration:
    """A driver's mmap failed."""
    vma, error = v.args["vma"], v.args["error"]
    why = v.text("bad_mmap.why") if error == -22 else ""
    return v.say("", v.text("bad_mmap", vma=vma, error=error), why, error=error)


@tells("flush_tlb_page", "flush_tlb_range", "flush_tlb_mm", "tlb_finish_mmu")
def flush(v: View) -> Narration:
    """Which CPUs had something to forget."""
    cpus = sorted({c.split("/")[1] for c in v.moment.delta if c.startswith("tlb/")})
    changed = v.seen("ptep_establish", "ptep_set_access_flags", "ptep_clear_flush",
                     "ptep_get_and_clear", "ptep_set_wrprotect")  # fmt: skip
    why = v.text("flush.why", step=at(changed)) if changed else ""
    gathered = v.moment.op == "tlb_finish_mmu"
    if not cpus:
        key = "flush.end_nothing" if gathered else "flush.nothing"
        return v.say("nothing", v.text(key, gone=_gone(v)), why)
    names = v.ledger.words.all_of(f"cpu{cpu}" for cpu in cpus)
    key = "flush.end_drops" if gathered else "flush.drops"
    return v.say("drops", v.text(key, cpus=names, scope=_scope(v)), why, cpus=cpus)


def _gone(v: View) -> str:
    """Where the last entry for the page went, if there was one."""
    if v.moment.op != "flush_tlb_page":
        return ""
    mm, page = v.args["mm"], v.args["address"] >> 12
    cells = [f"tlb/{cpu}/{page:#x}" for cpu in set(v.world.cpu_of.values())]
    ends = [(v.ledger[v.ledger.writer[c]], c) for c in cells if c in v.ledger.writer]
    dropped = [moment for moment, cell in ends
               if moment.delta[cell][1] is None and moment.delta[cell][0][0] == mm]  # fmt: skip
    if not dropped:
        return ""
    last = max(dropped, key=lambda moment: moment.number)
    return v.text("flush.gone", actor=f"@{last.thread}", step=at(last))


def _scope(v: View) -> str:
    if v.moment.op == "flush_tlb_page":
        return v.place()
    return v.text("flush.all_of", mm=v.args["mm"])


@tells("tlb_remove_tlb_entry")
def remember(v: View) -> Narration:
    """Gathered."""
    what = v.text("tlb_remove_tlb_entry", place=v.place())
    return v.say("", what, v.text("tlb_remove_tlb_entry.why"))


@tells("update_mmu_cache")
def update(v: View) -> Narration:
    """Nothing on x86."""
    return v.say("", v.text("update_mmu_cache"))
