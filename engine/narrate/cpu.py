"""Accesses and what the hardware makes of them; TLB flushes."""

from __future__ import annotations

from engine.model.pte import pte_dirty, pte_none, pte_present, pte_write
from engine.narrate.view import Narration, View, frame, lock_name, tells
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
    return f"{v.who} {'writes to' if v.args['write'] else 'reads'} {v.place()}"


def _killed(v: View) -> Narration:
    sent = v.wrote(f"task/{v.thread}/sigkill")
    what = f"{v.who} dies of `SIGKILL` on its way back to user mode, before the access."
    why = f"Because {v.actor(sent)} sent it at #{sent.number}." if sent else ""
    return v.say("killed", what, why)


@tells("send_sig")
def send_sig(v: View) -> Narration:
    """kill -9."""
    victim = v.args["victim"]
    others = [t for t in v.world.victims[victim] if t not in (victim, v.thread)]
    whole = f", and with it {_names(others)}, of the same process" if others else ""
    what = f"{v.who} sends @{victim} `SIGKILL`{whole}: it is pending from now on."
    told = [_found(v, thread) for thread in (victim, *others)]
    return v.say("", what, " ".join(told), victim=victim)


def _names(threads: list[str]) -> str:
    return " and ".join(f"@{t}" for t in threads)


def _found(v: View, victim: str) -> str:
    """Where the signal finds a thread, and what it must do first."""
    if v.ledger.sim.finished(victim):
        return f"@{victim} has come to its end already."
    stands = v.ledger.sim.position[victim]
    if not stands.stack:
        return f"@{victim} is in user mode: its next access does not happen any more."
    where = f"@{victim} is in the kernel, in `{stands.stack[-1][0].partition('@')[0]}`"
    blocked = v.ledger.sim.blocked(victim)
    if blocked:
        return f"{where}, and no signal ends its waiting for {lock_name(blocked[0])}."
    return f"{where}: it finishes the fault, and finds the signal on its way back to user mode."


def _hit(v: View) -> Narration:
    pfn, pte = v.answer[1], v.machine.get(v.pte_cell) or 0
    cpu = v.world.cpu_of[v.thread]
    since = v.wrote(f"tlb/{cpu}/{v.args['address'] >> 12:#x}")
    says = disagreement(v.ledger.sim, pte, pfn, v.args["write"])
    if says:
        what = f"{_does(v)} through its old TLB entry, frame {frame(pfn)}, although now {says}."
        changed = v.changed()
        why = f"Because {v.deed(changed, v.pte_cell)}, unflushed so far." if changed else ""
        return v.say("stale", what, why, pfn=f"{pfn:#x}", cpu=cpu)
    what = f"{_does(v)} through cpu{cpu}'s TLB entry: frame {frame(pfn)}."
    why = f"Because the entry is there since #{since.number}; no walk is needed." if since else ""
    return v.say("tlb_hit", what, why, pfn=f"{pfn:#x}", cpu=cpu)


def _walk(v: View) -> Narration:
    pfn = v.answer[1]
    why = _filled(v)
    params = {"pfn": f"{pfn:#x}"}
    if v.args["write"] and straight(v, pfn):
        what = f"{_does(v)}: it hits frame {frame(pfn)} itself, although the mapping is private."
        return v.say("private_write", what, why, **params)
    was, now = v.change()
    if v.args["write"] and not pte_dirty(was) and pte_dirty(now):
        what = f"{_does(v)}: the CPU walks to frame {frame(pfn)} and sets the dirty bit in the pte."
        return v.say("walk_dirty", what, why, **params)
    what = f"{_does(v)}: the CPU walks to frame {frame(pfn)} and keeps that in its TLB."
    return v.say("walk", what, why, **params)


def straight(v: View, pfn: int) -> bool:
    """Whether a private mapping shows a frame that is not its own copy."""
    kind = v.machine.get(f"page/{pfn:#x}/kind")
    return v.private(v.args["mm"], v.args["address"]) and kind not in ("anon", "swapcache")


def _filled(v: View) -> str:
    changed = v.changed() if v.args["write"] else v.mapped()
    if changed is None:
        return ""
    return f"Because {v.deed(changed, v.pte_cell)}."


def _fault(v: View) -> Narration:
    pte = v.machine.get(v.pte_cell) or 0
    table = any(c.startswith("pmd/") and v.machine.get(c) for c in v.moment.step.reads)
    does = _does(v)
    if not table:
        what = f"{does} and faults: there is no page table for it yet."
        return v.say("fault_no_table", what, _emptied(v, "Nobody has touched this region yet."))
    if pte_none(pte):
        why = _emptied(v, "Nobody has filled this pte yet.")
        return v.say("fault_none", f"{does} and faults: its pte is empty.", why)
    if not pte & 1:
        why_not = "its pte has no rights" if pte_present(pte) else "the page is in swap"
        why_not = "only half of its pte is there" if v.half(pte) else why_not
        return v.say("fault_absent", f"{does} and faults: {why_not}.", _emptied(v, ""))
    what = f"{does} and faults: the pte is there, but read-only."
    return v.say("fault_readonly", what, _protected(v), pfn=v.pfn(pte).strip("`"))


def _emptied(v: View, otherwise: str) -> str:
    changed = v.changed()
    if changed is None:
        return otherwise
    return f"Because {v.deed(changed, v.pte_cell)}."


def _protected(v: View) -> str:
    for number in reversed(v.ledger.writes.get(v.pte_cell, ())):
        writer = v.ledger[number]
        was, now = (value or 0 for value in writer.delta[v.pte_cell])
        if not pte_write(now) and (pte_write(was) or not was & 1):
            how = "took the right to write away" if was & 1 else "mapped it so"
            return f"Because {v.actor(writer)} {how} at #{writer.number}."
    return ""


@tells("livelock")
def livelock(v: View) -> Narration:
    """Too many faults."""
    last = v.seen("access")
    why = f"Because the access has just failed again at #{last.number}." if last else ""
    return v.say("", f"{v.who} has faulted again and again; the simulation gives up.", why)


@tells("bad_mmap")
def bad_mmap(v: View) -> Narration:
    """A driver's mmap failed."""
    vma, error = v.args["vma"], v.args["error"]
    what = f"{v.who}'s `mmap` of `{vma}` fails with `{error}`; its program ends here."
    why = "A COW mapping must be remapped whole." if error == -22 else ""
    return v.say("", what, why, error=error)


@tells("flush_tlb_page", "flush_tlb_range", "flush_tlb_mm", "tlb_finish_mmu")
def flush(v: View) -> Narration:
    """Which CPUs had something to forget."""
    cpus = sorted({c.split("/")[1] for c in v.moment.delta if c.startswith("tlb/")})
    after = " and ends the gather" if v.moment.op == "tlb_finish_mmu" else ""
    changed = v.seen("ptep_establish", "ptep_set_access_flags", "ptep_clear_flush",
                     "ptep_get_and_clear", "ptep_set_wrprotect")  # fmt: skip
    why = f"Because it changed the page table at #{changed.number}." if changed else ""
    if not cpus:
        return v.say("nothing", f"{v.who} flushes the TLBs{after}; no CPU had an entry.", why)
    names = " and ".join(f"cpu{cpu}" for cpu in cpus)
    what = f"{v.who} flushes the TLBs{after}: {names} must walk again for {_scope(v)}."
    return v.say("drops", what, why, cpus=cpus)


def _scope(v: View) -> str:
    if v.moment.op == "flush_tlb_page":
        return v.place()
    return f"all of {v.args['mm']}"


@tells("tlb_remove_tlb_entry")
def remember(v: View) -> Narration:
    """Gathered."""
    what = f"{v.who} notes that the TLB entry of {v.place()} must go when the zap ends."
    return v.say("", what, "Until then other CPUs may still use their old entries.")


@tells("update_mmu_cache")
def update(v: View) -> Narration:
    """Nothing on x86."""
    return v.say("", f"{v.who} calls `update_mmu_cache`, which does nothing on x86.")
